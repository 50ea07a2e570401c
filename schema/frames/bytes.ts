/** Bytes of a frame being read: every read is checked, whatever the bytes say. */

/** Why a frame is refused. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

export function refuse(why: string): never {
  throw new FrameError(`the frame is refused: ${why}`);
}

const int64 = 64;
/** A call of Node's own costs as much as so many steps. */
const shortText = 48;

/** Reads from the front. */
export class ByteReader {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  byte(most = 255): number {
    const value = this.#bytes[this.at++];
    if (value === undefined || value > most) refuse('a byte is out of bounds');
    return value;
  }

  /** A varint of at most `most`, itself a safe integer. */
  varint(most: number): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (value > most || !Number.isSafeInteger(value)) refuse('a number is out of bounds');
      if (byte < 128) return value;
      if (scale > 2 ** 49) refuse('a number is out of bounds');
    }
  }

  /** A varint in zigzag form, 64 bits. */
  zigzag(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      if (shift > 63n) refuse('a number is too long');
      const byte = this.byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) break;
    }
    value = BigInt.asUintN(int64, value);
    return (value >> 1n) ^ -(value & 1n);
  }

  bytes(size: number): Buffer {
    if (size > this.left) refuse('it ends too early');
    this.at += size;
    return this.#bytes.subarray(this.at - size, this.at);
  }

  text(): Buffer {
    return this.bytes(this.varint(this.left));
  }
}

/** The i-th of the numbers of `width` bits, at most 64, packed one after the other. */
export function unpack(bytes: Buffer, i: number, width: number): bigint {
  if (width <= 32) return BigInt(unpackSmall(bytes, i, width));
  const bit = BigInt(i) * BigInt(width);
  let at = Number(bit >> 3n);
  let value = 0n;
  const end = Math.min(bytes.length, at + 9);
  for (let shift = 0n; at < end; at++, shift += 8n) value |= BigInt(bytes[at] as number) << shift;
  return BigInt.asUintN(width, value >> (bit & 7n));
}

/** The same for at most 32 bits. */
export function unpackSmall(bytes: Buffer, i: number, width: number): number {
  if (width === 0) return 0;
  const bit = i * width;
  if (width <= 24 && bit < 2 ** 31) {
    const from = bit >> 3;
    const word =
      (bytes[from] as number) |
      ((bytes[from + 1] ?? 0) << 8) |
      ((bytes[from + 2] ?? 0) << 16) |
      ((bytes[from + 3] ?? 0) << 24);
    return (word >>> (bit & 7)) & ((1 << width) - 1);
  }
  const at = Math.floor(bit / 8);
  let value = 0;
  for (let k = 4; k >= 0; k--) value = value * 256 + (bytes[at + k] ?? 0);
  return Math.floor(value / 2 ** (bit % 8)) % 2 ** width;
}

/** The same for at most 53 bits. */
export function unpackPlain(bytes: Buffer, i: number, width: number): number {
  if (width <= 24) return unpackSmall(bytes, i, width);
  const bit = i * width;
  const low = bits24(bytes, bit) + bits24(bytes, bit + 24) * 2 ** 24;
  return (width <= 48 ? low : low + bits24(bytes, bit + 48) * 2 ** 48) % 2 ** width;
}

function bits24(bytes: Buffer, bit: number): number {
  const from = Math.floor(bit / 8);
  const word =
    (bytes[from] ?? 0) |
    ((bytes[from + 1] ?? 0) << 8) |
    ((bytes[from + 2] ?? 0) << 16) |
    ((bytes[from + 3] ?? 0) << 24);
  return (word >>> (bit % 8)) & 0xffffff;
}

/** Remainders of a byte with 0 to 3 bytes behind it: four bytes are one step. */
const crcTable = new Int32Array(4 * 256);
for (let n = 0; n < 256; n++) {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
  crcTable[n] = c;
}
for (let i = 256; i < crcTable.length; i++) {
  const before = crcTable[i - 256] as number;
  crcTable[i] = (crcTable[before & 255] as number) ^ (before >>> 8);
}

/** CRC-32C, to go on from `before`. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  const table = crcTable;
  const at = (i: number) => bytes[i] as number;
  let crc = ~before;
  let i = 0;
  for (const end = bytes.length - 3; i < end; i += 4) {
    const four = crc ^ (at(i) | (at(i + 1) << 8) | (at(i + 2) << 16) | (at(i + 3) << 24));
    crc =
      (table[768 + (four & 255)] as number) ^
      (table[512 + ((four >>> 8) & 255)] as number) ^
      (table[256 + ((four >>> 16) & 255)] as number) ^
      (table[four >>> 24] as number);
  }
  for (; i < bytes.length; i++) crc = (table[(crc ^ at(i)) & 255] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Bytes of one event under construction, at most `max`. */
export class Output {
  #bytes: Buffer;
  size = 0;

  constructor(readonly max: number) {
    this.#bytes = Buffer.allocUnsafe(Math.min(max, 4096) + 16);
  }

  clear(): void {
    this.size = 0;
  }

  #room(more: number): void {
    if (this.size + more > this.max) refuse('an event is larger than its header says');
    this.#grow(more);
  }

  /** There are 16 bytes more than events may have. */
  #grow(more: number): void {
    if (this.size + more <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.min(2 * (this.size + more), this.max) + 16);
    this.#bytes.copy(grown, 0, 0, this.size);
    this.#bytes = grown;
  }

  append(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.size);
    this.size += bytes.length;
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.size++] = value;
  }

  varint(value: number | bigint): void {
    if (typeof value === 'bigint') {
      if (value < 0n || value > 0x7fffffffn) this.#wideVarint(BigInt.asUintN(int64, value));
      else this.varint(Number(value));
      return;
    }
    let rest = value;
    this.#grow(5);
    for (; rest >= 128; rest >>>= 7) this.#bytes[this.size++] = (rest & 127) | 128;
    this.#bytes[this.size++] = rest;
    this.#room(0);
  }

  #wideVarint(value: bigint): void {
    let rest = value;
    for (; rest >= 128n; rest >>= 7n) this.byte(Number(rest & 127n) | 128);
    this.byte(Number(rest));
  }

  fixed64(value: bigint): void {
    this.#room(8);
    this.#bytes.writeBigInt64LE(value, this.size);
    this.size += 8;
  }

  /** A character a byte. */
  text(text: string): void {
    const { length } = text;
    this.#room(length);
    if (length > shortText) this.#bytes.write(text, this.size, 'latin1');
    else for (let i = 0; i < length; i++) this.#bytes[this.size + i] = text.charCodeAt(i);
    this.size += length;
  }

  /** A view: until the next change. */
  slice(from = 0, to = this.size): Buffer {
    return this.#bytes.subarray(from, to);
  }
}
