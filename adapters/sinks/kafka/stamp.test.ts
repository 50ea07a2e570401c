import assert from 'node:assert';
import { test } from 'node:test';
import { crc32c } from '../../../native/journal.js';
import { recordBatch } from '../../../test/e2e/kafka/record-batch.js';
import { patchCrc32c } from './crc32c-patch.js';
import { advanceSequence, atOrAfter, batchHeaderBytes, lastSequence, stampHeader } from './stamp.js';

const largest = 2_147_483_647;

test('a patched CRC is the CRC of the changed bytes', () => {
  for (const length of [14, 15, 64, 4096, 250_001]) {
    for (const at of [0, Math.floor((length - 14) / 3), length - 14]) {
      const before = Buffer.alloc(length, length & 255);
      const after = Buffer.from(before);
      const difference = Buffer.from('change of 14 b');
      for (let i = 0; i < 14; i++) after[at + i]! ^= difference[i]!;
      assert.strictEqual(
        patchCrc32c(crc32c(before), difference, length - at - 14),
        crc32c(after),
        `${length} at ${at}`,
      );
    }
  }
});

test('a stamped header carries stamp and CRC, and the stored batch is untouched', () => {
  const batch = recordBatch(['one', 'two', 'x'.repeat(10_000)]);
  const original = Buffer.from(batch);
  const header = stampHeader(batch, { producerId: 0x0102030405060708n, epoch: 3, baseSequence: largest });
  const sent = Buffer.concat([header, batch.subarray(batchHeaderBytes)]);
  assert.strictEqual(sent.readUInt32BE(17), crc32c(sent.subarray(21)));
  assert.strictEqual(sent.toString('hex', 43, 57), '010203040506070800037fffffff');
  assert.strictEqual(Buffer.compare(batch, original), 0);
});

test('sequences wrap to 0 after 2,147,483,647', () => {
  assert.strictEqual(advanceSequence(largest, 1), 0);
  assert.strictEqual(advanceSequence(largest - 9, 10), 0);
  assert.strictEqual(lastSequence(largest - 9, 10), largest);
  assert.strictEqual(lastSequence(largest - 4, 10), 4);
  assert.strictEqual(advanceSequence(0, 2 ** 31 - 1), largest);
});

test('what comes after what is told across the wrap', () => {
  const cases: [number, number, boolean][] = [
    [5, 5, true],
    [6, 5, true],
    [5, 6, false],
    [0, largest, true],
    [largest, 0, false],
    [3, largest - 3, true],
  ];
  for (const [a, b, expected] of cases) assert.strictEqual(atOrAfter(a, b), expected, `${a}, ${b}`);
});
