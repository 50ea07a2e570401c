import { batchRecords, RecordBatchError } from '../../../engine/journal/record-batch.js';
import { VarintReader, varintBytes } from '../../../engine/journal/varint.js';
import { type CodecName, Compressor, compressBound } from '../../../native/codecs.js';
import { crc32c } from '../../../native/journal.js';
import { batchHeaderBytes, storedCount } from './stamp.js';

/** Neighbouring records of a stored batch: from record `first` on, `count` of them. */
export interface RecordRange {
  readonly first: number;
  readonly count: number;
}

/** One record, as slices of the decompressed records section. */
export interface RecordView {
  readonly timestampDelta: number;
  /** Everything behind the offset delta: key, value, headers. */
  readonly rest: Buffer;
  readonly attributes: number;
}

const codecNames: Readonly<Record<number, CodecName>> = { 1: 'gzip', 3: 'lz4', 4: 'zstd' };
const compressors = new Map<CodecName, Compressor>();

/** The records of a RecordBatch v2. @throws RecordBatchError */
export function readRecords(batch: Buffer): RecordView[] {
  const bytes = batchRecords(batch);
  const count = storedCount(batch);
  const records: RecordView[] = [];
  const reader = new VarintReader(bytes);
  for (let i = 0; i < count; i++) {
    const end = reader.varint() + reader.at;
    const attributes = bytes[reader.at++] ?? 0;
    const timestampDelta = reader.varint();
    reader.varint(); // offset delta
    if (end > bytes.length || end < reader.at) throw new RecordBatchError(`record ${i} ends beyond its batch`);
    records.push({ timestampDelta, attributes, rest: bytes.subarray(reader.at, end) });
    reader.at = end;
  }
  return records;
}

/**
 * Cuts a stored batch into batches of neighbouring records, compressed as it was. They are as the journal would hold them: base
 * offset 0, no producer. @throws RecordBatchError
 */
export function cutBatch(batch: Buffer, ranges: readonly RecordRange[]): Buffer[] {
  const records = readRecords(batch);
  return ranges.map(({ first, count }) => encodeBatch(batch, records.slice(first, first + count)));
}

/** `pieces` ranges of nearly equal counts (fewer when there are fewer records). */
export function evenRanges(whole: RecordRange, pieces: number): RecordRange[] {
  const wanted = Math.min(pieces, whole.count);
  const edge = (i: number) => whole.first + Math.floor((whole.count * i) / wanted);
  return Array.from({ length: wanted }, (_, i) => ({ first: edge(i), count: edge(i + 1) - edge(i) }));
}

/** Runs of records for which `test` says the same. */
export function runsOf(whole: RecordRange, test: (index: number) => boolean): (RecordRange & { yes: boolean })[] {
  const runs: { first: number; count: number; yes: boolean }[] = [];
  for (let i = whole.first; i < whole.first + whole.count; i++) {
    const yes = test(i);
    const last = runs.at(-1);
    if (last?.yes === yes) last.count++;
    else runs.push({ first: i, count: 1, yes });
  }
  return runs;
}

function encodeBatch(like: Buffer, records: readonly RecordView[]): Buffer {
  const parts: Buffer[] = [];
  let lastDelta = 0;
  for (const [i, record] of records.entries()) {
    lastDelta = Math.max(lastDelta, record.timestampDelta);
    const head = Buffer.concat([Buffer.of(record.attributes), varintBytes(record.timestampDelta), varintBytes(i)]);
    parts.push(varintBytes(head.length + record.rest.length), head, record.rest);
  }
  const body = compressLike(like, Buffer.concat(parts));
  const batch = Buffer.concat([like.subarray(0, batchHeaderBytes), body]);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt32BE(records.length - 1, 23);
  batch.writeBigInt64BE(batch.readBigInt64BE(27) + BigInt(lastDelta), 35);
  batch.writeInt32BE(records.length, 57);
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}
function compressLike(like: Buffer, records: Buffer): Buffer {
  const name = codecNames[like.readInt16BE(21) & 7];
  if (name === undefined) return records;
  let compressor = compressors.get(name);
  if (compressor === undefined) {
    compressor = new Compressor(name);
    compressors.set(name, compressor);
  }
  const room = Buffer.allocUnsafe(compressBound(name, records.length));
  return Buffer.from(room.subarray(0, compressor.compressInto(records, 0, records.length, room, 0)));
}
