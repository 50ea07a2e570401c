import { varintBytes } from '../../../engine/journal/varint.js';
import { crc32c } from '../../../native/journal.js';

export type BatchCodec = { readonly id: 0 | 1 | 3 | 4; readonly compress: (bytes: Buffer) => Buffer };
const none: BatchCodec = { id: 0, compress: (bytes) => bytes };

/** A RecordBatch v2 as the journal holds it: base offset 0, producer id −1, epoch −1, base sequence −1. */
export function recordBatch(
  values: readonly (string | Buffer)[],
  codec: BatchCodec = none,
  timestamp = Date.now(),
): Buffer {
  const records = codec.compress(Buffer.concat(values.map((value, i) => record(Buffer.from(value as string), i))));
  const batch = Buffer.alloc(61 + records.length);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt32BE(-1, 12);
  batch.writeInt8(2, 16);
  batch.writeInt16BE(codec.id, 21);
  batch.writeInt32BE(values.length - 1, 23);
  batch.writeBigInt64BE(BigInt(timestamp), 27);
  batch.writeBigInt64BE(BigInt(timestamp), 35);
  batch.writeBigInt64BE(-1n, 43);
  batch.writeInt16BE(-1, 51);
  batch.writeInt32BE(-1, 53);
  batch.writeInt32BE(values.length, 57);
  records.copy(batch, 61);
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}

function record(value: Buffer, offsetDelta: number): Buffer {
  const body = Buffer.concat([
    Buffer.of(0),
    varintBytes(0),
    varintBytes(offsetDelta),
    varintBytes(-1),
    varintBytes(value.length),
    value,
    varintBytes(0),
  ]);
  return Buffer.concat([varintBytes(body.length), body]);
}
