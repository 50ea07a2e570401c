/**
 * Bytes on their way into TLS, so many a turn of the event loop at most. Node reads from a connection below TLS up to 2 MiB at a time and decrypts all of it at once,
 * natively, which takes more than a second where each record renews the keys. In between costs a fifth of the CPU and more: so only for those who did that.
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** A turn takes 10 ms of them at the worst: 27 bytes that renew the keys cost 17 µs. */
export const bytesOfTurn = 16 * 1024;

/** Shares each turn among the connections that have bytes to hand on. */
export class Meter {
  /** In the order of their turns. */
  readonly #waiting = new Set<MeteredSocket>();
  #left = bytesOfTurn;
  #running = false;

  wait(socket: MeteredSocket): void {
    this.#waiting.add(socket);
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => this.#turn());
  }

  forget(socket: MeteredSocket): void {
    this.#waiting.delete(socket);
  }

  #turn(): void {
    this.#left = bytesOfTurn;
    for (const socket of this.#waiting) {
      this.#waiting.delete(socket);
      this.#left -= socket.handOn(this.#left);
      if (this.#left <= 0) break;
    }
    this.#running = this.#waiting.size > 0;
    if (this.#running) setImmediate(() => this.#turn());
  }
}

/** A connection as TLS sees it. */
export class MeteredSocket extends Duplex {
  /** Handed on, as of a socket. */
  bytesRead = 0;
  #held: Buffer | null = null;
  #wanted = false;
  #ended = false;

  constructor(
    readonly below: Socket,
    private readonly meter: Meter,
  ) {
    super();
    below.on('data', (bytes: Buffer) => {
      below.pause();
      this.#held = this.#held ? Buffer.concat([this.#held, bytes]) : bytes;
      this.#ask();
    });
    below.on('end', () => {
      this.#ended = true;
      this.#ask();
    });
    below.on('error', (error) => this.destroy(error));
    below.on('close', () => {
      if (!this.#held && !this.#ended) this.destroy(); // else when that is handed on
    });
    below.pause();
  }

  /** Hands on so many bytes at most. Answers how many. */
  handOn(most: number): number {
    if (this.destroyed) return 0;
    const bytes = this.#held?.subarray(0, most);
    if (bytes) {
      this.#held = this.#held && this.#held.length > most ? this.#held.subarray(most) : null;
      this.bytesRead += bytes.length;
      this.#wanted = this.push(bytes);
    }
    if (this.#held) this.#ask();
    else if (this.#ended) {
      this.#ended = this.#wanted = false;
      this.push(null);
    } else if (this.below.closed) this.destroy();
    else if (this.#wanted) this.below.resume();
    return bytes?.length ?? 0;
  }

  override _read(): void {
    this.#wanted = true;
    if (this.#held || this.#ended) this.#ask();
    else this.below.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.below.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.below.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.meter.forget(this);
    this.below.destroy();
    done(error);
  }

  #ask(): void {
    if (this.#wanted) this.meter.wait(this);
  }
}

/** What lies below a connection of TLS, if it is metered. Node shows it on the handle alone. */
export function meteredBelow(tls: Socket): MeteredSocket | undefined {
  const { _handle: handle } = tls as { readonly _handle?: { readonly _parentWrap?: { readonly stream?: unknown } } };
  const below = handle?._parentWrap?.stream;
  return below instanceof MeteredSocket ? below : undefined;
}
