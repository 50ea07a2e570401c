/** What a listener keeps of each of its connections: the way to its worker, its sender, and whose turn it is. */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Feeder, RateLimit } from '../../../engine/contracts.js';
import { plainAddress, type Sender, type Senders, senderOf } from '../../lib/senders.js';

export interface HttpConnection {
  /** Of the feeder: what it delivers goes to one worker, in order. */
  readonly stream: number;
  readonly address: string;
  /** Whose rate its requests are of; null: the connection is gone, or there is no place to remember its sender. */
  readonly sender: Sender | null;
}

interface Entry extends HttpConnection {
  /** Requests under way. */
  requests: number;
  gone: boolean;
  /** Resolves when the request before has handed over its events. */
  turn: Promise<void>;
}

export class HttpConnections {
  readonly #entries = new WeakMap<Socket, Entry>();

  /** `subjects`: senders by certificate, where rates are of those. */
  constructor(
    private readonly feeder: Feeder,
    private readonly listenerIndex: number,
    readonly senders: Senders,
    private readonly subjects: Senders | null,
  ) {}

  /**
   * Runs one request. `takeTurn` resolves when the requests before it have handed over their events; `handedOver` says that
   * this one has, else its end does.
   */
  async use<T>(
    socket: Socket,
    request: (connection: HttpConnection, takeTurn: () => Promise<void>, handedOver: () => void) => Promise<T>,
  ): Promise<T> {
    const entry = this.#entry(socket);
    const before = entry.turn;
    let pass = () => {};
    entry.turn = new Promise((resolve) => {
      pass = resolve;
    });
    entry.requests++;
    try {
      return await request(entry, () => before, pass);
    } finally {
      // Who never took its turn does not let others overtake those before it.
      void before.then(pass);
      entry.requests--;
      this.#release(entry);
    }
  }

  wait(connection: HttpConnection): number {
    return connection.sender ? this.#rates().wait(connection.sender, performance.now()) : 0;
  }

  charge(connection: HttpConnection, bytes: number): void {
    if (connection.sender) this.#rates().charge(connection.sender, bytes);
  }

  /** What counts as one sender beside others: the subject of a certificate where rates are of those, else the address. */
  nameOf({ sender, address }: HttpConnection): string {
    return sender?.key ?? senderOf(address);
  }

  /** Another rate for its senders, or none. */
  limit(rate: RateLimit | undefined): void {
    this.#rates().rate = rate;
  }

  #rates(): Senders {
    return this.subjects ?? this.senders;
  }

  #entry(socket: Socket): Entry {
    const known = this.#entries.get(socket);
    if (known) return known;
    const address = plainAddress(socket.remoteAddress ?? '');
    const entry: Entry = {
      stream: this.feeder.open(this.listenerIndex, 'line', address),
      address,
      sender: this.#senderOf(socket, address),
      requests: 0,
      gone: socket.destroyed,
      turn: Promise.resolve(),
    };
    this.#entries.set(socket, entry);
    socket.once('close', () => {
      entry.gone = true;
      this.#release(entry);
    });
    return entry;
  }

  #senderOf(socket: Socket, address: string): Sender | null {
    const { subjects } = this;
    if (!subjects) return this.senders.known(senderOf(address)) ?? null;
    const subject = (socket as TLSSocket).getPeerX509Certificate?.()?.subject;
    const sender = subjects.connect(subject ?? `address ${senderOf(address)}`, performance.now());
    if (sender) socket.once('close', () => subjects.disconnect(sender));
    return sender ?? null;
  }

  /** The feeder forgets it when it is gone and nobody delivers to it any more. */
  #release(entry: Entry): void {
    if (entry.gone && entry.requests === 0) void this.feeder.close(entry.stream);
  }
}
