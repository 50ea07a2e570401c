/** Frames: their sections packed and unpacked, their events as LogEvents or ECS JSON. Format: docs/reference/frames.md. */
import { CodecError, codecLevels, typedErrors } from './codecs.js';
import { findDictionary } from './dictionaries.js';
import { loadAddon } from './load.js';

interface CodecsAddon {
  readonly FramePacker: new (level: number) => NativePacker;
  unpackFrame(frame: Uint8Array, maxBytes: number): Buffer;
}
interface NativePacker {
  setLevel(level: number): void;
  packInto(
    src: Uint8Array,
    srcOffset: number,
    srcLength: number,
    dst: Uint8Array,
    dstOffset: number,
    dstEnd: number,
    route: number,
  ): number;
  setDictionary(route: number, dictionary: Uint8Array | undefined): void;
  dictionaryFigures(route: number): number[];
  setSampling(on: boolean): void;
  takeSamples(route: number, count: number): Samples | null;
}
interface FramesAddon {
  frameToRecords(
    plain: Uint8Array,
    decodedBytesMax: number,
  ): { readonly bytes: Buffer; readonly ends: Uint32Array } | string;
  frameToJson(plain: Uint8Array, decodedBytesMax: number): Buffer | string;
  frameOfLines(lines: Uint8Array, json: boolean, receivedNs: bigint, schema: number, eventsMax: number): NativeLines;
}

interface NativeLines {
  readonly plain: Buffer;
  readonly bytes: Buffer;
  readonly ends: Uint32Array;
  readonly consumed: number;
}

/** What small frames of a route hold: samples one after the other, and their sizes. */
export interface Samples {
  readonly route: number;
  readonly bytes: Uint8Array;
  readonly sizes: Uint32Array;
}

/** Events of one frame, as LogEvents, take at most this. */
export const decodedBytesMax = 256 << 20;
const headerBytes = 64;
const magic = 0x4d524689;

/** Compresses frames; it belongs to the thread that made it. */
export class FramePacker {
  readonly #native: NativePacker;

  /** @param level zstd's, of texts. @throws CodecError */
  constructor(level: number = codecLevels.zstd.default) {
    this.#native = typedErrors(() => new (loadAddon<CodecsAddon>('penstock_codecs').FramePacker)(level));
  }

  /** Other level of texts from the next frame on. @throws CodecError */
  setLevel(level: number): void {
    typedErrors(() => this.#native.setLevel(level));
  }

  /**
   * Packs the plain frame of `srcLength` bytes, of a route, into `dst`, from `dstOffset` on and before `dstEnd`.
   * @returns bytes written; −1 when there is no room: the plain frame is a frame too
   */
  packInto(
    src: Uint8Array,
    srcOffset: number,
    srcLength: number,
    dst: Uint8Array,
    dstOffset: number,
    dstEnd: number,
    route = 0,
  ): number {
    return this.#native.packInto(src, srcOffset, srcLength, dst, dstOffset, dstEnd, route);
  }

  /** Small frames of the route are compressed with this dictionary from now on, where it pays; null: with none. @throws CodecError */
  setDictionary(route: number, dictionary: Uint8Array | null): void {
    typedErrors(() => this.#native.setDictionary(route, dictionary ?? undefined));
  }

  /** Of the dictionary of a route, 0 where it has none; bytes of those frames that were compressed both ways. */
  dictionaryFigures(route: number): { readonly id: number; readonly withoutBytes: number; readonly withBytes: number } {
    const [id = 0, withoutBytes = 0, withBytes = 0] = this.#native.dictionaryFigures(route);
    return { id, withoutBytes, withBytes };
  }

  /** Whether texts of small frames are kept to train dictionaries on: up to a mebibyte a route. */
  setSampling(on: boolean): void {
    this.#native.setSampling(on);
  }

  /** The samples of a route, which begins anew then; null: fewer than `count` were seen. */
  takeSamples(route: number, count: number): Samples | null {
    return this.#native.takeSamples(route, count);
  }
}

export interface FrameOfLines {
  /** Packed. */
  readonly frame: Buffer;
  readonly plain: Buffer;
  /** The same events' LogEvents, as the encoding 'protobuf' writes them. */
  readonly records: Buffer[];
  /** Bytes of the lines read. */
  readonly consumed: number;
}

/** Lines as a worker would parse and frame them, at most `eventsMax`. For tests and measurements. */
export function frameOfLines(
  lines: Uint8Array,
  { json = false, receivedNs = 1_772_000_000_000_000_000n, schema = 0, eventsMax = 2048 } = {},
): FrameOfLines {
  const { plain, bytes, ends, consumed } = loadAddon<FramesAddon>().frameOfLines(
    lines,
    json,
    receivedNs,
    schema,
    eventsMax,
  );
  const room = Buffer.allocUnsafe(plain.length + 1024);
  const packed = new FramePacker().packInto(plain, 0, plain.length, room, 0, room.length);
  return { frame: packed < 0 ? plain : room.subarray(0, packed), plain, records: slices(bytes, ends), consumed };
}

/** Whether a record's value is a frame. */
export function isFrame(value: Uint8Array): boolean {
  return value.length >= headerBytes && Buffer.from(value.buffer, value.byteOffset, 4).readUInt32LE() === magic;
}

/** Number of events that a frame says it holds. */
export function frameEvents(frame: Uint8Array): number {
  return Buffer.from(frame.buffer, frame.byteOffset, headerBytes).readUInt32LE(16);
}

/** The LogEvents of a frame, each as the encoding 'protobuf' would have given it. @throws CodecError */
export function frameToRecords(frame: Uint8Array, maxBytes = decodedBytesMax): Buffer[] {
  const { bytes, ends } = refused(loadAddon<FramesAddon>().frameToRecords(unpackFrame(frame, maxBytes), maxBytes));
  return slices(bytes, ends);
}

/** The events of a frame as ECS JSON, a line each. @throws CodecError */
export function frameToJson(frame: Uint8Array, maxBytes = decodedBytesMax): Buffer {
  return refused(loadAddon<FramesAddon>().frameToJson(unpackFrame(frame, maxBytes), maxBytes));
}

/** The plain frame. @throws CodecError */
export function unpackFrame(frame: Uint8Array, maxBytes = decodedBytesMax): Buffer {
  const dictionary = isFrame(frame) ? Buffer.from(frame.buffer, frame.byteOffset, headerBytes).readUInt32LE(12) : 0;
  if (dictionary !== 0) findDictionary(dictionary);
  // Values in columns take a few bytes more than in events; a bound is a bound.
  return typedErrors(() => loadAddon<CodecsAddon>('penstock_codecs').unpackFrame(frame, 2 * maxBytes));
}

function slices(bytes: Buffer, ends: Uint32Array): Buffer[] {
  return Array.from(ends, (end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1], end));
}

function refused<T>(answer: T | string): T {
  if (typeof answer === 'string') throw new CodecError('CORRUPT', answer);
  return answer;
}
