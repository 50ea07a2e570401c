import { gzipDecompressBounded, lz4FrameDecompressBounded, zstdDecompressBounded } from '../../native/codecs.js';
import { RecordBatchError, VarintReader } from './varint.js';

export { RecordBatchError } from './varint.js';

const headerBytes = 61;
const attributesOffset = 21;
const countOffset = 57;
/** Largest records section after decompression: a stored batch was made from at most this. */
const recordsBytesMax = 512 * 2 ** 20;

/** The decompressed records section of a RecordBatch v2. @throws RecordBatchError */
export function batchRecords(batch: Buffer): Buffer {
  if (batch.length < headerBytes || batch[16] !== 2) throw new RecordBatchError('not a record batch of format 2');
  const records = batch.subarray(headerBytes);
  const codec = batch.readInt16BE(attributesOffset) & 7;
  try {
    if (codec === 0) return records;
    if (codec === 1) return gzipDecompressBounded(records, recordsBytesMax);
    if (codec === 3) return lz4FrameDecompressBounded(records, recordsBytesMax);
    if (codec === 4) return zstdDecompressBounded(records, recordsBytesMax);
  } catch (cause) {
    throw new RecordBatchError(`records do not decompress: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
  throw new RecordBatchError(`unknown compression ${codec}`);
}

export function recordCount(batch: Buffer): number {
  return batch.readInt32BE(countOffset);
}

/** The values of the records, null for a tombstone: slices of `records`. @throws RecordBatchError */
export function recordValues(records: Buffer, count: number): (Buffer | null)[] {
  const reader = new VarintReader(records);
  const values: (Buffer | null)[] = [];
  for (let i = 0; i < count; i++) {
    const end = reader.varint() + reader.at;
    reader.at += 1; // attributes
    reader.varint(); // timestamp delta: may exceed 2^53 in hostile bytes only
    reader.varint(); // offset delta
    const keyBytes = reader.varint();
    if (keyBytes > 0) reader.at += keyBytes;
    const valueBytes = reader.varint();
    if (reader.at + Math.max(0, valueBytes) > end || end > records.length) {
      throw new RecordBatchError(`record ${i} ends beyond its batch`);
    }
    values.push(valueBytes < 0 ? null : records.subarray(reader.at, reader.at + valueBytes));
    reader.at = end;
  }
  return values;
}
