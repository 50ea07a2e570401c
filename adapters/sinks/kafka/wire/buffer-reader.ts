import { ProtocolError } from './wire-errors.js';

/**
 * Reads the primitive types of the Kafka protocol from one response. The bytes come from a peer that may be hostile:
 * every length is checked against what is left, so nothing is read or allocated beyond the response.
 */
export class BufferReader {
  readonly #buffer: Buffer;
  #at: number;

  constructor(buffer: Buffer, at = 0) {
    this.#buffer = buffer;
    this.#at = at;
  }

  get remaining(): number {
    return this.#buffer.length - this.#at;
  }

  int8(): number {
    return this.#buffer.readInt8(this.#take(1));
  }
  boolean(): boolean {
    return this.int8() !== 0;
  }
  int16(): number {
    return this.#buffer.readInt16BE(this.#take(2));
  }
  int32(): number {
    return this.#buffer.readInt32BE(this.#take(4));
  }
  int64(): bigint {
    return this.#buffer.readBigInt64BE(this.#take(8));
  }
  /** UNSIGNED_VARINT of at most 32 bits. */
  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift <= 28; shift += 7) {
      const byte = this.#buffer[this.#take(1)]!;
      value = (value | ((byte & 127) << shift)) >>> 0;
      if (byte < 128) return value;
    }
    throw new ProtocolError('a variable-length integer is longer than 32 bits');
  }
  string(): string | null {
    const length = this.int16();
    return length < 0 ? null : this.#text(length);
  }
  compactString(): string | null {
    const length = this.uvarint();
    return length === 0 ? null : this.#text(length - 1);
  }
  compactBytes(): Buffer | null {
    const length = this.uvarint();
    if (length === 0) return null;
    const from = this.#take(length - 1);
    return this.#buffer.subarray(from, from + length - 1);
  }
  uuid(): Buffer {
    const from = this.#take(16);
    return this.#buffer.subarray(from, from + 16);
  }
  /** ARRAY with a 32-bit count; every element must take at least one byte. */
  array<T>(read: () => T): T[] {
    return this.#elements(this.int32(), read);
  }
  /** COMPACT_ARRAY; null reads as empty. */
  compactArray<T>(read: () => T): T[] {
    return this.#elements(this.uvarint() - 1, read);
  }
  /** Skips a tagged-field section. */
  tags(): void {
    for (let left = this.uvarint(); left > 0; left--) {
      this.uvarint();
      this.#take(this.uvarint());
    }
  }

  #elements<T>(count: number, read: () => T): T[] {
    if (count > this.remaining) throw new ProtocolError(`an array claims ${count} elements in ${this.remaining} bytes`);
    const values: T[] = [];
    for (let i = 0; i < count; i++) values.push(read());
    return values;
  }
  #text(length: number): string {
    const from = this.#take(length);
    return this.#buffer.toString('utf8', from, from + length);
  }
  #take(bytes: number): number {
    const from = this.#at;
    if (bytes > this.#buffer.length - from)
      throw new ProtocolError(`the response ends early: ${bytes} bytes wanted, ${this.#buffer.length - from} left`);
    this.#at = from + bytes;
    return from;
  }
}
