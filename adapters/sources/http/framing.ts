/** Bodies into pieces of whole frames, and how they are parsed. */
import type { FormatName } from '../../../engine/contracts.js';
import { cutLines, type FramedBody, type FramePiece, firstJsonValueEnd, splitJsonArray } from '../../../native/json.js';
import type { ContentKind } from './content.js';
import { partsOfDocument } from './documents.js';
import { Refusal } from './refusal.js';

/** Bytes of a piece, one call of Feeder.deliver: a chunk of the smallest ring, which takes a quarter of 1 MiB with its header. */
export const pieceBytesMax = 255 * 1024;

export interface Framed {
  readonly framing: 'line' | 'prefixed';
  readonly format: FormatName;
  readonly pieces: readonly FramePiece[];
}

export function frame(body: Buffer, kind: ContentKind, frameBytesMax: number): Framed {
  const start = firstVisible(body);
  const first = body[start];
  // White space is no event, as an empty body is none; a line of text may consist of it.
  if (first === undefined && kind !== 'text') return { framing: 'line', format: 'json', pieces: [] };
  if (kind === 'text' || ((kind === 'sniff' || kind === 'curl') && first !== brace && first !== bracket))
    return lines(body, 'text', frameBytesMax);
  if (kind === 'ndjson') return lines(body, 'json', frameBytesMax);
  if (first === bracket) return array(body, frameBytesMax);
  // One object, however it is laid out; more follow it: one a line.
  const end = firstJsonValueEnd(body.subarray(start));
  if (end > 0 && firstVisible(body, start + end) === body.length)
    return single(body.subarray(start, start + end), frameBytesMax);
  if (kind === 'curl' && !body.includes(newline)) return sideBySide(body, frameBytesMax);
  return lines(body, 'json', frameBytesMax);
}

/** JSON objects without line ends between them; where they do not come apart they are one line. */
function sideBySide(body: Buffer, frameBytesMax: number): Framed {
  const ends: number[] = [];
  for (let at = 0; at < body.length; at = ends.at(-1)!) {
    const start = firstVisible(body, at);
    if (start === body.length) break;
    const length = body[start] === brace ? firstJsonValueEnd(body.subarray(start)) : 0;
    if (length === 0 || ends.length === sideBySideMax) return lines(body, 'json', frameBytesMax);
    ends.push(start + length);
  }
  const separated = ends.map((end, i) => body.subarray(ends[i - 1] ?? 0, end));
  return lines(Buffer.concat(separated.flatMap((object) => [object, lineEnd])), 'json', frameBytesMax);
}

const sideBySideMax = 100_000;
const newline = 0x0a;
const lineEnd = Buffer.of(newline);
const brace = 0x7b;
const bracket = 0x5b;

function lines(body: Buffer, format: FormatName, frameBytesMax: number): Framed {
  const cut = cutLines(body, pieceBytesMax, frameBytesMax);
  return { framing: 'line', format, pieces: piecesOf(cut, 'line', frameBytesMax) };
}

function array(body: Buffer, frameBytesMax: number): Framed {
  const split = splitJsonArray(body, pieceBytesMax, frameBytesMax);
  return { framing: 'prefixed', format: 'json', pieces: piecesOf(split, 'array element', frameBytesMax) };
}

function single(object: Buffer, frameBytesMax: number): Framed {
  if (object.length > frameBytesMax) {
    const parts = partsOfDocument(object, pieceBytesMax, frameBytesMax);
    if (parts === undefined) throw tooLarge('object', 0, frameBytesMax);
    return { framing: 'prefixed', format: 'json', pieces: piecesOf(parts, 'array element', frameBytesMax) };
  }
  const bytes = Buffer.allocUnsafe(4 + object.length);
  bytes.writeUInt32LE(object.length, 0);
  object.copy(bytes, 4);
  return { framing: 'prefixed', format: 'json', pieces: [{ bytes, count: 1 }] };
}

function piecesOf(body: FramedBody, what: string, frameBytesMax: number): readonly FramePiece[] {
  if (body.result === 'ok') return body.pieces;
  if (body.result === 'frame_too_large') throw tooLarge(what, body.offset, frameBytesMax);
  throw new Refusal(400, `the JSON array is malformed near byte ${body.offset}`);
}

const tooLarge = (what: string, offset: number, max: number) =>
  new Refusal(413, `the ${what} at byte ${offset} is larger than ${max} bytes`);

/** Offset of the first byte from `from` that is neither white space nor a byte order mark; the length when there is none. */
function firstVisible(body: Buffer, from = 0): number {
  let at = from;
  if (at === 0 && body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) at = 3;
  for (; at < body.length; at++) {
    const c = body[at];
    if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return at;
  }
  return at;
}
