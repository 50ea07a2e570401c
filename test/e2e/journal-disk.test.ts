/** The real process on a disk that fills, refuses, and whose directory goes: it stays up, says so, holds senders back, and recovers. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { batchToJsonLines } from '../../adapters/sinks/store/json-lines.js';
import { LaneReader } from '../../engine/journal/lane-reader.js';
import { listLanes } from '../../engine/journal/segments.js';
import { PenstockProcess } from '../support/penstock-process.js';
import { smallDisk } from '../support/small-disk.js';
import { patienceMs } from '../support/until.js';

const linesPerPost = 20;
const untilMs = patienceMs;
const env = {
  PENSTOCK_WORKERS: '1',
  PENSTOCK_SEGMENT_BYTES: '2MiB',
  PENSTOCK_BATCH_BYTES_MAX: '1MiB',
  PENSTOCK_JOURNAL_RESERVE_BYTES: '0',
  PENSTOCK_RING_BYTES: '2MiB',
};
/** Nobody answers there: all stays in the journal. */
const deadSink = 'kafka://127.0.0.1:1/security.events';

/** One connection's worth of events; true when they were acknowledged. */
class Sender {
  readonly acknowledged: string[] = [];
  #next = 0;

  constructor(private readonly penstock: PenstockProcess) {}

  async post(lines = linesPerPost): Promise<boolean> {
    const ids = Array.from({ length: lines }, () => `id-${this.#next++}-`);
    const body = ids.map((id) => JSON.stringify({ message: id + randomBytes(2000).toString('base64') })).join('\n');
    try {
      const url = `http://127.0.0.1:${this.penstock.ports[0]}/ingest`;
      const headers = { 'Content-Type': 'application/x-ndjson' };
      const response = await fetch(url, { method: 'POST', body, headers, signal: AbortSignal.timeout(2000) });
      if (response.status !== 200) return false;
      this.acknowledged.push(...ids);
      return true;
    } catch {
      return false; // no answer in time: not acknowledged
    }
  }

  /** Sends until the process is not ready for that reason: an answer that only takes long is no refusal. */
  async untilRefused(why: RegExp): Promise<void> {
    await eventually(this.penstock, async () => {
      while (await this.post());
      return notReady(this.penstock, why);
    });
  }

  async untilTaken(): Promise<void> {
    const until = Date.now() + untilMs;
    while (!(await this.post())) assert.ok(Date.now() < until, this.penstock.output);
  }
}

/** Asks until the answer is as wanted; a request that fails on the way (an idle connection closed) is one more try. */
async function eventually(penstock: PenstockProcess, ask: () => boolean | Promise<boolean>): Promise<void> {
  const until = Date.now() + untilMs;
  for (;;) {
    if (await Promise.resolve(ask()).catch(() => false)) return;
    assert.equal(penstock.child.exitCode ?? penstock.child.signalCode, null, penstock.output);
    assert.ok(Date.now() < until, penstock.output);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function notReady(penstock: PenstockProcess, why: RegExp): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${penstock.adminPort}/health/ready`);
  const text = await response.text();
  return response.status === 503 && why.test(text);
}

function notReadyBecause(penstock: PenstockProcess, why: RegExp): Promise<void> {
  return eventually(penstock, () => notReady(penstock, why));
}

/** Every acknowledged event is in the journal exactly once. */
function holdsOnce(data: string, ids: readonly string[]): void {
  const journal = join(data, 'journal');
  let text = '';
  for (const lane of listLanes(journal)) {
    const reader = new LaneReader(journal, lane, null);
    for (let batches = reader.read(); batches.length > 0; batches = reader.read())
      text += batches.map((batch) => batchToJsonLines(batch, 0).toString()).join('');
    reader.close();
  }
  const counts = new Map<string, number>();
  for (const [id] of text.matchAll(/id-\d+-/g)) counts.set(id, (counts.get(id) ?? 0) + 1);
  assert.deepEqual(
    ids.filter((id) => counts.get(id) !== 1),
    [],
  );
}

test('a file system that takes no more bytes, and takes them again', async (t) => {
  // RLIMIT_FSIZE needs no privileges: the kernel takes a part of a write, then refuses (EFBIG).
  const directory = mkdtempSync(join(tmpdir(), 'penstock-e2e-'));
  const penstock = await PenstockProcess.start({ listen: ['http'], deliver: deadSink, env, directory });
  t.after(() => penstock.dispose());
  const limit = (bytes: string) =>
    assert.equal(spawnSync('prlimit', [`--pid=${penstock.child.pid}`, `--fsize=${bytes}:`]).status, 0);
  const sender = new Sender(penstock);
  await sender.untilTaken();
  limit('1000000');
  await sender.untilRefused(/EFBIG/);
  assert.equal(await sender.post(), false);
  assert.equal(penstock.child.exitCode, null);
  await eventually(penstock, async () => (await penstock.metric('penstock_journal_lanes_failing')) === 1);
  limit('unlimited');
  await sender.untilTaken();
  await penstock.ready();
  await penstock.kill9();
  assert.ok(sender.acknowledged.length >= 3 * linesPerPost);
  holdsOnce(join(directory, 'data'), sender.acknowledged);
});

test('a full disk, and room again', async (t) => {
  const disk = smallDisk(t, '24m');
  if (disk === null) {
    t.diagnostic('mounting is not permitted here: ENOSPC not tested (the test with RLIMIT_FSIZE is)');
    return;
  }
  const ballast = join(disk, 'ballast');
  mkdirSync(join(disk, 'run'));
  writeFileSync(ballast, Buffer.alloc(16 << 20));
  const penstock = await PenstockProcess.start({
    listen: ['http'],
    deliver: deadSink,
    env: { ...env, PENSTOCK_DURABILITY: 'fsync' },
    directory: join(disk, 'run'),
  });
  t.after(() => penstock.dispose());
  const sender = new Sender(penstock);
  await sender.untilTaken();
  await sender.untilRefused(/ENOSPC/);
  await penstock.untilOutput(/senders are held back until it can \(\/\S+\/journal\): make room on its disk/);
  assert.equal(penstock.child.exitCode, null);
  rmSync(ballast);
  await sender.untilTaken();
  await penstock.ready();
  await penstock.kill9();
  holdsOnce(join(disk, 'run', 'data'), sender.acknowledged);
});

test('the data directory is deleted, then moved away and back', async (t) => {
  const penstock = await PenstockProcess.start({ listen: ['http'], deliver: deadSink, env });
  t.after(() => penstock.dispose());
  const data = join(penstock.directory, 'data');
  const before = new Sender(penstock);
  await before.untilTaken();
  rmSync(data, { recursive: true });
  const after = new Sender(penstock);
  await after.untilTaken();
  await eventually(penstock, () => existsSync(join(data, 'journal', 'identity')) && /made anew/.test(penstock.output));
  holdsOnce(data, after.acknowledged);
  await eventually(penstock, async () => (await penstock.metric('penstock_journal_segments_lost_total')) === 1);

  // In its place is something that is no directory: the process says so until it is as before.
  renameSync(data, `${data}.away`);
  writeFileSync(data, '');
  await notReadyBecause(penstock, /ENOTDIR/);
  rmSync(data);
  renameSync(`${data}.away`, data);
  await penstock.ready();
  await after.untilTaken();
  await penstock.kill9();
  holdsOnce(data, after.acknowledged);
});

test('a journal at its limit that gives up the oldest goes on taking events, and accounts for each', async (t) => {
  const limit = 64 << 20;
  const penstock = await PenstockProcess.start({
    listen: ['http'],
    deliver: deadSink,
    env: { ...env, PENSTOCK_JOURNAL_BYTES_MAX: String(limit), PENSTOCK_JOURNAL_WHEN_FULL: 'drop_oldest' },
  });
  t.after(() => penstock.dispose());
  const sender = new Sender(penstock);
  const dropped = () => penstock.metric('penstock_events_dropped_total').catch(() => 0);
  const until = Date.now() + 4 * untilMs;
  while ((await dropped()) === 0) {
    for (let i = 0; i < 20; i++) await sender.post(200);
    assert.ok(Date.now() < until, penstock.output);
  }
  await sender.untilTaken();
  await eventually(penstock, async () => (await penstock.metric('penstock_journal_bytes')) < limit);
  const checks = await penstock.metric('penstock_ledger_checks_total');
  await penstock.untilMetric('penstock_ledger_checks_total', checks + 3);
  assert.equal(await penstock.metric('penstock_unaccounted_events'), 0, penstock.output);
  assert.equal(await penstock.metric('penstock_ledger_breaches_total'), 0, penstock.output);
  await penstock.untilOutput(/gave up what waited longest/);
  await penstock.untilMetric('penstock_queue_high', 1, { labels: { stage: 'journal' } });
  await penstock.untilOutput(/journal: above the high water mark/);
});
