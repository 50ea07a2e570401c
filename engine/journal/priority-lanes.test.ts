import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { LaneWriter } from '../../native/journal.js';
import { randomNumbers, temporaryDirectory, textBatch } from '../../test/support/journal.js';
import { EventCounter } from './event-counter.js';
import type { JournalBatch } from './journal-batch.js';
import { LaneReader } from './lane-reader.js';
import { listSegments, makeLane, priorityLane, segmentPath } from './segments.js';

const lane = 0;

function read(reader: LaneReader): JournalBatch[] {
  const batches: JournalBatch[] = [];
  for (let got = reader.read(); got.length > 0 || reader.behind; got = reader.read()) batches.push(...got);
  return batches;
}

function ordinary(journal: string, from: JournalBatch['next'] | null, windowBytes?: number): LaneReader {
  const reader = new LaneReader(journal, lane, from, windowBytes);
  reader.ordinaryOnly = true;
  return reader;
}

const text = (batch: JournalBatch) => batch.bytes.toString('latin1').match(/event [a-z0-9]+/)?.[0];

/** Groups of one to four batches, of which `share` have priority. */
function fill(journal: string, seed: number, share: number, groups = 120): { first: string[]; rest: string[] } {
  const random = randomNumbers(seed);
  const written = { first: [] as string[], rest: [] as string[] };
  const writer = new LaneWriter(makeLane(journal, lane), { segmentBytes: 16_384, boot: 5 });
  for (let group = 0; group < groups; group++) {
    const batches = Array.from({ length: 1 + Math.floor(random() * 4) }, (_, i) => {
      const priority = random() < share;
      const event = `event ${group}x${i}`;
      written[priority ? 'first' : 'rest'].push(event);
      return { ...textBatch(event, 'x'.repeat(Math.floor(random() * 400))), priority };
    });
    assert.equal(writer.commitGroup(batches), 0);
  }
  writer.close();
  return written;
}

test('a lane is two sequences: what has priority, and the rest; each goes on behind any of its batches', (t) => {
  for (const [seed, share] of [
    [1, 0.5],
    [2, 0.02],
    [3, 0],
    [4, 1],
  ] as const) {
    const journal = temporaryDirectory(t);
    const written = fill(journal, seed, share);
    for (const window of [64, 1000, 1 << 20]) {
      const first = read(new LaneReader(journal, priorityLane(lane), null, window));
      const rest = read(ordinary(journal, null, window));
      assert.deepEqual(first.map(text), written.first);
      assert.deepEqual(rest.map(text), written.rest);
      assert.ok(first.every(({ position }) => position.lane === priorityLane(lane)));
      for (const [i, batch] of first.entries()) {
        if (i % 7 !== 0) continue;
        const after = read(new LaneReader(journal, priorityLane(lane), batch.next, window));
        assert.deepEqual(after.map(text), written.first.slice(i + 1));
      }
      for (const [i, batch] of rest.entries()) {
        if (i % 7 !== 0) continue;
        assert.deepEqual(read(ordinary(journal, batch.next, window)).map(text), written.rest.slice(i + 1));
      }
    }
    assert.equal(read(new LaneReader(journal, lane, null)).length, written.first.length + written.rest.length);
  }
});

test('what is counted from headers is what is read, for both sequences and up to any place', (t) => {
  const journal = temporaryDirectory(t);
  fill(journal, 9, 0.3);
  for (const [number, only] of [
    [lane, true],
    [priorityLane(lane), false],
    [lane, false],
  ] as const) {
    const reader = new LaneReader(journal, number, null);
    reader.ordinaryOnly = only;
    const batches = read(reader);
    const counter = new EventCounter(journal, number, null);
    counter.ordinaryOnly = only;
    let events = 0;
    for (const batch of batches) {
      events += batch.count;
      assert.equal(counter.advance(batch.next), true);
      assert.equal(counter.events, events);
    }
    counter.close();
    reader.close();
  }
});

test('damage costs both sequences what it hit and nothing else, and is counted once', (t) => {
  const journal = temporaryDirectory(t);
  const written = fill(journal, 11, 0.5);
  const path = segmentPath(journal, lane, listSegments(journal, lane)[1] as number);
  const bytes = readFileSync(path);
  bytes.fill(0xee, 3000, 3600);
  writeFileSync(path, bytes);
  const [firstReader, restReader] = [new LaneReader(journal, priorityLane(lane), null), ordinary(journal, null)];
  const [first, rest] = [read(firstReader).map(text), read(restReader).map(text)];
  const lost = written.first.length + written.rest.length - first.length - rest.length;
  assert.ok(lost > 0 && lost < 12, `lost ${lost}`);
  assert.deepEqual(
    first,
    written.first.filter((event) => first.includes(event)),
  );
  assert.deepEqual(
    rest,
    written.rest.filter((event) => rest.includes(event)),
  );
  assert.equal(firstReader.figures.corruptPlaces, 0);
  assert.ok(restReader.figures.corruptPlaces > 0);
});

test('a group is seen by both only when it is committed, and what is there already is passed once', (t) => {
  const journal = temporaryDirectory(t);
  const writer = new LaneWriter(makeLane(journal, lane), { boot: 5 });
  const first = new LaneReader(journal, priorityLane(lane), null);
  const rest = ordinary(journal, null);
  for (let i = 0; i < 30; i++) {
    const priority = i % 10 === 9;
    writer.commitGroup([{ ...textBatch(`event ${i}`), priority }]);
    assert.deepEqual(read(first).map(text), priority ? [`event ${i}`] : []);
    assert.deepEqual(read(rest).map(text), priority ? [] : [`event ${i}`]);
    assert.deepEqual({ ...first.position, lane }, rest.position, 'neither stands still because of what the other has');
  }
  writer.close();
});
