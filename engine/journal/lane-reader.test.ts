import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { LaneWriter } from '../../native/journal.js';
import { randomNumbers, temporaryDirectory, textBatch } from '../../test/support/journal.js';
import type { JournalBatch } from './journal-batch.js';
import { LaneReader } from './lane-reader.js';
import { listSegments, makeLane, segmentPath } from './segments.js';

function readBatches(reader: LaneReader): JournalBatch[] {
  const batches: JournalBatch[] = [];
  for (let got = reader.read(); got.length > 0; got = reader.read()) batches.push(...got);
  return batches;
}

function readAll(reader: LaneReader): Buffer[] {
  return readBatches(reader).map((batch) => batch.bytes);
}

test('reads what was committed, in order, across segments and in small windows', (t) => {
  const journal = temporaryDirectory(t);
  const writer = new LaneWriter(makeLane(journal, 0), { segmentBytes: 8192, boot: 5 });
  const all: Buffer[] = [];
  for (let i = 0; i < 60; i++) {
    const batches = [textBatch(`a${i}`, 'x'.repeat(i * 20)), textBatch(`b${i}`)];
    assert.equal(writer.commitGroup(batches), 0);
    all.push(...batches.map((batch) => batch.bytes));
  }
  writer.close();
  assert.ok(listSegments(journal, 0).length > 5);
  for (const window of [64, 1000, 1 << 20]) assert.deepEqual(readAll(new LaneReader(journal, 0, null, window)), all);

  const batches = readBatches(new LaneReader(journal, 0, null));
  const first = batches[20];
  assert.ok(first);
  assert.deepEqual(readAll(new LaneReader(journal, 0, first.next)), all.slice(21));
  assert.deepEqual(readAll(new LaneReader(journal, 0, first.position)), all.slice(20));
});

test('sees new groups as they are committed, and nothing of a group before its commit record', (t) => {
  const journal = temporaryDirectory(t);
  const reader = new LaneReader(journal, 0, null);
  assert.deepEqual(reader.read(), []);
  const writer = new LaneWriter(makeLane(journal, 0), { segmentBytes: 1 << 20 });
  const path = () => segmentPath(journal, 0, listSegments(journal, 0).at(-1) ?? 0);
  let expected = 0;
  for (let i = 0; i < 20; i++) {
    writer.commitGroup([textBatch(`event ${i}`)]);
    assert.equal(reader.read().length, 1);
    assert.deepEqual(reader.read(), []);
    expected++;
  }
  // A half-written group: what the next one would look like without its end.
  const before = readFileSync(path());
  writer.commitGroup([textBatch('one'), textBatch('two')]);
  const after = readFileSync(path());
  for (let cut = before.length; cut < after.length; cut += 32) {
    truncateSync(path(), before.length);
    appendFileSync(path(), after.subarray(before.length, cut));
    assert.deepEqual(reader.read(), []);
  }
  writeFileSync(path(), after);
  assert.equal(reader.read().length, 2);
  assert.equal(expected, 20);
  assert.deepEqual(reader.figures, { corruptBytes: 0, corruptPlaces: 0, tornTails: 0, missingSegments: 0 });
  writer.close();
});

test('carries the times of a batch', (t) => {
  const journal = temporaryDirectory(t);
  const writer = new LaneWriter(makeLane(journal, 0));
  const batch = { ...textBatch('a'), route: 7, partition: 3, firstReceivedMs: 1000, lastReceivedMs: 1500.5 };
  writer.commitGroup([{ ...batch, eventTimesMs: [900, 950.25] }]);
  const [read] = new LaneReader(journal, 0, null).read();
  assert.ok(read);
  assert.deepEqual([read.route, read.partition, read.count], [7, 3, 1]);
  assert.deepEqual([read.firstReceivedMs, read.lastReceivedMs], [1000, 1500.5]);
  assert.deepEqual(read.eventTimesMs(), [900, 950.25]);
  writer.close();
});

test('skips and counts damage, and leaves a torn tail behind when a later segment exists', (t) => {
  const journal = temporaryDirectory(t);
  const lane = makeLane(journal, 0);
  const writer = new LaneWriter(lane, { boot: 1 });
  for (let i = 0; i < 5; i++) writer.commitGroup([textBatch(`event ${i}`)]);
  writer.close();
  const [first = 0] = listSegments(journal, 0);
  const path = segmentPath(journal, 0, first);
  const bytes = readFileSync(path);
  const positions = new LaneReader(journal, 0, null).read().map((batch) => batch.position.offset);
  bytes.writeUInt8(255, (positions[2] ?? 0) + 70);
  writeFileSync(path, bytes);
  const next = new LaneWriter(lane, { boot: 2 });
  next.commitGroup([textBatch('later')]);
  next.close();
  appendFileSync(path, Buffer.alloc(100, 7));
  const reader = new LaneReader(journal, 0, null);
  assert.equal(readAll(reader).length, 5);
  assert.equal(reader.figures.corruptPlaces, 1);
  assert.equal(reader.figures.corruptBytes, 192);
  assert.equal(reader.figures.tornTails, 1);
});

test('random groups, random crash: the reader gets the committed prefix, and goes on after recovery', (t) => {
  const random = randomNumbers(4711);
  for (let round = 0; round < 40; round++) {
    const journal = temporaryDirectory(t);
    const lane = makeLane(journal, 0);
    const settings = { segmentBytes: 1 << 14, boot: 9 };
    const writer = new LaneWriter(lane, settings);
    const stored: { body: Buffer; segment: number; end: number }[] = [];
    for (let g = 0; g < 1 + random() * 15; g++) {
      const batches = Array.from({ length: Math.floor(random() * 4) }, () => textBatch('y'.repeat(random() * 3000)));
      assert.equal(writer.commitGroup(batches), 0);
      const segment = listSegments(journal, 0).at(-1) ?? 0;
      const end = readFileSync(segmentPath(journal, 0, segment)).length;
      for (const { bytes } of batches) stored.push({ body: bytes, segment, end });
    }
    writer.close();
    const last = listSegments(journal, 0).at(-1) ?? 0;
    const path = segmentPath(journal, 0, last);
    const size = readFileSync(path).length;
    const cut = Math.floor(random() * (size + 1));
    truncateSync(path, cut);
    const expected = stored.filter((batch) => batch.segment < last || batch.end <= cut).map((batch) => batch.body);
    assert.deepEqual(readAll(new LaneReader(journal, 0, null, 512)), expected);
    const again = new LaneWriter(lane, settings);
    const more = textBatch('after the crash');
    assert.equal(again.commitGroup([more]), 0);
    again.close();
    assert.deepEqual(readAll(new LaneReader(journal, 0, null)), [...expected, more.bytes]);
  }
});
