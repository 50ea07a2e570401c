/**
 * JSON in native code: HTTP bodies into frames, and one document at a time for tests.
 */
import { loadAddon } from './load.js';

/** Frames handed over together: at most the asked size, or one larger frame. */
export interface FramePiece {
  readonly bytes: Uint8Array;
  /** Frames (events) in it. */
  readonly count: number;
}

export type FramedBody =
  | { readonly result: 'ok'; readonly pieces: readonly FramePiece[] }
  /** `offset`: byte of the body where the malformed or over-long part begins. */
  | { readonly result: 'malformed' | 'frame_too_large'; readonly offset: number };

export type JsonEntry = readonly [name: string, kind: string, value: string | bigint | number | boolean | null];

/** What became of one document; names of problems are the metric labels of native/src/kernels/problems.h. */
export interface ParsedJson {
  readonly problem: string;
  readonly problemOffset: number;
  readonly problems: readonly string[];
  readonly failed: boolean;
  readonly keepOriginal: boolean;
  readonly timestampNs: bigint | null;
  readonly message: string | null;
  readonly fields: readonly JsonEntry[];
  readonly attrs: readonly JsonEntry[];
}

interface NativeFramed {
  readonly result: 0 | 1 | 2;
  readonly offset: number;
  readonly frames: Buffer;
  /** begin, end, count; begin, end, count; … */
  readonly pieces: Uint32Array;
}

interface JsonAddon {
  parseJsonDocument(document: Uint8Array, depthMax: number, portable: boolean): ParsedJson;
  validateJson(text: Uint8Array, depthMax: number, portable: boolean): string;
  splitJsonArray(body: Uint8Array, pieceBytesMax: number, frameBytesMax: number): NativeFramed;
  documentParts(object: Uint8Array, pieceBytesMax: number, frameBytesMax: number, path: string): NativeFramed;
  firstJsonValueEnd(body: Uint8Array): number;
  cutLines(body: Uint8Array, pieceBytesMax: number, frameBytesMax: number): NativeFramed;
}

const results = ['ok', 'malformed', 'frame_too_large'] as const;
const addon = () => loadAddon<JsonAddon>();

/** The elements of a JSON array as `prefixed` frames. The body must be smaller than 1 GiB. */
export function splitJsonArray(body: Uint8Array, pieceBytesMax: number, frameBytesMax: number): FramedBody {
  const native = addon().splitJsonArray(body, pieceBytesMax, frameBytesMax);
  return framed(native, native.frames);
}

/**
 * An object too large for a frame as several, `prefixed`: each has some of the events that stand where `path` says ("a.b[*].c": in the
 * array c of each element of a.b), and all that stands around them. `malformed`: it has no such array.
 */
export function documentParts(
  object: Uint8Array,
  pieceBytesMax: number,
  frameBytesMax: number,
  path: string,
): FramedBody {
  const native = addon().documentParts(object, pieceBytesMax, frameBytesMax, path);
  return framed(native, native.frames);
}

/** Pieces of `body` itself (no copy) as `line` frames. */
export function cutLines(body: Uint8Array, pieceBytesMax: number, frameBytesMax: number): FramedBody {
  return framed(addon().cutLines(body, pieceBytesMax, frameBytesMax), body);
}

/** Offset just past the object or array that begins `body`; 0 when it is not closed. Says nothing of what is in it. */
export function firstJsonValueEnd(body: Uint8Array): number {
  return addon().firstJsonValueEnd(body);
}

/** Parses one document as a worker would. `portable`: with the implementation that needs no SIMD. */
export function parseJsonDocument(document: Uint8Array, options: JsonDebugOptions = {}): ParsedJson {
  return addon().parseJsonDocument(document, options.depthMax ?? 64, options.portable ?? false);
}

/** 'none' when `text` is one well-formed JSON value of any kind, else the label of the problem. */
export function validateJson(text: Uint8Array, options: JsonDebugOptions = {}): string {
  return addon().validateJson(text, options.depthMax ?? 64, options.portable ?? false);
}

export interface JsonDebugOptions {
  readonly depthMax?: number;
  readonly portable?: boolean;
}

function framed(native: NativeFramed, bytes: Uint8Array): FramedBody {
  const result = results[native.result];
  if (result !== 'ok') return { result, offset: native.offset };
  return { result, pieces: piecesOf(native.pieces, bytes) };
}

/** `pieces`: begin, end, count; begin, end, count; … */
export function piecesOf(pieces: Uint32Array, bytes: Uint8Array): FramePiece[] {
  const out: FramePiece[] = [];
  for (let i = 0; i < pieces.length; i += 3) {
    const [begin, end, count] = pieces.subarray(i, i + 3) as unknown as [number, number, number];
    out.push({ bytes: bytes.subarray(begin, end), count });
  }
  return out;
}
