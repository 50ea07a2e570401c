/** Records of a RecordBatch v2 taken apart and put together (Kafka protocol guide, "Record Batch"), where few of them matter. */
import { frameEvents, isFrame } from '../../native/frames.js';
import { crc32c } from '../../native/journal.js';
import { batchRecords, recordCount } from './record-batch.js';
import { RecordBatchError, VarintReader, varintBytes } from './varint.js';

export interface BatchRecord {
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [name: string, value: Buffer | null])[];
}

const headerBytes = 61;
const baseTimestampOffset = 27;
const headersMax = 1 << 16;

/** @throws RecordBatchError */
export function readBatchRecords(batch: Buffer): BatchRecord[] {
  const reader = new VarintReader(batchRecords(batch));
  const baseMs = Number(batch.readBigInt64BE(baseTimestampOffset));
  return Array.from({ length: recordCount(batch) }, () => {
    const end = reader.varint() + reader.at;
    reader.at++; // attributes
    const timestampMs = baseMs + reader.varint();
    reader.varint(); // offset delta
    const key = reader.bytes();
    const value = reader.bytes();
    const count = reader.varint();
    if (count < 0 || count > headersMax) throw new RecordBatchError(`a record with ${count} headers`);
    const headers = Array.from({ length: count }, () => [String(reader.bytes() ?? ''), reader.bytes()] as const);
    if (reader.at !== end) throw new RecordBatchError('a record of another length than it says');
    return { timestampMs, key, value, headers };
  });
}

/** Events in these records: one each, or as many as its frame holds. */
export function eventsOf(records: readonly Pick<BatchRecord, 'value'>[]): number {
  return records.reduce((sum, { value }) => sum + (value !== null && isFrame(value) ? frameEvents(value) : 1), 0);
}

/** Events in a batch whose entry does not say so; one a record where its records cannot be read. */
export function eventCount(batch: Buffer): number {
  try {
    return eventsOf(readBatchRecords(batch));
  } catch (error) {
    if (!(error instanceof RecordBatchError)) throw error;
    return recordCount(batch);
  }
}

/** An uncompressed batch as the journal holds it: base offset 0, no producer. */
export function makeBatch(records: readonly BatchRecord[]): Buffer {
  const times = records.map(({ timestampMs }) => timestampMs);
  const baseMs = times[0] ?? 0;
  const batch = Buffer.concat([
    Buffer.alloc(headerBytes),
    ...records.map((record, i) => encodeRecord(record, i, baseMs)),
  ]);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt32BE(-1, 12);
  batch.writeInt8(2, 16);
  batch.writeInt32BE(records.length - 1, 23);
  batch.writeBigInt64BE(BigInt(baseMs), baseTimestampOffset);
  batch.writeBigInt64BE(BigInt(Math.max(baseMs, ...times)), 35);
  batch.writeBigInt64BE(-1n, 43);
  batch.writeInt16BE(-1, 51);
  batch.writeInt32BE(-1, 53);
  batch.writeInt32BE(records.length, 57);
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}

function encodeRecord({ timestampMs, key, value, headers }: BatchRecord, index: number, baseMs: number): Buffer {
  const parts = [Buffer.of(0), varintBytes(timestampMs - baseMs), varintBytes(index), ...sized(key), ...sized(value)];
  parts.push(varintBytes(headers.length));
  for (const [name, content] of headers) parts.push(...sized(Buffer.from(name)), ...sized(content));
  const body = Buffer.concat(parts);
  return Buffer.concat([varintBytes(body.length), body]);
}

function sized(bytes: Buffer | null): Buffer[] {
  return bytes === null ? [varintBytes(-1)] : [varintBytes(bytes.length), bytes];
}
