import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { LaneWriter } from '../../native/journal.js';
import { temporaryDirectory, textBatch } from '../../test/support/journal.js';
import { until } from '../../test/support/until.js';
import { OperatingError } from '../errors.js';
import { listCursors, SinkCursor } from './cursor.js';
import { loadIdentity } from './identity.js';
import { Journal } from './journal.js';
import { listSegments, makeLane, segmentPath } from './segments.js';

const options = { segmentBytes: 4096, bytesMax: 0 };

test('one process at a time; a killed holder does not keep the lock', async (t) => {
  const directory = temporaryDirectory(t);
  const script = `
    const { Journal } = await import(${JSON.stringify(new URL('./journal.js', import.meta.url).href)});
    new Journal({ directory: ${JSON.stringify(directory)}, segmentBytes: 4096, bytesMax: 0 });
    console.log('locked'); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  assert.throws(
    () => new Journal({ directory, ...options }),
    (error: unknown) =>
      error instanceof OperatingError && error.code === 'JOURNAL_LOCKED' && error.message.includes(`${holder.pid}`),
  );
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  new Journal({ directory, ...options }).close();
});

test('the identity stays; a copied journal is refused until adopted; boots differ', (t) => {
  const directory = temporaryDirectory(t);
  const first = loadIdentity(directory, false, 'machine a');
  assert.deepEqual(loadIdentity(directory, false, 'machine a'), first);
  assert.throws(() => loadIdentity(directory, false, 'machine b'), { code: 'JOURNAL_OF_OTHER_MACHINE' });
  const adopted = loadIdentity(directory, true, 'machine b');
  assert.notEqual(adopted.node, first.node);
  writeFileSync(join(directory, 'identity'), 'rubbish');
  assert.throws(() => loadIdentity(directory, false, 'machine b'), { code: 'JOURNAL_IDENTITY_DAMAGED' });

  const other = temporaryDirectory(t);
  const boots = [1, 2, 3].map(() => {
    const journal = new Journal({ directory: other, ...options });
    journal.close();
    return journal.boot;
  });
  assert.equal(new Set(boots).size, 3);
});

test('a cursor survives damage of its newest slot with an older position', (t) => {
  const directory = temporaryDirectory(t);
  const cursor = new SinkCursor(directory, 'kafka://a');
  for (let i = 1; i <= 5; i++) {
    cursor.advance({ lane: 0, segment: 1, offset: i * 64 });
    cursor.advance({ lane: 3, segment: 2, offset: i * 64 });
    cursor.save();
  }
  cursor.close();
  const again = new SinkCursor(directory, 'kafka://a');
  assert.deepEqual(again.position(3), { lane: 3, segment: 2, offset: 320 });
  assert.deepEqual(again.durable(0), { lane: 0, segment: 1, offset: 320 });
  assert.equal(again.position(1), null);
  again.close();

  const path = join(directory, `cursor-${encodeURIComponent('kafka://a')}`);
  const bytes = readFileSync(path);
  const slots = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, i) => i * 65_536);
  assert.equal(slots.length, 3);
  const newest = slots.find((at) => bytes.readDoubleLE(at) === 5) ?? assert.fail();
  bytes.writeUInt8(255, newest + 20);
  writeFileSync(path, bytes);
  assert.deepEqual(new SinkCursor(directory, 'kafka://a').position(0), { lane: 0, segment: 1, offset: 256 });
  for (const at of slots) bytes.writeUInt8(255, at + 20);
  writeFileSync(path, bytes);
  assert.equal(new SinkCursor(directory, 'kafka://a').position(0), null);
});

test('deletes segments below every position, keeps the last, and tells when it is full', (t) => {
  const directory = temporaryDirectory(t);
  const journal = new Journal({ directory, segmentBytes: 4096, bytesMax: 30_000 });
  const plan = journal.lanePlan(0);
  const writer = new LaneWriter(plan.directory, { segmentBytes: plan.segmentBytes, boot: journal.boot });
  assert.equal(journal.overLimit(), false);
  for (let i = 0; i < 20; i++) writer.commitGroup([textBatch('z'.repeat(1700))]);
  const segments = listSegments(directory, 0);
  assert.equal(segments.length, 10);
  assert.equal(
    journal.reclaim(() => [null, { lane: 0, segment: segments[5] ?? 0, offset: 64 }]),
    0,
  );
  assert.equal(
    journal.reclaim(() => [{ lane: 0, segment: segments[5] ?? 0, offset: 64 }]),
    5,
  );
  const figures = journal.figures();
  assert.equal(figures.segments, 5);
  assert.ok(figures.bytes > 15_000 && figures.bytes < 25_000);
  assert.equal(journal.overLimit(), false);
  for (let i = 0; i < 8; i++) writer.commitGroup([textBatch('z'.repeat(1700))]);
  journal.reclaim(() => [{ lane: 0, segment: segments[6] ?? 0, offset: 64 }]); // also measures anew
  assert.equal(journal.overLimit(), true);
  assert.equal(
    journal.reclaim(() => [{ lane: 0, segment: Number.MAX_SAFE_INTEGER, offset: 64 }]),
    7,
  );
  assert.equal(journal.overLimit(), false);
  writer.close();
  journal.close();
});

test('a journal that grows past its limit is seen to, whatever the clock is set to', {
  timeout: 240_000,
}, async (t) => {
  const directory = join(temporaryDirectory(t), 'journal');
  const journal = new Journal({ directory, segmentBytes: 4096, bytesMax: 10_000 });
  const plan = journal.lanePlan(0);
  const writer = new LaneWriter(plan.directory, { segmentBytes: plan.segmentBytes, boot: journal.boot });
  assert.equal(journal.overLimit(), false);
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() - 24 * 3_600_000 });
  for (let i = 0; i < 20; i++) writer.commitGroup([textBatch('z'.repeat(1700))]);
  await until('the journal is over its limit', () => journal.overLimit(), { timeoutMs: 60_000 });
  writer.close();
  journal.close();
});

test('a directory that is deleted is made anew; another journal in its place is left alone', (t) => {
  const directory = join(temporaryDirectory(t), 'journal');
  const journal = new Journal({ directory, ...options });
  assert.equal(journal.watch(), false);
  renameSync(directory, `${directory}.away`);
  assert.equal(journal.watch(), true);
  assert.deepEqual(loadIdentity(directory), journal.identity);
  assert.throws(() => new Journal({ directory, ...options }), { code: 'JOURNAL_LOCKED' });

  renameSync(directory, `${directory}.second`);
  const other = new Journal({ directory, ...options });
  other.close();
  assert.equal(journal.watch(), false);
  journal.lanes();
  assert.match(journal.problem(), /another journal/);
  assert.deepEqual(loadIdentity(directory), other.identity);

  renameSync(directory, `${directory}.other`);
  renameSync(`${directory}.second`, directory);
  assert.equal(journal.watch(), false);
  assert.equal(journal.problem(), '');
  journal.close();
});

test('a file that is named like a cursor of no sink is left alone', (t) => {
  const directory = temporaryDirectory(t);
  new SinkCursor(directory, 'kafka://a').close();
  for (const name of ['cursor-50%', 'cursor-']) writeFileSync(join(directory, name), '');
  assert.deepEqual(listCursors(directory), ['kafka://a']);
});

test('what a reader met counts on when it is gone, and its memory is given back', (t) => {
  const directory = temporaryDirectory(t);
  const writer = new LaneWriter(makeLane(directory, 0));
  for (let i = 0; i < 3; i++) writer.commitGroup([textBatch(`{"n":${i}}`)]);
  writer.close();
  const path = segmentPath(directory, 0, listSegments(directory, 0).at(-1) as number);
  const bytes = readFileSync(path);
  bytes.fill(0, 64, 128); // the first entry's header
  writeFileSync(path, bytes);
  const journal = new Journal({ directory, ...options });
  t.after(() => journal.close());
  const begin = () => {
    const reader = journal.reader(0, null);
    assert.ok(reader.read().length > 0);
    journal.release(reader);
    return new WeakRef(reader);
  };
  const readers = [begin(), begin()];
  assert.equal(journal.figures().corruptPlaces, 2);
  setFlagsFromString('--expose_gc');
  return until('they are collected', () => {
    runInNewContext('gc')();
    return readers.every((reader) => reader.deref() === undefined);
  });
});
