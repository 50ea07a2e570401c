/** The native feeder; engine/ring/feeder.ts makes the engine's contract of it. */
import { loadAddon } from './load.js';

export interface NativeFeeder {
  open(listener: number, framing: number, peer: string): number;
  /** False: bytes are kept because the ring is full; `flush` must succeed before the next write. */
  write(stream: number, bytes: Uint8Array): boolean;
  flush(stream: number): boolean;
  /** False: the ring is full, call again. True: the stream is gone. */
  close(stream: number): boolean;
  drop(stream: number): void;
  /** Fills `answer` with ring and chunk number. False: full. */
  deliver(stream: number, framing: number, format: number, body: Uint8Array, answer: Float64Array): boolean;
  /** As `deliver` would, without doing it: fills `answer` with the place of a chunk of so many bytes. False: full. */
  next(stream: number, bytes: number, answer: Float64Array): boolean;
  /** Chunks of the ring below this number are durable; asks for a wake-up when that changes. */
  committed(ring: number): number;
  stop(): void;
}

interface Addon {
  Feeder: new (
    rings: Uint8Array[],
    doorbells: Uint8Array[],
    messageBytesMax: number,
    thread: number,
    listeners: number,
    stats: Uint8Array,
    onWake: () => void,
  ) => NativeFeeder;
}

export function createFeeder(
  options: {
    /** By worker. */
    rings: readonly SharedArrayBuffer[];
    doorbells: readonly SharedArrayBuffer[];
    messageBytesMax: number;
    /** Number of its block of statistics: the one behind the receiver threads'. */
    thread: number;
    listeners: number;
    stats: SharedArrayBuffer;
  },
  onWake: () => void,
): NativeFeeder {
  const view = (memory: SharedArrayBuffer) => new Uint8Array(memory);
  return new (loadAddon<Addon>().Feeder)(
    options.rings.map(view),
    options.doorbells.map(view),
    options.messageBytesMax,
    options.thread,
    options.listeners,
    view(options.stats),
    onWake,
  );
}
