/**
 * The LogEvents of a frame by Penstock's addons, where they are built: several times as fast as in TypeScript, the same bytes. Frames that
 * need a dictionary are left to TypeScript, whose readers are given it.
 */
import { createRequire } from 'node:module';
import type { FrameOptions } from './frame.js';
import { decodedBytesAllowed, isFrame, plainOverDecoded } from './sections.js';

interface Codecs {
  unpackFrame(frame: Uint8Array, bytesMax: number): Uint8Array;
}
interface Kernels {
  frameToRecords(plain: Uint8Array, bytesMax: number): { bytes: Buffer; ends: Uint32Array } | string;
}

const dictionaryAt = 12;
const dictionaryBytes = 4;
let addons: (Codecs & Kernels) | null | undefined;

/** Views of one buffer; undefined: TypeScript has to read the frame, or to say why it is refused. */
export function nativeRecords(frame: Uint8Array, options: FrameOptions = {}): Buffer[] | undefined {
  if (options.decompress || !isFrame(frame)) return undefined;
  if (frame.subarray(dictionaryAt, dictionaryAt + dictionaryBytes).some((byte) => byte !== 0)) return undefined;
  if (addons === undefined) addons = load();
  if (!addons) return undefined;
  const most = decodedBytesAllowed(options.decodedBytesMax);
  try {
    const read = addons.frameToRecords(addons.unpackFrame(frame, plainOverDecoded * most), most);
    if (typeof read === 'string') return undefined;
    const { bytes, ends } = read;
    return Array.from(ends, (end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1], end));
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
