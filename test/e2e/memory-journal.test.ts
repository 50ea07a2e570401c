/** PENSTOCK_DURABILITY=memory, the whole process: what waits is in memory, beyond the mark on the disk; a stop keeps it, a kill does not. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { lstatSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { readBook } from '../../engine/telemetry/ledger-book.js';
import { PenstockProcess } from '../support/penstock-process.js';

const away = 'kafka://127.0.0.1:1/events'; // nobody answers
const mebibyte = 2 ** 20;
const padding = 'x'.repeat(1000);
const env = {
  PENSTOCK_DURABILITY: 'memory',
  PENSTOCK_JOURNAL_MEMORY_BYTES: String(16 * mebibyte),
  PENSTOCK_WORKERS: '1',
  PENSTOCK_COMPRESSION: 'none',
  PENSTOCK_SHUTDOWN_TIMEOUT_MS: '500',
};

async function send(port: number, count: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  for (let i = 0; i < count; i++)
    if (!socket.write(`<34>1 - host app - - - seq=${i}; ${padding}\n`)) await once(socket, 'drain');
  socket.end();
  socket.resume();
  await once(socket, 'close');
}

/** Of the only lane's segments, whether each is on the disk. */
function onDisk(directory: string): boolean[] {
  const lane = join(directory, 'data/journal/lane-000');
  return readdirSync(lane)
    .filter((name) => name.endsWith('.seg'))
    .sort()
    .map((name) => lstatSync(join(lane, name)).isFile());
}

test('memory first, then the disk; a stop writes what is in memory, and the next start has all', async () => {
  const first = await PenstockProcess.start({ listen: ['syslog+tcp'], deliver: away, env });
  let next: PenstockProcess | undefined;
  try {
    const [port = 0] = first.ports;
    await send(port, 4000);
    await first.untilMetric('penstock_events_committed_total', 4000);
    assert.ok(
      onDisk(first.directory).every((there) => !there),
      'nothing is on the disk',
    );
    assert.ok((await first.metric('penstock_journal_memory_bytes')) > 4 * mebibyte);
    assert.equal(await first.metric('penstock_journal_spilled_bytes_total'), 0);
    await send(port, 26_000);
    await first.untilMetric('penstock_events_committed_total', 30_000);
    assert.ok((await first.metric('penstock_journal_spilled_bytes_total')) > 8 * mebibyte);
    const held = await first.metric('penstock_journal_memory_bytes');
    assert.ok(held > 10 * mebibyte && held <= 16 * mebibyte, `${held} bytes in memory`);
    await first.untilMetric('penstock_ledger_checks_total', 2);
    assert.equal(await first.metric('penstock_unaccounted_events'), 0);
    assert.equal(await first.stop(), 0);
    assert.match(first.output, /30000 events received, 0 delivered to \S+, 30000 left in the journal/);
    assert.ok(
      onDisk(first.directory).every((there) => there),
      'all is on the disk',
    );
    next = await PenstockProcess.start({ listen: ['syslog+tcp'], deliver: away, env, directory: first.directory });
    await next.untilMetric('penstock_ledger_opening_events', 30_000);
    assert.equal(await next.metric('penstock_ledger_opening_events'), 30_000);
    assert.equal(await next.metric('penstock_journal_torn_bytes_total'), 0);
  } finally {
    await next?.dispose();
    await first.dispose();
  }
});

test('the second signal, which ends it at once, keeps what is in memory too', async () => {
  const penstock = await PenstockProcess.start({
    listen: ['syslog+tcp'],
    deliver: away,
    env: { ...env, PENSTOCK_SHUTDOWN_TIMEOUT_MS: '3600000' },
  });
  let next: PenstockProcess | undefined;
  try {
    await send(penstock.ports[0] ?? 0, 500);
    await penstock.untilMetric('penstock_events_committed_total', 500);
    penstock.child.kill('SIGTERM');
    await penstock.untilOutput(/SIGTERM: receiving has stopped/);
    assert.equal(await penstock.stop(), 1);
    next = await PenstockProcess.start({ listen: ['syslog+tcp'], deliver: away, env, directory: penstock.directory });
    await next.untilMetric('penstock_ledger_opening_events', 500);
  } finally {
    await next?.dispose();
    await penstock.dispose();
  }
});

test('a kill loses what was in memory, says so at the next start, and nothing else changes', async () => {
  const penstock = await PenstockProcess.start({ listen: ['syslog+tcp'], deliver: away, env });
  let next: PenstockProcess | undefined;
  try {
    await send(penstock.ports[0] ?? 0, 2000);
    await penstock.untilMetric('penstock_events_committed_total', 2000);
    const journal = join(penstock.directory, 'data/journal');
    const journaled = () => Object.values(readBook(journal)?.journaled ?? {});
    await penstock.until('the ledger is written down', () => journaled().includes(2000));
    await penstock.kill9();
    next = await PenstockProcess.start({ listen: ['syslog+tcp'], deliver: away, env, directory: penstock.directory });
    await next.untilOutput(/was killed with events in memory: these are lost/);
    assert.equal(await next.metric('penstock_ledger_opening_events'), 0);
    await send(next.ports[0] ?? 0, 100);
    await next.untilMetric('penstock_events_committed_total', 100);
    await next.untilMetric('penstock_ledger_checks_total', 2);
    assert.equal(await next.metric('penstock_unaccounted_events'), 0);
    assert.equal(await next.metric('penstock_journal_corrupt_bytes_total'), 0);
    assert.equal(await next.stop(), 0);
    assert.match(next.output, /100 events received, 0 delivered to \S+, 100 left in the journal/);
  } finally {
    await next?.dispose();
    await penstock.dispose();
  }
});

test('the local store keeps its events in the journal, so it asks for a disk', async () => {
  const penstock = await PenstockProcess.spawn({ listen: ['http'], env });
  try {
    const code = await penstock.exited();
    assert.equal(code, 78);
    assert.match(penstock.output, /PENSTOCK_DURABILITY.*flush or fsync: store:\S+ keeps its events in the journal/s);
  } finally {
    await penstock.dispose();
  }
});
