import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { journalIndex, LaneWriter } from '../../native/journal.js';
import { projectRoot } from '../../native/load.js';
import { temporaryDirectory, textBatch } from '../../test/support/journal.js';
import { patienceMs } from '../../test/support/until.js';
import { inspectJournal } from '../cli/journal-inspect.js';
import { repairJournal } from '../cli/journal-repair.js';
import { verifyJournal } from '../cli/journal-verify.js';
import { EventCounter } from './event-counter.js';
import { Journal } from './journal.js';
import { LaneReader } from './lane-reader.js';
import { laneDirectory, listGone, listSegments, listSpares, segmentPath } from './segments.js';

const segmentBytes = 8192;

/** A journal of one lane whose writer is at work; `fill` stores events up to the next segment and answers their numbers. */
function makeJournal(t: TestContext, bytesMax = 0) {
  const directory = temporaryDirectory(t);
  const journal = new Journal({ directory, segmentBytes, bytesMax, sparesMax: 2, reserveBytes: 0 });
  const { boot, identity } = journal;
  const settings = { lane: 0, segmentBytes: journal.lanePlan(0).segmentBytes, boot, node: identity.node, sparesMax: 2 };
  const writer = new LaneWriter(journal.lanePlan(0).directory, settings);
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    writer.close();
    journal.close();
  };
  t.after(close);
  let next = 0;
  const store = (): number => {
    assert.equal(writer.commitGroup([textBatch(`event ${next}.`, 'x'.repeat(100 + ((next * 37) % 900)))]), 0);
    return next++;
  };
  const fill = (): number[] => {
    const before = listSegments(directory, 0).length;
    const stored = [];
    while (listSegments(directory, 0).length === before) stored.push(store());
    return stored;
  };
  const last = () => listSegments(directory, 0).at(-1) ?? 0;
  /** Everything before the last segment is needed no more. */
  const retire = () => journal.reclaim((lane) => [{ lane, segment: last(), offset: 64 }]);
  return { directory, journal, close, store, fill, last, retire };
}

function readAll(reader: LaneReader): number[] {
  const found: number[] = [];
  for (let batches = reader.read(); batches.length > 0; batches = reader.read())
    for (const batch of batches) found.push(Number(/event (\d+)\./.exec(batch.bytes.toString('latin1'))?.[1]));
  return found;
}

function formerBytes(path: string): number {
  return Number(readFileSync(path).readBigUInt64LE(48));
}

test('delivered segments are written over: readers beside the writer get each event once and in order', (t) => {
  const { directory, journal, store, fill, last, retire } = makeJournal(t);
  const reader = journal.reader(0, null);
  const counter = new EventCounter(directory, 0, null);
  const stored: number[] = [];
  const read: number[] = [];
  for (let i = 0; i < 12; i++) {
    for (let k = 0; k < 3; k++) {
      stored.push(store());
      read.push(...readAll(reader));
      counter.advance(null);
    }
    stored.push(...fill());
    // The reader looks for a new segment now and then; the one before is retired only when it is there.
    while (reader.position.segment !== last()) read.push(...readAll(reader));
    read.push(...readAll(reader));
    while (counter.position.segment !== last()) counter.advance(null);
    counter.advance(null);
    assert.deepEqual(read, stored);
    assert.equal(counter.events, 2 * stored.length);
    retire();
  }
  const path = segmentPath(directory, 0, last());
  assert.ok(formerBytes(path) > segmentBytes / 2, 'the last segment is a used file');
  const { corruptPlaces, tornTails, spares, spareBytes } = journal.figures();
  assert.deepEqual([corruptPlaces, tornTails], [0, 0]);
  assert.equal(spares, 1);
  assert.ok(spareBytes > segmentBytes / 2);

  // Everybody else who looks at a file with old bytes behind its end sees what is stored, and nothing else.
  const live = readAll(new LaneReader(directory, 0, null));
  assert.deepEqual(live, stored.slice(-live.length));
  assert.equal(journalIndex(path).length / 3, live.length);
  const python = spawnSync('python3', [join(projectRoot, 'tools', 'journal_reader.py'), path], { encoding: 'utf8' });
  if (python.error === undefined) assert.equal(python.stdout.trim().split('\n').length, live.length, python.stderr);
  const { events, damage, torn } = verifyJournal(directory);
  assert.deepEqual({ events, damage, torn }, { events: 2 * live.length, damage: [], torn: [] });
  const [lane] = inspectJournal(directory).lanes;
  assert.deepEqual([lane?.events, lane?.spares], [2 * live.length, 1]);
});

test('a reader whose segment is retired and written over goes on with the next and reports no damage', async (t) => {
  const { directory, journal, fill, retire } = makeJournal(t);
  const first = [...fill(), ...fill()];
  const late = new LaneReader(directory, 0, null, 512);
  const [begun] = late.read();
  assert.ok(begun);
  const opened = fill().slice(-1); // the segment that stays
  retire(); // the segment that `late` has open
  const rest = [...opened, ...fill(), ...fill()];
  const found: number[] = [];
  const until = Date.now() + patienceMs;
  while (found.at(-1) !== rest.at(-1) && Date.now() < until) {
    found.push(...readAll(late));
    await sleep(5);
  }
  assert.equal(found.at(-1), rest.at(-1));
  assert.equal(late.figures.corruptPlaces, 0);
  assert.equal(late.figures.missingSegments > 0, true);
  const known = new Set(first);
  assert.deepEqual(
    found.filter((event) => !known.has(event)),
    rest.filter((event) => found.includes(event)),
  );
  assert.equal(new Set(found).size, found.length);
  assert.equal(journal.figures().quarantinedBytes, 0);
});

test('damage in a used file: what comes after is read, and repair does not bring the old events back', async (t) => {
  const { directory, journal, close, store, fill, last, retire } = makeJournal(t);
  for (let i = 0; i < 4; i++) fill();
  retire();
  const stored = fill().slice(-1); // it opened the used file
  for (let i = 0; i < 5; i++) stored.push(store());
  const path = segmentPath(directory, 0, last());
  assert.ok(formerBytes(path) > 0);
  // The second batch and the third are, after a power failure, what was there before.
  const [, second, , fourth] = new LaneReader(directory, 0, { lane: 0, segment: last(), offset: 64 }).read();
  const [from, to] = [second?.position.offset ?? 0, fourth?.position.offset ?? 0];
  const spare = listSpares(directory, 0)[0] ?? assert.fail();
  const fd = openSync(path, 'r+');
  writeSync(fd, readFileSync(spare), from, to - from, from);
  closeSync(fd);

  const reader = journal.reader(0, { lane: 0, segment: last(), offset: 64 });
  const found = readAll(reader);
  const until = Date.now() + patienceMs;
  while (found.length < stored.length - 2 && Date.now() < until) {
    found.push(...readAll(reader));
    await sleep(50);
  }
  assert.deepEqual(found, [stored[0], ...stored.slice(3)]);
  assert.equal(reader.figures.corruptPlaces, 1);
  const [piece] = readdirSync(join(directory, 'quarantine'));
  assert.match(piece ?? '', /-used$/);
  close();
  const events = repairJournal(directory).events;
  assert.equal(events, 0);
});

test('spares are given up for room, and when there are to be none', async (t) => {
  const { directory, journal, fill, retire } = makeJournal(t, 8 * segmentBytes);
  for (let i = 0; i < 4; i++) fill();
  retire();
  assert.equal(listSpares(directory, 0).length, 2);
  const gone = async (what: () => string[], left: number) => {
    const until = Date.now() + patienceMs;
    while (what().length > left && Date.now() < until) await sleep(5);
    assert.equal(what().length, left);
  };
  await gone(() => listGone(directory, 0), 0);
  // What waits fills the journal.
  writeFileSync(segmentPath(directory, 0, 1), Buffer.alloc(7 * segmentBytes));
  const spares = () => {
    journal.reclaim((lane) => [{ lane, segment: 0, offset: 64 }]);
    return listSpares(directory, 0);
  };
  await gone(spares, 0); // what there is is measured now and then
  assert.ok(statSync(segmentPath(directory, 0, 1)).size > 0);
  assert.ok(existsSync(laneDirectory(directory, 0)));
});
