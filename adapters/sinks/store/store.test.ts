import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openStore } from '../../../engine/cli/store-query.js';
import { makeLane } from '../../../engine/journal/segments.js';
import { retireDelivered } from '../../../engine/journal/space.js';
import { LaneWriter } from '../../../native/journal.js';
import { projectRoot } from '../../../native/load.js';
import { makeRecordBatch, temporaryDirectory, textBatch } from '../../../test/support/journal.js';
import { smallDisk } from '../../../test/support/small-disk.js';
import { compact } from './compact.js';
import { emptyManifest, readManifest, writeManifest } from './manifest.js';

const hour = 3_600_000;
const start = Date.UTC(2026, 2, 1, 10, 59, 0);

function event(i: number): string {
  const iso = new Date(start + i * 1000).toISOString();
  return JSON.stringify({ '@timestamp': iso, event: { id: `id-${i}` }, process: { pid: i }, custom: { n: i } });
}

/** A journal of two lanes with `count` events over two hours. */
function setUp(t: TestContext, count: number, data = temporaryDirectory(t)) {
  const journal = join(data, 'journal');
  const writers = [0, 1].map((lane) => new LaneWriter(makeLane(journal, lane), { lane, segmentBytes: 4096 }));
  const append = (from: number, to: number): void => {
    for (let i = from; i < to; i += 5) {
      const texts = Array.from({ length: Math.min(5, to - i) }, (_, k) => event(i + k));
      assert.equal(writers[i % 2]?.commitGroup([{ ...textBatch(...texts), firstReceivedMs: start + i * 1000 }]), 0);
    }
  };
  append(0, count);
  const settings = { store: data, journal, retention: { days: 0, bytes: 0 }, memoryBytes: 256 << 20 };
  return { data, journal, append, settings };
}

/** Every event exactly once, whatever the state. */
async function assertWhole(data: string, count: number, when: string): Promise<void> {
  const store = await openStore({ data, memoryBytes: 256 << 20, threads: 1 });
  const { rows } = await store.run(
    'SELECT count(*)::INT, count(DISTINCT "event.id")::INT, sum("process.pid")::INT FROM events',
  );
  assert.deepEqual(rows[0], [count, count, (count * (count - 1)) / 2], when);
  store.close();
}

test('compacts by hour of ingestion; queries see each event once before, during and after', async (t) => {
  const { data, journal, append, settings } = setUp(t, 200);
  await assertWhole(data, 200, 'journal only');
  const steps: string[] = [];
  const onStep = async (step: string): Promise<void> => {
    steps.push(step);
    await assertWhole(data, 200, `at ${step}`);
  };
  const result = await compact({ ...settings, onStep, roundBytes: 6000 });
  assert.equal(result.events, 200);
  assert.ok(steps.filter((step) => step === 'counted').length > 2, 'several rounds');
  assert.deepEqual(readdirSync(join(data, 'events', 'date=2026-03-01')).sort(), ['hour=10', 'hour=11']);
  append(200, 230);
  await assertWhole(data, 230, 'files and journal');
  const manifest = readManifest(data);
  retireDelivered(journal, (lane) => [manifest?.lanes[lane] ? { lane, ...manifest.lanes[lane] } : null], {
    sparesMax: 0,
    bytesMin: 0,
  });
  await assertWhole(data, 230, 'old segments deleted');
  assert.deepEqual((await compact(settings)).events, 30);
  assert.deepEqual((await compact(settings)).events, 0);
  await assertWhole(data, 230, 'all compacted');
});

test('a crash at any step neither loses nor doubles an event', async (t) => {
  const { data, append, settings } = setUp(t, 60);
  let count = 60;
  for (const crashAt of ['cleaned', 'collected', 'encoded', 'renamed', 'written', 'counted']) {
    const onStep = (step: string): void => {
      if (step === crashAt) throw new Error('crash');
    };
    await assert.rejects(compact({ ...settings, onStep }), /crash/);
    await assertWhole(data, count, `after a crash at ${crashAt}`);
    append(count, count + 20);
    count += 20;
  }
  await compact(settings);
  await assertWhole(data, count, 'after the last compaction');
  const files = readdirSync(join(data, 'events'), { recursive: true }).filter((name) =>
    String(name).endsWith('.parquet'),
  );
  assert.equal(files.length, readManifest(data)?.files.length, 'no parts are left over');
});

test('what finds no room on the disk is deleted again, and smaller rounds are tried', async (t) => {
  const { data, settings } = setUp(t, 200);
  const tmp = join(data, 'tmp');
  const room = 10_000;
  let full = 0;
  const onStep = (step: string): void => {
    const sizes = readdirSync(tmp).map((name) => statSync(join(tmp, name)).size);
    if (step !== 'collected' || sizes.reduce((sum, size) => sum + size, 0) < room) return;
    full++;
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  };
  const limits = { roundBytes: 20_000, roundBytesMin: 2000 };
  assert.equal((await compact({ ...settings, ...limits, onStep })).events, 200);
  assert.equal(full, 1);
  await assertWhole(data, 200, 'in smaller rounds');
  const other = setUp(t, 200);
  const never = (step: string): void => {
    if (step === 'encoded') throw new Error('IO Error: Could not write file: No space left on device');
  };
  await assert.rejects(compact({ ...other.settings, ...limits, onStep: never }), /No space left/);
  assert.deepEqual(readdirSync(join(other.data, 'tmp')), []);
  await assertWhole(other.data, 200, 'nothing was compacted');
});

test('a disk that became full behind a manifest that counts a round: what is counted stays so', async (t) => {
  const { data, settings } = setUp(t, 200);
  const counted: string[][] = [];
  const onStep = (step: string): void => {
    if (step !== 'counted') return;
    counted.push((readManifest(data)?.files ?? []).map(({ path }) => path));
    if (counted.length === 1)
      throw Object.assign(new Error('ENOSPC: no space left on device, fsync'), { code: 'ENOSPC' });
  };
  await compact({ ...settings, roundBytes: 20_000, roundBytesMin: 2000, onStep });
  const [first = []] = counted;
  const last = readManifest(data)?.files.map(({ path }) => path) ?? [];
  assert.ok(first.length > 0);
  assert.deepEqual(last.slice(0, first.length), first);
  await assertWhole(data, 200, 'after the round that was counted');
});

test('rows that a disk takes a part of are refused, not compacted without their end', (t) => {
  const { data, journal, settings } = setUp(t, 0);
  const writer = new LaneWriter(makeLane(journal, 2), { lane: 2, segmentBytes: 65536 });
  const texts = Array.from({ length: 50 }, (_, i) => event(i));
  assert.equal(writer.commitGroup([{ ...textBatch(...texts), firstReceivedMs: start }]), 0);
  const main = fileURLToPath(new URL('./compact-main.js', import.meta.url));
  const limited = ['-c', 'ulimit -f 1; exec "$0" "$@"', process.execPath, main, JSON.stringify(settings)];
  const { status, stderr } = spawnSync('sh', limited, { encoding: 'utf8' });
  assert.match(stderr, /^EFBIG/);
  assert.deepEqual([status, readManifest(data)], [1, null]);
});

test('a compaction ends although events keep coming, and makes no file for each moment', async (t) => {
  const { data, append, settings } = setUp(t, 100);
  let count = 100;
  const onStep = (step: string): void => {
    if (step !== 'written' || count >= 200) return;
    append(count, count + 5);
    count += 5;
  };
  assert.equal((await compact({ ...settings, onStep })).events, 100);
  assert.equal(count, 105);
  await assertWhole(data, count, 'the later ones are in the journal');
});

test('kill -9 at any time neither loses nor doubles an event; one compaction at a time', async (t) => {
  const { data, settings } = setUp(t, 400);
  const main = fileURLToPath(new URL('./compact-main.js', import.meta.url));
  const launch = () =>
    spawn(process.execPath, [main, JSON.stringify({ ...settings, roundBytes: 5000 })], { stdio: 'ignore' });
  for (const delay of [120, 180, 240, 320, 400]) {
    const child = launch();
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await assertWhole(data, 400, `killed after ${delay} ms`);
  }
  const [a, b] = [launch(), launch()];
  const codes = await Promise.all([a, b].map(async (child) => (await once(child, 'exit'))[0]));
  assert.ok(codes.includes(0));
  assert.ok(codes.every((code) => code === 0 || code === 75));
  await assertWhole(data, 400, 'all compacted');
});

test('forgets files beyond the retention', async (t) => {
  const { data, settings } = setUp(t, 120);
  await compact(settings);
  const files = readManifest(data)?.files ?? [];
  assert.equal(files.length, 2);
  const nowMs = start + 24 * hour + 30 * 60_000; // hour=10 is beyond a day, hour=11 is not
  const result = await compact({ ...settings, retention: { days: 1, bytes: 0 }, nowMs });
  assert.equal(result.forgottenFiles, 1);
  assert.deepEqual(
    readManifest(data)?.files.map((file) => file.path.includes('hour=11')),
    [true],
  );
  assert.ok(files.every((file) => existsSync(join(data, file.path)) === file.path.includes('hour=11')));
});

test('forgets the oldest files beyond the bytes of the retention, never the last', async (t) => {
  const { data, append, settings } = setUp(t, 120);
  await compact(settings);
  append(120, 130);
  await compact(settings);
  const sizes = (readManifest(data)?.files ?? []).map((file) => file.bytes);
  assert.equal(sizes.length, 3);
  const forget = async (bytes: number): Promise<number[]> => {
    await compact({ ...settings, retention: { days: 0, bytes } });
    return (readManifest(data)?.files ?? []).map((file) => file.bytes);
  };
  assert.deepEqual(await forget(sizes.reduce((sum, size) => sum + size, 0)), sizes);
  assert.deepEqual(await forget(sizes.reduce((sum, size) => sum + size, -1)), sizes.slice(1));
  assert.deepEqual(await forget(1), sizes.slice(2));
  assert.equal(readManifest(data)?.forgottenEvents, 120);
});

test('a disk without room for a manifest: the retention makes some', async (t) => {
  const disk = smallDisk(t, '4m');
  if (disk === null) return t.diagnostic('mounting is not permitted here: not tested');
  const { data, settings } = setUp(t, 120, disk);
  await compact(settings);
  assert.throws(() => writeFileSync(join(disk, 'ballast'), Buffer.alloc(4 << 20)), /ENOSPC/);
  const nowMs = start + 24 * hour + 30 * 60_000;
  assert.equal((await compact({ ...settings, retention: { days: 1, bytes: 0 }, nowMs })).forgottenFiles, 1);
  assert.deepEqual(
    readManifest(data)?.files.map((file) => file.path.includes('hour=11')),
    [true],
  );
});

test('what is no event is kept as one that says so', async (t) => {
  const data = temporaryDirectory(t);
  const journal = join(data, 'journal');
  const writer = new LaneWriter(makeLane(journal, 0));
  writer.commitGroup([textBatch('{"message":"fine"}', '{"message": broken', '{"message":"two\nlines"}')]);
  writer.commitGroup([{ bytes: damaged(textBatch('{"message":"x"}').bytes), count: 1 }]);
  writeManifest(data, emptyManifest(data, journal));
  for (const state of ['journal', 'files']) {
    const store = await openStore({ data, memoryBytes: 256 << 20, threads: 1 });
    const { rows } = await store.run(`SELECT message, "event.kind" FROM events ORDER BY ALL`);
    const error = [null, 'pipeline_error'];
    assert.deepEqual(rows, [['fine', null], error, error, error], state);
    store.close();
    mkdirSync(join(data, 'events'), { recursive: true });
    writeFileSync(join(data, 'events', 'left-over.parquet'), 'rubbish');
    await compact({ store: data, journal, retention: { days: 0, bytes: 0 }, memoryBytes: 256 << 20 });
  }
});

/** Says that it is compressed by a codec nobody knows; the checksum is put right by the writer's own rules. */
function damaged(batch: Buffer): Buffer {
  const copy = Buffer.from(batch);
  copy.writeInt16BE(7, 21);
  return withChecksum(copy);
}

function withChecksum(batch: Buffer): Buffer {
  let crc = ~0;
  for (const byte of batch.subarray(21)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  batch.writeUInt32BE(~crc >>> 0, 17);
  return batch;
}

test('frames wait for a dictionary that is not there, what is before them does not; after it came, or in the end, they are compacted', async (t) => {
  const { data, journal, settings } = setUp(t, 20);
  const known = join(projectRoot, 'test/data/frames-with-dictionary');
  const frame = readFileSync(join(known, 'auth0.frame'));
  const writer = new LaneWriter(makeLane(journal, 2), { lane: 2, segmentBytes: 1 << 20 });
  for (const value of [Buffer.from(event(20)), frame, Buffer.from(event(21))]) {
    const batch = { bytes: makeRecordBatch([value]), count: 1, events: value === frame ? 12 : 1 };
    assert.equal(writer.commitGroup([{ ...batch, firstReceivedMs: start }]), 0);
  }
  const run = (more = {}) => JSON.parse(compactApart({ ...settings, ...more }));
  const without = join(temporaryDirectory(t), 'store');
  assert.deepEqual(
    [run({ store: without, withoutDictionaries: true })].map(({ events, waitsFor }) => ({ events, waitsFor })),
    [{ events: 23, waitsFor: null }],
    'kept as one record that says why',
  );
  const first = run();
  assert.equal(first.events, 21);
  assert.match(first.waitsFor, /needs the zstd dictionary 938475261, .*37effefd\.zdict/);
  assert.deepEqual([run().events, run().waitsFor], [0, first.waitsFor]);
  mkdirSync(join(data, 'dictionaries'));
  writeFileSync(join(data, 'dictionaries/37effefd.zdict'), 'damaged');
  assert.match(run().waitsFor, /37effefd\.zdict cannot be read/);
  copyFileSync(join(known, '37effefd.zdict'), join(data, 'dictionaries/37effefd.zdict'));
  const last = run();
  assert.deepEqual([last.events, last.waitsFor], [13, null]);
});

/** As the engine runs it: a process of its own, which knows no dictionary. */
function compactApart(settings: object): string {
  const main = fileURLToPath(new URL('./compact-main.js', import.meta.url));
  return execFileSync(process.execPath, [main, JSON.stringify(settings)], { encoding: 'utf8' });
}
