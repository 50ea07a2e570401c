import assert from 'node:assert/strict';
import { lstatSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LaneWriter } from '../../native/journal.js';
import { temporaryDirectory, textBatch } from '../../test/support/journal.js';
import { Journal } from './journal.js';
import { keepOnDisk, memoryBytes } from './memory-segments.js';
import { listSegments, makeLane, segmentPath } from './segments.js';

const options = { segmentBytes: 4096, bytesMax: 0 };
const lost = '/proc/999999999/fd/3';

/** A journal with one batch on the disk, whose name is that of an earlier segment. */
function withOneBatch(directory: string): number {
  const writer = new LaneWriter(makeLane(directory, 0), { boot: 1 });
  writer.commitGroup([{ ...textBatch('delivered'), route: 0, partition: -1 }], []);
  writer.close();
  return listSegments(directory, 0).at(-1) as number;
}

test('after a kill a cursor in what was lost goes on behind it, and begins nothing anew', (t) => {
  const directory = temporaryDirectory(t);
  const last = withOneBatch(directory);
  for (const segment of [last + 1, last + 2]) symlinkSync(lost, segmentPath(directory, 0, segment));
  writeFileSync(`${segmentPath(directory, 0, last + 1)}.new`, 'left by a stop that was killed');
  const journal = new Journal({ directory, ...options });
  t.after(() => journal.close());
  assert.equal(journal.lostSegments, 2);
  const segments = listSegments(directory, 0);
  assert.deepEqual(segments, [last, last + 2]);
  assert.equal(statSync(segmentPath(directory, 0, last + 2)).size, 0);
  const reader = journal.reader(0, { lane: 0, segment: last + 2, offset: 640 });
  assert.deepEqual(reader.read(), []);
  const fromTheStart = journal.reader(0, null);
  assert.equal(fromTheStart.read().length, 1);
  assert.deepEqual(fromTheStart.read(), []);
  assert.equal(fromTheStart.figures.corruptBytes + fromTheStart.figures.tornTails, 0);
  reader.close();
  fromTheStart.close();
});

test('what is in memory is counted, and becomes files with the same bytes', (t) => {
  const directory = temporaryDirectory(t);
  const last = withOneBatch(directory);
  const elsewhere = join(directory, 'elsewhere');
  writeFileSync(elsewhere, 'a segment');
  symlinkSync(elsewhere, segmentPath(directory, 0, last + 1));
  assert.equal(memoryBytes(directory), 9);
  assert.equal(keepOnDisk(directory), 1);
  assert.ok(lstatSync(segmentPath(directory, 0, last + 1)).isFile());
  assert.equal(readFileSync(segmentPath(directory, 0, last + 1), 'utf8'), 'a segment');
  assert.equal(memoryBytes(directory), 0);
});
