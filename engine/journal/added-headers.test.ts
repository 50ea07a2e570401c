import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { crc32c } from '../../native/journal.js';
import { withHeaders } from './added-headers.js';
import { RecordBatchError } from './record-batch.js';
import { type BatchRecord, makeBatch, readBatchRecords } from './records.js';

const headers = (count: number) =>
  Array.from({ length: count }, (_, i) => [`header-${i}`, i % 3 === 2 ? null : Buffer.from(`value ${i}`)] as const);

/** Sizes at which lengths and counts take a byte more. */
const records: BatchRecord[] = [0, 1, 40, 63, 64, 100, 8000, 8191, 8192].flatMap((size) =>
  [0, 1, 5, 61, 62, 63, 64].map((count) => ({
    timestampMs: 1_700_000_000_000 + (size - count) * 1000,
    key: size % 2 === 0 ? null : Buffer.alloc(size % 200, 'k'),
    value: size === 1 ? null : Buffer.alloc(size, 'v'),
    headers: headers(count),
  })),
);
const added = [
  ['code', Buffer.from('schema')],
  ['empty', Buffer.alloc(0)],
] as const;

test('every record keeps what it has, and has the headers behind its own', () => {
  const wanted = makeBatch(records.map((record) => ({ ...record, headers: [...record.headers, ...added] })));
  const plain = makeBatch(records);
  assert.deepEqual(withHeaders(plain, added), wanted);
  const compressed = Buffer.concat([plain.subarray(0, 61), gzipSync(plain.subarray(61))]);
  compressed.writeInt16BE(1, 21);
  compressed.writeInt32BE(compressed.length - 12, 8);
  compressed.writeUInt32BE(crc32c(compressed.subarray(21)), 17);
  assert.deepEqual(withHeaders(compressed, added), wanted);
  assert.deepEqual(readBatchRecords(withHeaders(plain, [])), records);
});

test('damaged batches are refused or copied, nothing else', () => {
  const plain = makeBatch(records.slice(0, 12));
  let refused = 0;
  for (let at = 16; at < plain.length; at += at < 200 ? 1 : 17) {
    const damaged = Buffer.from(plain);
    damaged[at] = (damaged[at] as number) ^ (at % 2 === 0 ? 0xff : 0x81);
    try {
      assert.ok(withHeaders(damaged, added).length >= 61);
    } catch (error) {
      assert.ok(error instanceof RecordBatchError, String(error));
      refused++;
    }
  }
  assert.ok(refused > 10);
  for (let size = 0; size < plain.length; size += 23)
    assert.throws(() => withHeaders(plain.subarray(0, size), added), RecordBatchError);
});
