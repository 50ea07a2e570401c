/** The bytes of a LogEvent, read from the front; every read is checked. */

const scratch = new DataView(new ArrayBuffer(8));

/** Fixed numbers go through it: a view of the record itself costs more than the copy of eight bytes. */
const scratchBytes = new Uint8Array(scratch.buffer);

/** One of several records in the same bytes. */
export interface RecordPart {
  readonly from: number;
  readonly to: number;
  /** All the bytes, a character each. */
  readonly latin1: string;
  /** Whether all its texts are ASCII. */
  readonly ascii: boolean;
}

export class RecordBytes {
  at: number;
  readonly end: number;
  readonly #bytes: Buffer;
  /** Whether no text of it has to be looked at: all are ASCII. */
  readonly #ascii: boolean;
  /** All bytes, a character each: texts that are ASCII are parts of it. */
  #latin1: string | undefined;

  constructor(bytes: Uint8Array, part?: RecordPart) {
    this.#bytes = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = part?.from ?? 0;
    this.end = part?.to ?? bytes.length;
    this.#ascii = part?.ascii ?? false;
    this.#latin1 = part?.latin1;
  }

  /** Below 2³². */
  varint(): number {
    const bytes = this.#bytes;
    let value = 0;
    for (let shift = 0; shift <= 28; shift += 7) {
      const byte = this.at < this.end ? (bytes[this.at++] as number) : this.#endsEarly();
      value |= (byte & 127) << shift;
      if (byte < 128) {
        if (shift === 28 && byte > 15) break;
        return value >>> 0;
      }
    }
    throw new Error('not a LogEvent: a number is out of bounds');
  }

  /** A varint as a signed number of 64 bits. */
  int64(): bigint {
    let low = 0;
    let scale = 1;
    for (let i = 0; i < 7; i++, scale *= 128) {
      const byte = this.at < this.end ? (this.#bytes[this.at++] as number) : this.#endsEarly();
      low += (byte & 127) * scale;
      if (byte < 128) return BigInt(low);
    }
    let value = BigInt(low);
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.at < this.end ? (this.#bytes[this.at++] as number) : this.#endsEarly();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asIntN(64, value);
    }
    throw new Error('not a LogEvent: a number is too long');
  }

  fixed64(): bigint {
    this.#eight();
    return scratch.getBigInt64(0, true);
  }

  double(): number {
    this.#eight();
    return scratch.getFloat64(0, true);
  }

  /** A length, and where what is so long ends. */
  size(): number {
    const size = this.varint();
    const to = this.at + size;
    return to <= this.end ? to : this.#endsEarly();
  }

  /** UTF-8, to byte `to`. */
  text(to: number): string {
    const from = this.at;
    this.at = to;
    if (!this.#ascii) {
      let all = 0;
      for (let i = from; i < to; i++) all |= this.#bytes[i] as number;
      if (all > 127) return this.#bytes.toString('utf8', from, to);
    }
    this.#latin1 ??= this.#bytes.toString('latin1');
    return this.#latin1.slice(from, to);
  }

  /** A view, to byte `to`. */
  slice(to: number): Uint8Array {
    const from = this.at;
    this.at = to;
    return this.#bytes.subarray(from, to);
  }

  /** Hexadecimal digits, to byte `to`. */
  hex(to: number): string {
    const from = this.at;
    this.at = to;
    return this.#bytes.toString('hex', from, to);
  }

  /** What is at `at` ends at byte `to`. */
  leave(to: number): void {
    if (this.at !== to) this.#endsEarly();
  }

  skip(wire: number): void {
    if (wire === 0) this.int64();
    else if (wire === 1) this.#eight();
    else if (wire === 2) this.at = this.size();
    else if (wire === 5 && this.at + 4 <= this.end) this.at += 4;
    else if (wire === 5) this.#endsEarly();
    else throw new Error(`not a LogEvent: a field of wire type ${wire}`);
  }

  #eight(): void {
    if (this.at + 8 > this.end) this.#endsEarly();
    for (let i = 0; i < 8; i++) scratchBytes[i] = this.#bytes[this.at + i] as number;
    this.at += 8;
  }

  #endsEarly(): never {
    throw new Error('not a LogEvent: it ends too early');
  }
}
