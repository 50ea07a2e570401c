/** Zigzag variable-length integers, as Kafka's records and protobuf's sint64 have them (Kafka protocol guide, "Varint"). */

/** The batch cannot be read as a RecordBatch v2. */
export class RecordBatchError extends Error {
  override readonly name = 'RecordBatchError';
}

/** Reads from `at` on. Every method throws RecordBatchError where the bytes end too early. */
export class VarintReader {
  at = 0;
  constructor(private readonly buffer: Buffer) {}

  /** A length and as many bytes; null for the length −1. */
  bytes(): Buffer | null {
    const length = this.varint();
    if (length < 0) return null;
    if (this.at + length > this.buffer.length) throw new RecordBatchError('the records section is cut short');
    this.at += length;
    return this.buffer.subarray(this.at - length, this.at);
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.buffer[this.at++];
      if (byte === undefined) throw new RecordBatchError('the records section is cut short');
      value += (byte & 127) * scale;
      if (byte < 128) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      scale *= 128;
    }
    throw new RecordBatchError('a number of more than ten bytes');
  }
}

/** @param n an integer within ±2^52 */
export function varintBytes(n: number): Buffer {
  let rest = n < 0 ? -n * 2 - 1 : n * 2;
  const bytes: number[] = [];
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
