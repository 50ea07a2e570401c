/** A start does not depend on what waits: 100 GB of backlog, and a few megabytes are read until events are taken. */
import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { cpuSeconds } from '../../bench/lib/process.js';
import { segmentPath, segmentsPerBoot } from '../../engine/journal/segments.js';
import { crc32c } from '../../native/journal.js';
import { type PenstockOptions, PenstockProcess } from '../support/penstock-process.js';

const segments = 50;
const batchesPerSegment = 16;
const bodyBytes = 128 * 2 ** 20; // sparse: nobody reads it before it is delivered
const eventsPerBatch = 500_000;
const salt = 7;
const boot = 1_700_000_000;

/** A segment whose headers are real and whose bodies are holes. Answers the number of the next group. */
function writeSparseSegment(path: string, number: number, firstGroup: number): number {
  const fd = openSync(path, 'w');
  const header = Buffer.alloc(64);
  header.write('\x89PNSEG1\n', 'latin1');
  header.writeUInt16LE(1, 8);
  header.writeUInt32LE(boot, 16);
  header.writeUInt32LE(salt, 20);
  header.writeBigUInt64LE(BigInt(number), 24);
  header.writeBigUInt64LE(BigInt(firstGroup), 40);
  header.writeUInt32LE(crc32c(header.subarray(0, 60)), 60);
  writeSync(fd, header, 0, 64, 0);
  let at = 64;
  for (let i = 0; i < batchesPerSegment; i++) {
    const distance = 64 + bodyBytes;
    const batch = entry(1, at, firstGroup + i, { count: eventsPerBatch, bodyBytes, distance, check: 0 });
    const check = crc32c(batch.subarray(4, 8));
    const commit = entry(2, at + distance, firstGroup + i, { count: 1, bodyBytes: 0, distance, check });
    writeSync(fd, batch, 0, 64, at);
    writeSync(fd, commit, 0, 64, at + distance);
    at += distance + 64;
  }
  ftruncateSync(fd, at);
  closeSync(fd);
  return firstGroup + batchesPerSegment;
}

function entry(
  type: number,
  at: number,
  group: number,
  of: { count: number; bodyBytes: number; distance: number; check: number },
): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32LE(0x0145e489, 0);
  header.writeUInt16LE(64, 8);
  header.writeUInt8(type, 10);
  header.writeUInt32LE(of.bodyBytes, 12);
  header.writeUInt32LE(salt, 16);
  header.writeUInt32LE(of.count, 20);
  header.writeUInt32LE(at / 64, 24);
  header.writeUInt32LE(of.check, 28);
  header.writeBigUInt64LE(BigInt(group), 32);
  header.writeBigInt64LE(BigInt(boot) * 1_000_000_000n, 40);
  header.writeUInt32LE(of.distance / 64, 52);
  header.writeInt32LE(type === 1 ? -1 : 0, 56);
  header.writeUInt32LE(crc32c(header.subarray(8)), 4);
  return header;
}

test('a start with 100 GB of backlog reads its headers only', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-e2e-'));
  const journal = join(directory, 'data', 'journal');
  mkdirSync(join(journal, 'lane-000'), { recursive: true });
  for (let i = 0, group = 1; i < segments; i++) {
    const number = boot * segmentsPerBoot + i;
    group = writeSparseSegment(segmentPath(journal, 0, number), number, group);
  }
  const options: PenstockOptions = {
    listen: ['http'],
    deliver: 'kafka://127.0.0.1:1/security.events', // nobody answers
    directory,
    env: { PENSTOCK_WORKERS: '1', PENSTOCK_JOURNAL_BYTES_MAX: String(2 ** 40) },
  };
  const penstock = await PenstockProcess.start(options);
  t.after(() => penstock.dispose()); // and with it the directory
  const [, read = Number.NaN] = (/rchar: (\d+)/.exec(readFileSync(`/proc/${penstock.child.pid}/io`, 'utf8')) ?? []).map(
    Number,
  );
  assert.ok(read < 100 * 2 ** 20, `${read} bytes were read until it took events`);
  await penstock.untilMetric('penstock_ledger_opening_events', segments * batchesPerSegment * eventsPerBatch);
  assert.ok((await penstock.metric('penstock_journal_bytes')) > 100e9);
  assert.equal(await penstock.metric('penstock_journal_torn_bytes_total'), 0);
  await penstock.kill9();
  // Not a condition: other processes share the machine. docs/operating/journal.md has figures.
  t.diagnostic(`with 100 GB of backlog ${await starts(options)}`);
  const empty = mkdtempSync(join(tmpdir(), 'penstock-e2e-'));
  t.after(() => rmSync(empty, { recursive: true, force: true }));
  t.diagnostic(`with an empty journal ${await starts({ ...options, directory: empty })}`);
});

/** How long starts take until events are taken, of the clock and of the CPU. */
async function starts(options: PenstockOptions): Promise<string> {
  const times: string[] = [];
  for (let i = 0; i < 3; i++) {
    const began = performance.now();
    const penstock = await PenstockProcess.start(options);
    const ms = performance.now() - began;
    times.push(`${Math.round(ms)} ms (${Math.round(1000 * cpuSeconds(penstock.child.pid ?? 0))} ms of CPU)`);
    await penstock.kill9();
  }
  return times.join(', ');
}
