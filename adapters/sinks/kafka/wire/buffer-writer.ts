/**
 * Writes the primitive types of the Kafka protocol (Kafka protocol guide, "Protocol Primitive Types"; KIP-482 for the
 * compact and tagged ones). Large byte fields are referred to, not copied: see `external`.
 */
export class BufferWriter {
  #chunks: Buffer[] = [];
  #buffer: Buffer;
  #start = 0;
  #end = 0;
  #closedBytes = 0;

  constructor(capacity = 256) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  /** Bytes written so far, external ones included. */
  get length(): number {
    return this.#closedBytes + (this.#end - this.#start);
  }

  int8(value: number): this {
    this.#room(1);
    this.#end = this.#buffer.writeInt8(value, this.#end);
    return this;
  }
  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }
  int16(value: number): this {
    this.#room(2);
    this.#end = this.#buffer.writeInt16BE(value, this.#end);
    return this;
  }
  int32(value: number): this {
    this.#room(4);
    this.#end = this.#buffer.writeInt32BE(value, this.#end);
    return this;
  }
  int64(value: bigint): this {
    this.#room(8);
    this.#end = this.#buffer.writeBigInt64BE(value, this.#end);
    return this;
  }
  /** UNSIGNED_VARINT, 0 to 2³² − 1. */
  uvarint(value: number): this {
    this.#room(5);
    let rest = value >>> 0;
    while (rest > 127) {
      this.#buffer[this.#end++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#buffer[this.#end++] = rest;
    return this;
  }
  /** STRING or NULLABLE_STRING: 16-bit length. */
  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const bytes = Buffer.from(value, 'utf8');
    return this.int16(bytes.length).bytes(bytes);
  }
  compactString(value: string | null): this {
    if (value === null) return this.uvarint(0);
    const bytes = Buffer.from(value, 'utf8');
    return this.uvarint(bytes.length + 1).bytes(bytes);
  }
  compactBytes(value: Buffer): this {
    return this.uvarint(value.length + 1).bytes(value);
  }
  compactArray<T>(values: readonly T[] | null, write: (value: T) => void): this {
    this.uvarint(values === null ? 0 : values.length + 1);
    if (values !== null) for (const value of values) write(value);
    return this;
  }
  /** An empty tagged-field section. */
  noTags(): this {
    return this.uvarint(0);
  }
  /** Copies raw bytes. */
  bytes(value: Uint8Array): this {
    this.#room(value.length);
    this.#buffer.set(value, this.#end);
    this.#end += value.length;
    return this;
  }
  /** Reserves `count` raw bytes to be filled by the caller before the next write. */
  reserve(count: number): Buffer {
    this.#room(count);
    const view = this.#buffer.subarray(this.#end, this.#end + count);
    this.#end += count;
    return view;
  }
  /** Appends `value` without copying it; it must not change until the request is answered. */
  external(value: Buffer): this {
    this.#seal();
    this.#chunks.push(value);
    this.#closedBytes += value.length;
    return this;
  }
  /** The pieces, in order. The writer must not be used afterwards. */
  finish(): Buffer[] {
    this.#seal();
    return this.#chunks;
  }

  #seal(): void {
    if (this.#end === this.#start) return;
    this.#chunks.push(this.#buffer.subarray(this.#start, this.#end));
    this.#closedBytes += this.#end - this.#start;
    this.#start = this.#end;
  }
  #room(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return;
    const used = this.#end - this.#start;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, used + bytes));
    this.#buffer.copy(larger, 0, this.#start, this.#end);
    this.#buffer = larger;
    this.#start = 0;
    this.#end = used;
  }
}
