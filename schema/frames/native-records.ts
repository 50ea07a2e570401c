/**
 * The events of a frame by Penstock's addons, where they are built: several times as fast as in TypeScript, the same bytes. Frames that
 * need a dictionary are left to TypeScript, whose readers are given it.
 */
import { createRequire } from 'node:module';
import type { ReadEvent } from '../reader.js';
import { eventOf } from './event-of.js';
import type { FrameOptions } from './frame.js';
import { decodedBytesAllowed, isFrame, plainOverDecoded } from './sections.js';

interface Codecs {
  unpackFrame(frame: Uint8Array, bytesMax: number): Uint8Array;
}
interface Kernels {
  frameToRecords(plain: Uint8Array, bytesMax: number, tellAscii?: false): NativeRecords | string;
  frameToRecords(plain: Uint8Array, bytesMax: number, tellAscii: true): NativeTexts | string;
}

/** LogEvents one after the other. */
interface NativeRecords {
  readonly bytes: Buffer;
  /** Where each ends. */
  readonly ends: Uint32Array;
}

interface NativeTexts extends NativeRecords {
  /** 1 where all texts of the event are ASCII. */
  readonly ascii: Uint8Array;
}

const dictionaryAt = 12;
const dictionaryBytes = 4;
let addons: (Codecs & Kernels) | null | undefined;

/** Views of one buffer; undefined: TypeScript has to read the frame, or to say why it is refused. */
export function nativeRecords(frame: Uint8Array, options?: FrameOptions): Buffer[] | undefined {
  const read = readNatively(frame, options, (kernels, plain, most) => kernels.frameToRecords(plain, most));
  if (!read) return undefined;
  const { bytes, ends } = read;
  return Array.from(ends, (end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1], end));
}

/** The same as events; their texts are parts of one string. @throws FrameError */
export function nativeEvents(frame: Uint8Array, options?: FrameOptions): ReadEvent[] | undefined {
  const read = readNatively(frame, options, (kernels, plain, most) => kernels.frameToRecords(plain, most, true));
  if (!read) return undefined;
  const { bytes, ends, ascii } = read;
  const latin1 = bytes.toString('latin1');
  const events: ReadEvent[] = [];
  let from = 0;
  for (let i = 0; i < ends.length; i++) {
    const to = ends[i] as number;
    events.push(eventOf(bytes, { from, to, latin1, ascii: ascii[i] === 1 }));
    from = to;
  }
  return events;
}

function readNatively<Read>(
  frame: Uint8Array,
  options: FrameOptions = {},
  records: (kernels: Kernels, plain: Uint8Array, most: number) => Read | string,
): Read | undefined {
  if (options.decompress || !isFrame(frame)) return undefined;
  if (frame.subarray(dictionaryAt, dictionaryAt + dictionaryBytes).some((byte) => byte !== 0)) return undefined;
  if (addons === undefined) addons = load();
  if (!addons) return undefined;
  const most = decodedBytesAllowed(options.decodedBytesMax);
  try {
    const read = records(addons, addons.unpackFrame(frame, plainOverDecoded * most), most);
    return typeof read === 'string' ? undefined : read;
  } catch {
    return undefined;
  }
}

function load(): (Codecs & Kernels) | null {
  const require = createRequire(import.meta.url);
  try {
    const { unpackFrame } = require('../../../build/Release/penstock_codecs.node') as Codecs;
    const { frameToRecords } = require('../../../build/Release/penstock.node') as Kernels;
    return { unpackFrame, frameToRecords };
  } catch {
    return null;
  }
}
