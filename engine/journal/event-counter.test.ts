import assert from 'node:assert/strict';
import { openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import { LaneWriter } from '../../native/journal.js';
import { temporaryDirectory, textBatch } from '../../test/support/journal.js';
import { Random } from '../../test/support/random.js';
import { EventCounter } from './event-counter.js';
import { LaneReader } from './lane-reader.js';
import { listSegments, makeLane, segmentPath } from './segments.js';

function texts(random: Random): ReturnType<typeof textBatch> {
  return textBatch(...Array.from({ length: random.between(1, 9) }, (_, i) => 'x'.repeat(random.between(0, 400) + i)));
}

test('headers alone count what a reader reads, up to any batch, while it is written', (t) => {
  const random = new Random(7);
  const journal = temporaryDirectory(t);
  const writer = new LaneWriter(makeLane(journal, 0), { segmentBytes: 16_384 });
  const reader = new LaneReader(journal, 0, null);
  const toReader = new EventCounter(journal, 0, null);
  const toEnd = new EventCounter(journal, 0, null);
  let [written, read] = [0, 0];
  for (let round = 0; round < 300; round++) {
    const batches = Array.from({ length: random.between(1, 4) }, () => texts(random));
    assert.equal(writer.commitGroup(batches, [[0, round]]), 0);
    for (const batch of batches) written += batch.count;
    assert.ok(toEnd.advance(null));
    assert.equal(toEnd.events, written);
    if (random.next() < 0.5) continue;
    for (const batch of reader.read()) {
      read += batch.count;
      assert.ok(toReader.advance(batch.next));
      assert.equal(toReader.events, read);
    }
  }
  assert.ok(listSegments(journal, 0).length > 5);
  writer.close();
});

test('a count in small steps ends where one in a single step does', (t) => {
  const random = new Random(8);
  const journal = temporaryDirectory(t);
  const writer = new LaneWriter(makeLane(journal, 0), { segmentBytes: 8192 });
  for (let round = 0; round < 100; round++) writer.commitGroup([texts(random), texts(random)]);
  writer.close();
  const whole = new EventCounter(journal, 0, null);
  assert.ok(whole.advance(null));
  const steps = new EventCounter(journal, 0, null);
  let taken = 1;
  while (!steps.advance(null, 3)) taken++;
  assert.ok(taken > 30);
  assert.deepEqual([steps.events, steps.position], [whole.events, whole.position]);
});

test('a tail that was never committed is not counted, nor is what damage hides', (t) => {
  const journal = temporaryDirectory(t);
  const writer = new LaneWriter(makeLane(journal, 0));
  for (let i = 0; i < 10; i++) writer.commitGroup([textBatch('one', 'two')]);
  writer.close();
  const [segment = 0] = listSegments(journal, 0);
  const path = segmentPath(journal, 0, segment);
  const torn = openSync(path, 'a');
  writeSync(torn, Buffer.alloc(640, 7));
  const counter = new EventCounter(journal, 0, null);
  counter.advance(null);
  counter.advance(null);
  assert.equal(counter.events, 20);

  const bytes = readFileSync(path);
  const third = new LaneReader(journal, 0, null).read()[3];
  const header = third?.position.offset ?? 0;
  for (const at of [header + 30, header + 40]) bytes.writeUInt8(bytes.readUInt8(at) ^ 255, at); // one would be mended
  writeFileSync(path, bytes);
  const damaged = new EventCounter(journal, 0, null);
  damaged.advance(null);
  damaged.advance(null);
  assert.equal(damaged.events, 18);
  assert.equal(damaged.damagedSegments, 1);
});
