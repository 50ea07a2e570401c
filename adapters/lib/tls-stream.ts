/** One TLS connection past its handshake: decrypted bytes into the feeder, paused while anything is full. */
import type { TLSSocket } from 'node:tls';
import type { Admission, Feeder, TcpSettings } from '../../engine/contracts.js';
import type { Sender, Senders } from './senders.js';

/** Why a connection ended, as counters name it: connections_closed_<reason>_total. */
export type CloseReason = 'by_peer' | 'idle' | 'slow' | 'memory' | 'error' | 'shutdown';

export interface TlsStreamContext {
  readonly feeder: Feeder;
  readonly admission: Admission;
  readonly limits: Omit<TcpSettings, 'framing'>;
  readonly senders: Senders;
  /** Bytes of unfinished frames that all connections may hold together. */
  readonly heldBytesMax: number;
  count(name: string): void;
}

const memoryLookMs = 250;

export class TlsStream {
  reason: CloseReason = 'by_peer';
  /** Resolves when it is closed and the rings have all of it. */
  readonly ended: Promise<void>;
  /** Why it is not read now; several may hold at once. */
  readonly #pauses = new Set<'ring' | 'rate' | 'memory'>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: TLSSocket,
    private readonly stream: number,
    private readonly sender: Sender,
    private readonly context: TlsStreamContext,
  ) {
    const { idleTimeoutMs } = context.limits;
    if (idleTimeoutMs > 0)
      socket.setTimeout(idleTimeoutMs, () => {
        if (this.#pauses.size === 0) this.close('idle'); // else it waits for us
      });
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('end', () => socket.end());
    socket.on('error', () => {
      if (this.reason === 'by_peer') this.reason = 'error';
    });
    this.ended = new Promise<void>((resolve) => socket.once('close', () => resolve())).then(() => {
      clearTimeout(this.#timer);
      context.count(`connections_closed_${this.reason}_total`);
      return context.feeder.close(stream);
    });
  }

  close(reason: CloseReason): void {
    this.reason = reason;
    this.socket.destroy();
  }

  /** Ends it when the frame it began did not end in time. */
  checkFrame(timeoutMs: number): void {
    if (this.#pauses.size === 0 && this.context.feeder.partialAgeMs(this.stream) > timeoutMs) this.close('slow');
  }

  /** The rate of its sender has changed: what it waits for is reckoned anew. */
  retuned(): void {
    if (this.#pauses.has('rate')) this.#look();
  }

  #take(bytes: Buffer): void {
    const { feeder, admission, senders, heldBytesMax } = this.context;
    const taken = feeder.write(this.stream, bytes, () => this.#resume('ring'));
    if (!taken) this.#pause('ring');
    if (feeder.heldBytes() > heldBytesMax) this.close('memory');
    senders.charge(this.sender, bytes.length);
    const waitMs = senders.wait(this.sender, Date.now());
    if (waitMs > 0) {
      this.context.count('rate_pauses_total');
      this.#pauseFor('rate', waitMs);
    }
    if (admission.memoryFull()) this.#pauseFor('memory', memoryLookMs);
  }

  #pauseFor(why: 'rate' | 'memory', ms: number): void {
    this.#pause(why);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), ms);
  }

  #look(): void {
    const waitMs = this.context.senders.wait(this.sender, Date.now());
    const full = this.context.admission.memoryFull();
    if (full) this.#pauseFor('memory', memoryLookMs);
    if (waitMs > 0) this.#pauseFor('rate', waitMs);
    else this.#resume('rate');
    if (!full) this.#resume('memory');
  }

  #pause(why: 'ring' | 'rate' | 'memory'): void {
    this.#pauses.add(why);
    this.socket.pause();
  }

  #resume(why: 'ring' | 'rate' | 'memory'): void {
    this.#pauses.delete(why);
    if (this.#pauses.size === 0) this.socket.resume();
  }
}
