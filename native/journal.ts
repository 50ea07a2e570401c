/**
 * Typed face of the native journal functions: the scan of a segment, the directory lock, a lane writer for tools and tests.
 */
import { loadAddon } from './load.js';

/** Numbers per batch that `journalScan` writes; their places. */
export const scanSlots = 12;
export const scanSlot = {
  offset: 0,
  bodyOffset: 1,
  nextOffset: 2,
  bodyBytes: 3,
  count: 4,
  partition: 5,
  route: 6,
  group: 7,
  firstReceivedMs: 8,
  lastReceivedMs: 9,
  sampleCount: 10,
  priority: 11,
} as const;
/** Places in the scan's state, carried from window to window of one segment. */
export const scanState = {
  saltKnown: 0,
  salt: 1,
  lastGroup: 2,
  committedEnd: 3,
  need: 4,
  corruptBytes: 5,
  corruptPlaces: 6,
  /** Offset and bytes of each damaged place, `corruptPlaces` of them but at most `damagedPlacesTold`. */
  damage: 7,
  /** By the file's name; with `version` (0: not known) it is what entries are bound to. */
  segment: 71,
  version: 72,
  /** 1: an end mark was met. */
  ended: 73,
  /** See `journalWrittenEnd`. */
  doubt: 74,
  slots: 75,
} as const;
export const damagedPlacesTold = 32;

const samplesMax = 16;
const metaSlots = 7 + samplesMax;

interface NativeLaneWriter {
  commitGroup(bodies: readonly Uint8Array[], meta: Float64Array, rings: Float64Array): number;
  recovery(): number[];
  sync(): number;
  close(): void;
}

interface Addon {
  LaneWriter: new (
    directory: string,
    lane: number,
    segmentBytes: number,
    node: number,
    boot: number,
    sparesMax: number,
  ) => NativeLaneWriter;
  journalScan(
    window: Uint8Array,
    size: number,
    offset: number,
    atEnd: boolean,
    state: Float64Array,
    out: Float64Array,
  ): number;
  journalSkim(fd: number, state: Float64Array, at: number, entriesMax: number): [met: number, at: number];
  journalWrittenEnd(fd: number, from: number, most: number, state: Float64Array): number;
  segmentTail(path: string): [number, number] | number;
  retireSegments(directory: string, keepFrom: number, sparesMax: number, bytesMin: number): [number, number] | number;
  journalIndex(path: string): Float64Array | number;
  storeRows(lines: Uint8Array, columns: readonly string[]): Buffer;
  crc32c(bytes: Uint8Array, before: number): number;
  committedRings(path: string): number[] | null;
  lockFile(fd: number): number;
}

/**
 * Finds the committed batches in `window`, the segment's bytes from `offset` on (an entry's place). `atEnd`: the file has no more
 * now. Answers their number; or, when `out` is too small, minus the number needed, nothing changed.
 */
export function journalScan(
  window: Uint8Array,
  size: number,
  offset: number,
  atEnd: boolean,
  state: Float64Array,
  out: Float64Array,
): number {
  return loadAddon<Addon>().journalScan(window, size, offset, atEnd, state, out);
}

/**
 * What `journalSkim` met at the place it answers: nothing more that is committed, a group with a priority batch, something that
 * only a scan can tell, or as many entries as it was to look at.
 */
export const Skim = { end: 0, priority: 1, unclear: 2, more: 3 } as const;

/**
 * Passes over committed groups without a priority batch, by entry headers alone, from `at` on. `state`: as of `journalScan`, the
 * segment's salt known.
 */
export function journalSkim(
  fd: number,
  state: Float64Array,
  at: number,
  entriesMax: number,
): [met: number, at: number] {
  return loadAddon<Addon>().journalSkim(fd, state, at, entriesMax);
}

/**
 * Where the segment that is being written to `fd` ends now; or the end of an earlier group, so that it is at most `most` bytes from `from`,
 * but at least one group. Goes by entry headers from the entry at `from` on. `state.doubt` is 1 when something else than an entry or the end follows.
 */
export function journalWrittenEnd(fd: number, from: number, most: number, state: Float64Array): number {
  return loadAddon<Addon>().journalWrittenEnd(fd, from, most, state);
}

/** Bytes of a segment that are committed, and bytes behind them that were written but never committed. */
export function segmentTail(path: string): { committed: number; torn: number } {
  const tail = loadAddon<Addon>().segmentTail(path);
  if (typeof tail === 'number') throw new Error(`cannot read the segment ${path}: errno ${tail}`);
  return { committed: tail[0], torn: tail[1] };
}

/**
 * Takes the segments below `keepFrom` out of a lane's directory, but never the last. Those of at least `bytesMin` become `.spare` files while
 * there are fewer than `sparesMax`; the others are named `.gone` and wait to be deleted.
 */
export function retireSegments(
  directory: string,
  keepFrom: number,
  sparesMax: number,
  bytesMin: number,
): { segments: number; spared: number } {
  const retired = loadAddon<Addon>().retireSegments(directory, keepFrom, sparesMax, bytesMin);
  if (typeof retired === 'number') throw new Error(`cannot rename segments in ${directory}: errno ${retired}`);
  return { segments: retired[0], spared: retired[1] };
}

/**
 * Each committed batch of a segment file: its place, records, and 1 for a priority batch, else 0; then the next. Goes by the entry
 * headers, so that it costs a few hundred small reads. Throws when the file cannot be opened.
 */
export function journalIndex(path: string): Float64Array {
  const index = loadAddon<Addon>().journalIndex(path);
  if (typeof index === 'number') throw new Error(`cannot read the segment ${path}: errno ${index}`);
  return index;
}

/**
 * ECS JSON lines as flat rows, one a line: the `columns` under their dotted names, everything else under its dotted name in
 * `attrs`. A line that is no JSON object becomes a row that says so.
 */
export function storeRows(lines: Uint8Array, columns: readonly string[]): Buffer {
  return loadAddon<Addon>().storeRows(lines, columns);
}

/** CRC-32C (Castagnoli). @param before that of the bytes before these */
export function crc32c(bytes: Uint8Array, before = 0): number {
  return loadAddon<Addon>().crc32c(bytes, before);
}

/** Takes an exclusive lock on an open file, held until it is closed or the process is gone. 0 or an errno. */
export function lockFile(fd: number): number {
  return loadAddon<Addon>().lockFile(fd);
}

/**
 * What the last commit record of a segment says: the boot that wrote it, and by ring how many chunks the journal has. null: the
 * segment has no commit, or cannot be read.
 */
export function committedRings(path: string): { boot: number; chunks: ReadonlyMap<number, number> } | null {
  const numbers = loadAddon<Addon>().committedRings(path);
  if (numbers === null) return null;
  const chunks = new Map<number, number>();
  for (let i = 1; i + 1 < numbers.length; i += 2) chunks.set(numbers[i] as number, numbers[i + 1] as number);
  return { boot: numbers[0] as number, chunks };
}

export interface LaneBatch {
  /** A whole RecordBatch v2. */
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly route?: number;
  readonly partition?: number;
  readonly firstReceivedMs?: number;
  readonly lastReceivedMs?: number;
  /** At most 16. */
  readonly eventTimesMs?: readonly number[];
  readonly priority?: boolean;
}

/** Writes one lane. For tools and tests: in the engine, pipelines write lanes. */
export class LaneWriter {
  readonly #native: NativeLaneWriter;

  /** Recovers and opens the lane. @throws Error naming the directory. */
  constructor(
    directory: string,
    settings: { lane?: number; segmentBytes?: number; node?: number; boot?: number; sparesMax?: number } = {},
  ) {
    const { lane = 0, segmentBytes = 64 * 2 ** 20, node = 1, boot = 1, sparesMax = 0 } = settings;
    this.#native = new (loadAddon<Addon>().LaneWriter)(directory, lane, segmentBytes, node, boot, sparesMax);
  }

  /** Appends one group. 0, or an errno: nothing of it is stored. */
  commitGroup(batches: readonly LaneBatch[], rings: readonly (readonly [ring: number, chunks: number])[] = []): number {
    const meta = new Float64Array(batches.length * metaSlots);
    batches.forEach((batch, i) => {
      const times = batch.eventTimesMs ?? [];
      const first = batch.firstReceivedMs ?? Date.now();
      const head = [
        batch.route ?? 0,
        batch.partition ?? -1,
        batch.count,
        first,
        batch.lastReceivedMs ?? first,
        times.length,
        batch.priority ? 1 : 0,
      ];
      meta.set([...head, ...times], i * metaSlots);
    });
    return this.#native.commitGroup(
      batches.map((batch) => batch.bytes),
      meta,
      Float64Array.from(rings.flat()),
    );
  }

  /** What opening met. */
  recovery(): {
    tornBytes: number;
    corruptBytes: number;
    corruptPlaces: number;
    lastGroup: number;
    rings: [number, number][];
  } {
    const [tornBytes = 0, corruptBytes = 0, corruptPlaces = 0, lastGroup = 0, ...flat] = this.#native.recovery();
    const rings: [number, number][] = [];
    for (let i = 0; i + 1 < flat.length; i += 2) rings.push([flat[i] ?? 0, flat[i + 1] ?? 0]);
    return { tornBytes, corruptBytes, corruptPlaces, lastGroup, rings };
  }

  /** Makes what was committed durable. 0 or an errno. */
  sync(): number {
    return this.#native.sync();
  }

  close(): void {
    this.#native.close();
  }
}
