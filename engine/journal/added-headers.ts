/** Headers added to all records of a batch, which are copied and not taken apart: a flood of rejected events passes here. */
import { crc32c } from '../../native/journal.js';
import { batchRecords, recordCount } from './record-batch.js';
import { RecordBatchError, VarintReader, varintBytes } from './varint.js';

const headerBytes = 61;
/** A length and a count may each take so many bytes more. */
const growthMax = 10;

/** The batch uncompressed, as the journal holds it, each record with `added` behind its own headers. @throws RecordBatchError */
export function withHeaders(batch: Buffer, added: readonly (readonly [name: string, value: Buffer])[]): Buffer {
  const records = batchRecords(batch);
  const count = recordCount(batch);
  if (count < 0 || count > records.length) throw new RecordBatchError('more records than its bytes hold');
  const tail = Buffer.concat(added.flatMap(([name, value]) => [sized(Buffer.from(name)), sized(value)]));
  const out = Buffer.allocUnsafe(headerBytes + records.length + count * (tail.length + growthMax));
  batch.copy(out, 0, 0, headerBytes);
  const reader = new VarintReader(records);
  let at = headerBytes;
  for (let i = 0; i < count; i++) {
    const bodyBytes = reader.varint();
    const body = reader.at;
    const end = body + bodyBytes;
    if (bodyBytes < 0 || end > records.length) throw new RecordBatchError('the records section is cut short');
    reader.at++; // attributes
    reader.varint(); // timestamp delta
    reader.varint(); // offset delta
    reader.bytes(); // key
    reader.bytes(); // value
    const headersAt = reader.at;
    const headers = varintBytes(reader.varint() + added.length);
    if (reader.at > end) throw new RecordBatchError('a record of another length than it says');
    const length = varintBytes(headersAt - body + headers.length + (end - reader.at) + tail.length);
    at += length.copy(out, at);
    at += records.copy(out, at, body, headersAt);
    at += headers.copy(out, at);
    at += records.copy(out, at, reader.at, end);
    at += tail.copy(out, at);
    reader.at = end;
  }
  return sealed(out.subarray(0, at));
}

function sized(bytes: Buffer): Buffer {
  return Buffer.concat([varintBytes(bytes.length), bytes]);
}

/** As the journal has it: base offset 0, no compression, no producer. */
function sealed(batch: Buffer): Buffer {
  batch.fill(0, 0, 8);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt16BE(0, 21);
  batch.writeBigInt64BE(-1n, 43);
  batch.writeInt16BE(-1, 51);
  batch.writeInt32BE(-1, 53);
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}
