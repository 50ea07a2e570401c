/** The header of a frame and its sections, each decompressed when it is asked for. */
import { createRequire } from 'node:module';
import { ByteReader, FrameError, refuse } from './bytes.js';
import { crc32c } from './crc32c.js';

export interface FrameHeader {
  readonly sections: number;
  readonly schema: number;
  /** Id of the zstd dictionary its sections need; 0: none. */
  readonly dictionary: number;
  readonly events: number;
  readonly originalBytes: number;
  readonly originalCrc: number;
  readonly decodedBytes: number;
  readonly eventBytesMax: number;
  readonly columns: number;
  readonly shapes: number;
}

/** Decompresses one zstd frame to exactly `size` bytes, or throws; it never gives more. */
export type Decompress = (bytes: Uint8Array, size: number, dictionary?: Uint8Array) => Uint8Array;

/** Gives the zstd dictionary of an id; undefined: it is not known here. */
export type FindDictionary = (id: number) => Uint8Array | undefined;

const dictionaryMagic = 0xec30a437;
const headerBytes = 64;
const entryBytes = 16;
/** Values in columns take a few bytes more than in events: the sections may hold so many times what a reader allows of events. */
export const plainOverDecoded = 2;
export const limits = { events: 65_536, sections: 4096, columns: 8192, shapes: 4096, decodedBytes: 256 << 20 };
const usualDecodedBytes = 64 << 20;

/** What a reader allows that is asked for so much. */
export function decodedBytesAllowed(asked: number = usualDecodedBytes): number {
  return Math.min(asked, limits.decodedBytes);
}

/** Whether a record's value is a frame; otherwise it is a LogEvent. */
export function isFrame(value: Uint8Array): boolean {
  return (
    value.length >= headerBytes && value[0] === 0x89 && value[1] === 0x46 && value[2] === 0x52 && value[3] === 0x4d
  );
}

interface Entry {
  readonly method: number;
  readonly from: number;
  readonly bytes: number;
  readonly plainBytes: number;
  readonly crc: number;
}

export class Sections {
  readonly header: FrameHeader;
  /** Section 0, as far as it is read. */
  readonly head: ByteReader;
  readonly #frame: Buffer;
  readonly #dictionary: Uint8Array | undefined;
  readonly #entries: readonly Entry[];
  readonly #plain: (Buffer | undefined)[] = [];

  constructor(
    frame: Uint8Array,
    decodedBytesMax: number,
    readonly decompress: Decompress,
    find: FindDictionary = () => undefined,
  ) {
    this.#frame = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
    this.header = readHeader(this.#frame, decodedBytesMax);
    this.#dictionary = dictionaryOf(this.header.dictionary, find);
    this.#entries = readEntries(this.#frame, this.header.sections, decodedBytesMax);
    this.head = new ByteReader(this.section(0));
  }

  section(number: number): Buffer {
    const known = this.#plain[number];
    if (known) return known;
    const entry = this.#entries[number] as Entry;
    const stored = this.#frame.subarray(entry.from, entry.from + entry.bytes);
    if (crc32c(stored) !== entry.crc) refuse('it is damaged: a checksum does not match');
    let plain = stored;
    if (entry.method === 1) {
      const bytes = decompressed(() => this.decompress(stored, entry.plainBytes, this.#dictionary));
      plain = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    if (plain.length !== entry.plainBytes) refuse('a section is not as large as it says');
    this.#plain[number] = plain;
    return plain;
  }

  /** `size` bytes: of the section named next, read when they are asked for, or the next ones of section 0. */
  blob(size: number): () => Buffer {
    const number = this.head.varint(this.#entries.length - 1);
    if (number === 0) {
      const bytes = this.head.bytes(size);
      return () => bytes;
    }
    if ((this.#entries[number] as Entry).plainBytes !== size) refuse('a section has another size than its column');
    let known: Buffer | undefined;
    return () => {
      known ??= this.section(number);
      return known;
    };
  }
}

function readHeader(frame: Buffer, decodedBytesMax: number): FrameHeader {
  if (frame.length < headerBytes || !isFrame(frame))
    throw new FrameError('not a frame: it does not begin with 89 46 52 4D');
  if (frame[4] !== 1) throw new FrameError(`a frame of version ${frame[4]}, which this reader does not know`);
  if (frame[5] !== 1) throw new FrameError(`a frame of layout ${frame[5]}, which this reader does not know`);
  const number = (at: number) => frame.readUInt32LE(at);
  const header = {
    sections: frame.readUInt16LE(6),
    schema: number(8),
    dictionary: number(12),
    events: number(16),
    originalBytes: number(20),
    originalCrc: number(24),
    decodedBytes: number(28),
    eventBytesMax: number(32),
    columns: number(44),
    shapes: number(48),
  };
  const end = headerBytes + entryBytes * header.sections;
  if (number(40) !== frame.length || frame.length < end) refuse('it is not as long as its header says');
  if (crc32c(frame.subarray(headerBytes, end), crc32c(frame.subarray(0, 60))) !== number(60))
    refuse('it is damaged: the checksum of its header does not match');
  const within = (value: number, least: number, most: number) => value >= least && value <= most;
  if (!within(header.events, 1, limits.events) || !within(header.sections, 1, limits.sections))
    refuse('its header is out of bounds');
  if (!within(header.columns, 1, limits.columns) || !within(header.shapes, 1, limits.shapes))
    refuse('its header is out of bounds');
  if (header.decodedBytes > decodedBytesMax)
    refuse(`it holds more than this reader's limit of ${decodedBytesMax} bytes`);
  if (header.eventBytesMax > header.decodedBytes || header.originalBytes > header.decodedBytes)
    refuse('its header contradicts itself');
  return header;
}

/** Where a dictionary that is missing can be got is the same for every reader: docs/reference/frames.md. */
function dictionaryOf(id: number, find: FindDictionary): Uint8Array | undefined {
  if (id === 0) return undefined;
  const dictionary = find(id);
  const name = id.toString(16).padStart(8, '0');
  // A record that was deleted from the topic has no value: null, whatever the types say.
  if (!dictionary)
    refuse(
      `it needs the zstd dictionary ${id}, which is not known here: it is the record ${name} of the topic that dictionaries are announced in, and ${name}.zdict beside the journal of the node that wrote it`,
    );
  const bytes = Buffer.from(dictionary.buffer, dictionary.byteOffset, dictionary.byteLength);
  if (bytes.length < 8 || bytes.readUInt32LE(0) !== dictionaryMagic || bytes.readUInt32LE(4) !== id)
    refuse(`it needs the zstd dictionary ${id}, and was given another one`);
  return dictionary;
}

function readEntries(frame: Buffer, sections: number, decodedBytesMax: number): Entry[] {
  const entries: Entry[] = [];
  let from = headerBytes + entryBytes * sections;
  let plain = 0;
  for (let i = 0; i < sections; i++) {
    const at = headerBytes + entryBytes * i;
    const method = frame[at] as number;
    const [bytes, plainBytes, crc] = [4, 8, 12].map((field) => frame.readUInt32LE(at + field)) as [
      number,
      number,
      number,
    ];
    if (method > 1 || (frame[at + 1] as number) > 2 || frame.readUInt16LE(at + 2) !== 0)
      refuse('a section is of no known kind');
    if (method === 0 && bytes !== plainBytes) refuse('a stored section has two sizes');
    entries.push({ method, from, bytes, plainBytes, crc });
    from += bytes;
    plain += plainBytes;
  }
  if (from !== frame.length) refuse('its sections do not fill it');
  if (plain !== frame.readUInt32LE(36) || plain > plainOverDecoded * decodedBytesMax)
    refuse('its sections are larger than it may hold');
  return entries;
}

function decompressed(run: () => Uint8Array): Uint8Array {
  try {
    return run();
  } catch (error) {
    throw new FrameError(`the frame is refused: a section cannot be decompressed: ${(error as Error).message}`);
  }
}

interface Zlib {
  zstdDecompressSync?(bytes: Uint8Array, options: { maxOutputLength: number; dictionary?: Uint8Array }): Uint8Array;
}
interface Addon {
  zstdDecompressBounded(bytes: Uint8Array, size: number, dictionary?: Uint8Array): Uint8Array;
}

/** Node's own zstd (22.15 and later), else that of Penstock's addon. */
export function defaultDecompress(): Decompress {
  const require = createRequire(import.meta.url);
  const addon = (): Addon => {
    try {
      return require('../../../build/Release/penstock_codecs.node');
    } catch (cause) {
      const ways = "Node 22.15 or later (22.19 for dictionaries), Penstock's addons, or the option decompress";
      throw new Error(`nothing here takes zstd apart: it needs ${ways}`, { cause });
    }
  };
  const { zstdDecompressSync } = require('node:zlib') as Zlib;
  if (!zstdDecompressSync) return (bytes, size, dictionary) => addon().zstdDecompressBounded(bytes, size, dictionary);
  const own = (bytes: Uint8Array, size: number, dictionary?: Uint8Array) =>
    zstdDecompressSync(bytes, { maxOutputLength: Math.max(size, 1), ...(dictionary && { dictionary }) });
  if (knowsDictionaries()) return own;
  return (bytes, size, dictionary) =>
    dictionary ? addon().zstdDecompressBounded(bytes, size, dictionary) : own(bytes, size);
}

/** Node's zstd takes dictionaries since 22.19 and 24.6, and ignores the option before. */
function knowsDictionaries(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 6) || (major === 22 && minor >= 19);
}
