/** Bytes of a frame being read: every read is checked, whatever the bytes say. */

/** Why a frame is refused. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

export function refuse(why: string): never {
  throw new FrameError(`the frame is refused: ${why}`);
}

/** Reads from the front. */
export class ByteReader {
  at = 0;
  /** All of them. */
  readonly whole: Buffer;

  constructor(bytes: Uint8Array) {
    this.whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.whole.length - this.at;
  }

  byte(most = 255): number {
    const value = this.whole[this.at++];
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
      if (scale > 2 ** 56) refuse('a number is out of bounds');
    }
  }

  /** A varint in zigzag form, 64 bits. */
  zigzag(): bigint {
    const value = this.varint64();
    return (value >> 1n) ^ -(value & 1n);
  }

  varint64(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      if (shift > 63n) refuse('a number is too long');
      const byte = this.byte(shift === 63n ? 1 : 255);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  }

  bytes(size: number): Buffer {
    if (size > this.left) refuse('it ends too early');
    this.at += size;
    return this.whole.subarray(this.at - size, this.at);
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
  if (width <= 48) return low % 2 ** width;
  return low + (bits24(bytes, bit + 48) & ((1 << (width - 48)) - 1)) * 2 ** 48;
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
