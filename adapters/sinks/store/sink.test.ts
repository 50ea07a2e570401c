import assert from 'node:assert/strict';
import { cpSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { openStore } from '../../../engine/cli/store-query.js';
import { Deliveries } from '../../../engine/deliver/deliveries.js';
import { Journal } from '../../../engine/journal/journal.js';
import { listSegments, makeLane } from '../../../engine/journal/segments.js';
import { LaneWriter } from '../../../native/journal.js';
import { temporaryDirectory, textBatch } from '../../../test/support/journal.js';
import { patienceMs, until } from '../../../test/support/until.js';
import { compact } from './compact.js';
import { emptyManifest, readManifest, writeManifest } from './manifest.js';
import { sink } from './sink.js';

const log = pino({ level: 'silent' });

const specOf = (data: string, retentionDays = 0) => ({
  id: 'store',
  url: `store:${data}`,
  scheme: 'store',
  authority: '',
  path: data,
  options: {
    compact_bytes: 1000,
    compact_interval_ms: 1000,
    compact_memory_bytes: 256 << 20,
    retention_days: retentionDays,
  },
});

test('from the journal to Parquet: segments go when their events are in files', { timeout: 600_000 }, async (t) => {
  const data = temporaryDirectory(t);
  const directory = join(data, 'journal');
  const journal = new Journal({ directory, segmentBytes: 4096, bytesMax: 0 });
  const plan = journal.lanePlan(0);
  const writer = new LaneWriter(plan.directory, { segmentBytes: plan.segmentBytes, boot: journal.boot });
  for (let i = 0; i < 30; i++) writer.commitGroup([textBatch(`{"message":"${'m'.repeat(1000)}","n":${i}}`)]);
  assert.ok(listSegments(directory, 0).length > 5);

  const store = sink.create(specOf(join(data, 'store')), {
    log,
    stateDir: join(data, 'sinks', 'store'),
    journalDir: directory,
  });
  const deliveries = new Deliveries({ journal, sinks: [store], log });
  let running = true;
  t.after(() => (running ? deliveries.stop(0) : undefined));
  deliveries.start((error) => assert.fail(String(error)));
  assert.equal(await deliveries.drain(patienceMs), true);
  assert.equal(store.holds?.(0) === null, store.figures().files === 0, 'it holds all until something is compacted');
  const compacted = () =>
    (store.figures().compacted_events_total ?? 0) >= 30 && listSegments(directory, 0).length === 1;
  await until('all is compacted', compacted, { detail: () => JSON.stringify(store.figures()) });
  assert.equal(store.figures().uncompacted_bytes, 0);
  writer.commitGroup([textBatch('{"n":30}')]);
  running = false;
  await deliveries.stop(1000);
  writer.close();
  journal.close();
  // The engine's directory leads to the store.
  const query = await openStore({ data, memoryBytes: 256 << 20, threads: 1 });
  const { rows } = await query.run(`SELECT count(*)::INT, count(DISTINCT attrs->>'n')::INT FROM events`);
  assert.deepEqual(rows, [[31, 31]]);
  query.close();
});

test('says why it cannot compact, and forgets that when it can', { timeout: 600_000 }, async (t) => {
  const data = temporaryDirectory(t);
  const journalDir = join(data, 'journal');
  new LaneWriter(makeLane(journalDir, 0)).commitGroup([textBatch(`{"message":"${'m'.repeat(2000)}"}`)]);
  writeFileSync(join(data, 'events'), 'in the way');
  const store = sink.create(specOf(data), { log, stateDir: '', journalDir });
  await store.start();
  t.after(() => store.stop(0));
  await until('it says so', () => /^cannot compact into .*: EEXIST/.test(store.health().detail), {
    detail: () => store.health().detail,
  });
  assert.doesNotMatch(store.health().detail, /\n/);
  rmSync(join(data, 'events'));
  await until('it compacts', () => store.health().detail === `writes ${data}`);
  assert.equal(store.figures().compacted_events_total, 1);
  assert.equal(statSync(join(data, 'events')).mode & 0o007, 0, 'closed to others');
});

test('a journal that cannot be looked at for a while stops nothing', { timeout: 600_000 }, async (t) => {
  const data = temporaryDirectory(t);
  const journalDir = join(data, 'journal');
  new LaneWriter(makeLane(journalDir, 0)).commitGroup([textBatch(`{"message":"${'m'.repeat(2000)}"}`)]);
  const [lane, aside] = [join(journalDir, 'lane-000'), join(data, 'aside')];
  renameSync(lane, aside);
  writeFileSync(lane, 'not a directory');
  const store = sink.create(specOf(data), { log, stateDir: '', journalDir });
  await store.start();
  t.after(() => store.stop(0));
  await until('it says so', () => /^cannot compact into .*: ENOTDIR/.test(store.health().detail), {
    detail: () => store.health().detail,
  });
  assert.equal(store.figures().uncompacted_bytes, 0, 'figures are told all the same');
  rmSync(lane);
  renameSync(aside, lane);
  await until('it compacts', () => store.figures().compacted_events_total === 1);
  assert.equal(store.health().detail, `writes ${data}`);
});

test('what is beyond the retention goes although no event comes any more', { timeout: 600_000 }, async (t) => {
  const data = temporaryDirectory(t);
  const journalDir = join(data, 'journal');
  const writer = new LaneWriter(makeLane(journalDir, 0));
  writer.commitGroup([{ ...textBatch('{"message":"old"}'), firstReceivedMs: Date.UTC(2026, 0, 1) }]);
  await compact({ store: data, journal: journalDir, retention: { days: 0, bytes: 0 }, memoryBytes: 256 << 20 });
  assert.equal(readManifest(data)?.files.length, 1);
  const store = sink.create(specOf(data, 1), { log, stateDir: '', journalDir });
  await store.start();
  t.after(() => store.stop(0));
  await until('it is gone', () => store.figures().files === 0);
  assert.equal(readManifest(data)?.forgottenEvents, 1);
});

test('a store is of one journal: of another it is refused, of a moved one it goes on', (t) => {
  const data = temporaryDirectory(t);
  const [first, second, moved] = ['a', 'b', 'c'].map((name) => join(data, name, 'journal')) as [string, string, string];
  const store = join(data, 'store');
  const open = (journalDir: string) => sink.create(specOf(store), { log, stateDir: '', journalDir });
  new LaneWriter(makeLane(first, 0)).commitGroup([textBatch('{"message":"x"}')]);
  makeLane(second, 0);
  mkdirSync(store);
  writeManifest(store, { ...emptyManifest(store, first), generation: 7 });
  open(first);
  assert.throws(() => open(second), {
    code: 'STORE_OF_ANOTHER_JOURNAL',
    message: /belongs to the journal .*\/a\/journal, not/,
  });
  cpSync(join(data, 'a'), join(data, 'c'), { recursive: true });
  rmSync(join(data, 'a'), { recursive: true });
  open(moved);
  const { journal, generation } = readManifest(store) ?? {};
  assert.deepEqual({ journal, generation }, { journal: '../c/journal', generation: 7 });
});

test('a store needs a journal', () => {
  const spec = { id: 'store', url: 'store:x', scheme: 'store', authority: '', path: 'x', options: {} };
  assert.throws(() => sink.create(spec, { log, stateDir: '' }), { code: 'STORE_WITHOUT_JOURNAL' });
});

test('a store needs a directory', () => {
  const mistakes = (authority: string, path: string) =>
    sink.mistakes?.({ id: 'store', url: '', scheme: 'store', authority, path, options: {} });
  for (const [authority, path] of [
    ['', ''],
    ['data', 'store'], // store://data/store
  ] as const)
    assert.match(mistakes(authority, path)?.join() ?? '', /store:DIRECTORY/);
  assert.deepEqual(mistakes('', './data'), []);
});
