import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchRecords, recordValues } from '../../../engine/journal/record-batch.js';
import { type CodecName, Compressor, compressBound } from '../../../native/codecs.js';
import { crc32c } from '../../../native/journal.js';
import { recordBatch } from '../../../test/e2e/kafka/record-batch.js';
import { newItem } from './batch-item.js';
import { cutBatch, evenRanges, runsOf } from './record-cut.js';
import { divide, splitItem } from './split-item.js';
import { storedCount } from './stamp.js';

const codec = (name: CodecName, id: 1 | 3 | 4) => ({
  id,
  compress: (bytes: Buffer) => {
    const room = Buffer.alloc(compressBound(name, bytes.length));
    return room.subarray(0, new Compressor(name).compressInto(bytes, 0, bytes.length, room, 0));
  },
});
const texts = Array.from({ length: 100 }, (_, i) => `event ${i} ${'x'.repeat(i * 3)}`);
const textsOf = (batch: Buffer) =>
  recordValues(batchRecords(batch), storedCount(batch)).map((value) => value?.toString('latin1'));

test('pieces of a batch hold its records in order, compressed as it was, each a valid batch', () => {
  for (const like of [undefined, codec('gzip', 1), codec('lz4', 3), codec('zstd', 4)]) {
    const whole = recordBatch(texts, like);
    for (const pieces of [2, 3, 7, 100, 1000]) {
      const cut = cutBatch(whole, evenRanges({ first: 0, count: 100 }, pieces));
      assert.equal(cut.length, Math.min(100, pieces));
      assert.deepEqual(cut.flatMap(textsOf), texts);
      for (const batch of cut) {
        assert.equal(batch.readInt32BE(8), batch.length - 12);
        assert.equal(batch.readInt32BE(23), storedCount(batch) - 1);
        assert.equal(batch.readInt16BE(21) & 7, like?.id ?? 0);
        assert.equal(batch.readUInt32BE(17), crc32c(batch.subarray(21)));
        assert.equal(batch.readBigInt64BE(43), -1n);
      }
    }
  }
});

test('runs of records that are alike', () => {
  assert.deepEqual(
    runsOf({ first: 2, count: 6 }, (i) => i > 3 && i < 6),
    [
      { first: 2, count: 2, yes: false },
      { first: 4, count: 2, yes: true },
      { first: 6, count: 2, yes: false },
    ],
  );
});

const itemOf = (bytes: Buffer, settle: { resolve?: () => void; reject?: (error: Error) => void } = {}) => {
  const position = { lane: 0, segment: 1, offset: 0 };
  const batch = {
    position,
    next: position,
    route: 0,
    partition: 0,
    count: storedCount(bytes),
    events: storedCount(bytes),
    bytes,
  };
  return newItem(batch, { resolve: () => {}, reject: () => {}, ...settle });
};

test('what is refused is divided by its reason', () => {
  const item = itemOf(recordBatch(texts));
  const counts = (code: string, bad: readonly number[]) => {
    const parts = divide(item, code, bad);
    return parts && [parts.send, parts.refuse].map((list) => list.map(({ first, batch }) => [first, batch.count]));
  };
  const halves = [
    [
      [0, 50],
      [50, 50],
    ],
    [],
  ];
  assert.deepEqual(counts('MESSAGE_TOO_LARGE', []), halves);
  assert.deepEqual(counts('RECORD_LIST_TOO_LARGE', []), halves);
  assert.deepEqual(counts('INVALID_RECORD', []), halves);
  assert.deepEqual(counts('INVALID_TIMESTAMP', [3, 4, 99]), [
    [
      [0, 3],
      [5, 94],
    ],
    [
      [3, 2],
      [99, 1],
    ],
  ]);
  assert.equal(counts('INVALID_RECORD', [...texts.keys()]), null);
  assert.equal(counts('UNSUPPORTED_COMPRESSION_TYPE', []), null);
  assert.equal(divide(itemOf(recordBatch(['one'])), 'MESSAGE_TOO_LARGE', []), null);
  assert.equal(divide(itemOf(Buffer.concat([recordBatch(texts).subarray(0, 80)])), 'MESSAGE_TOO_LARGE', []), null);
});

test('a split batch is answered when its last part is, with every refusal of parts and parts of parts', () => {
  const answers: unknown[] = [];
  const item = itemOf(recordBatch(texts), {
    resolve: () => answers.push('stored'),
    reject: (error) => answers.push(error),
  });
  const [a, b] = splitItem(item, evenRanges({ first: 0, count: 100 }, 2))!;
  const [c, d] = splitItem(b!, evenRanges({ first: 0, count: 50 }, 2))!;
  assert.equal(d!.first, 75);
  a!.resolve();
  c!.resolve();
  assert.equal(answers.length, 0);
  d!.reject(Object.assign(new Error('too large'), { verdict: 'never', code: 'MESSAGE_TOO_LARGE' }) as never);
  assert.equal(answers.length, 1);
  const { verdict, refused } = answers[0] as { verdict: string; refused: { batch: { bytes: Buffer } }[] };
  assert.equal(verdict, 'never');
  assert.deepEqual(
    refused.map(({ batch }) => textsOf(batch.bytes)),
    [texts.slice(75)],
  );
});
