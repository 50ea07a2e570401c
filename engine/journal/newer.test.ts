import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32c, LaneWriter } from '../../native/journal.js';
import { temporaryDirectory, textBatch } from '../../test/support/journal.js';
import { openStore } from '../cli/store-query.js';
import { Journal } from './journal.js';
import { refuseNewer } from './newer.js';
import { listSegments, makeLane, segmentPath } from './segments.js';

test('a journal that a later version wrote to is refused, and left as it is', async (t) => {
  const data = temporaryDirectory(t);
  const directory = join(data, 'journal');
  const writer = new LaneWriter(makeLane(directory, 0), { segmentBytes: 4096 });
  for (let i = 0; i < 10; i++) assert.equal(writer.commitGroup([textBatch('x'.repeat(1000))]), 0);
  writer.close();
  refuseNewer(directory);
  const path = segmentPath(directory, 0, listSegments(directory, 0).at(-1) as number);
  const bytes = readFileSync(path);
  bytes.writeUInt16LE(3, 8);
  bytes.writeUInt32LE(crc32c(bytes.subarray(0, 60)), 60);
  writeFileSync(path, bytes);
  const expected = { code: 'JOURNAL_NEWER', message: /\.seg is of a later version of Penstock: format 3, which/ };
  assert.throws(() => new Journal({ directory, segmentBytes: 4096, bytesMax: 0 }), expected);
  await assert.rejects(openStore({ data, memoryBytes: 256 << 20, threads: 1 }), expected);
  assert.deepEqual(readFileSync(path), bytes);
  bytes.writeUInt16LE(4, 8); // the header is damaged, which has another way
  writeFileSync(path, bytes);
  refuseNewer(directory);
});
