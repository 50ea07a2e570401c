/**
 * The engine's feeder: native rings behind the contract, promises kept in the order of their chunks.
 */
import { createFeeder, type NativeFeeder } from '../../native/feeder.js';
import { framingNumbers } from '../../native/io.js';
import type { ChunkPlace, Feeder, FormatName } from '../contracts.js';
import { RingFull } from '../errors.js';
import type { IoStats } from './io-stats.js';

export interface FeederOptions {
  readonly listeners: number;
  readonly messageBytesMax: number;
  /** By worker: rings of the feeder alone. */
  readonly rings: readonly SharedArrayBuffer[];
  readonly doorbells: readonly SharedArrayBuffer[];
  readonly stats: IoStats;
}

/** Numbers of ChunkFormat (native/src/ring/chunk.h); 0: as the listener is configured. */
const formatNumbers: Readonly<Record<FormatName, number>> = { syslog: 1, json: 2, text: 3 };

interface Waiting {
  readonly chunk: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class RingFeeder implements Feeder {
  private readonly native: NativeFeeder;
  /** By ring, in the order of chunks: `first` is the index of the oldest not yet durable. */
  private readonly waiting: { queue: Waiting[]; first: number }[];
  private readonly blocked = new Map<number, () => void>();
  private readonly closing = new Map<number, () => void>();
  private readonly answer = new Float64Array(2);
  private readonly stats: IoStats;
  private stopped = false;

  constructor(options: FeederOptions) {
    this.waiting = options.rings.map(() => ({ queue: [], first: 0 }));
    this.stats = options.stats;
    const thread = options.stats.producers - 1;
    this.native = createFeeder({ ...options, thread, stats: options.stats.memory }, () => this.onWake());
  }

  open(listenerIndex: number, framing: 'syslog' | 'line', peer: string): number {
    return this.native.open(listenerIndex, framingNumbers[framing], peer);
  }

  write(connection: number, bytes: Uint8Array, onSpace: () => void): boolean {
    if (this.stopped) return false;
    if (this.native.write(connection, bytes)) return true;
    this.blocked.set(connection, onSpace);
    return false;
  }

  async close(connection: number): Promise<void> {
    if (this.stopped) return;
    this.blocked.delete(connection);
    if (this.native.close(connection)) return;
    await new Promise<void>((resolve) => this.closing.set(connection, resolve));
  }

  count(listenerIndex: number, name: string, count: number): void {
    this.stats.add(listenerIndex, name, count);
  }

  async deliver(
    connection: number,
    framing: 'line' | 'prefixed',
    body: Uint8Array,
    format?: FormatName,
    before?: (place: ChunkPlace) => void,
  ): Promise<void> {
    const { native, answer } = this;
    if (before && !this.stopped) {
      if (!native.next(connection, body.byteLength, answer)) throw new RingFull('no room in the rings');
      before({ worker: answer[0] as number, chunk: answer[1] as number });
    }
    const formatNumber = format === undefined ? 0 : formatNumbers[format];
    if (this.stopped || !native.deliver(connection, framingNumbers[framing], formatNumber, body, answer))
      throw new RingFull('no room in the rings');
    const ring = answer[0] as number;
    const chunk = answer[1] as number;
    await new Promise<void>((resolve, reject) => {
      this.waiting[ring]?.queue.push({ chunk, resolve, reject });
      this.settle(ring); // asks for the wake-up; perhaps it is durable already
    });
  }

  /** Ends it: what waits is rejected, because nobody will say that it is durable. */
  stop(): void {
    if (this.stopped) return;
    this.onWake();
    this.stopped = true;
    this.native.stop();
    for (const closed of this.closing.values()) closed();
    for (const { queue, first } of this.waiting)
      for (const waiting of queue.slice(first)) waiting.reject(new RingFull('the process is being stopped'));
  }

  private onWake(): void {
    if (this.stopped) return;
    for (let ring = 0; ring < this.waiting.length; ring++) this.settle(ring);
    for (const [connection, closed] of this.closing) {
      if (!this.native.close(connection)) continue;
      this.closing.delete(connection);
      closed();
    }
    for (const [connection, onSpace] of this.blocked) {
      if (!this.native.flush(connection)) continue;
      this.blocked.delete(connection);
      onSpace();
    }
  }

  private settle(ring: number): void {
    const waiting = this.waiting[ring];
    if (waiting === undefined || waiting.first === waiting.queue.length) return;
    const committed = this.native.committed(ring);
    let next = waiting.queue[waiting.first];
    while (next !== undefined && next.chunk < committed) {
      next.resolve();
      next = waiting.queue[++waiting.first];
    }
    if (next === undefined || waiting.first > 1024) {
      waiting.queue.splice(0, waiting.first);
      waiting.first = 0;
    }
  }
}
