/** Compression of the real program: follows its load, loses nothing by it, leaves alone what does not shrink. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { PenstockProcess } from '../support/penstock-process.js';

const calmSeconds = 30;
const loadSeconds = 6;

/** Lines that compress as logs do. */
function someLines(count: number): string {
  return Array.from({ length: count }, (_, i) => {
    const [pid, port] = [(i * 7919) % 32768, (i * 104_729) % 65_536];
    return `<38>Oct 11 22:14:${10 + (i % 50)} host${i % 37} sshd[${pid}]: Failed password for user${(i * 31) % 997} from 10.${i % 256}.7.${pid % 256} port ${port} ssh2\n`;
  }).join('');
}

/** As fast as it is taken; resolves with the number of lines sent. */
async function flood(port: number, seconds: number): Promise<number> {
  const lines = 2000;
  const block = Buffer.from(someLines(lines));
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const until = Date.now() + seconds * 1000;
  let sent = 0;
  while (Date.now() < until) {
    sent += lines;
    if (!socket.write(block)) await once(socket, 'drain');
  }
  socket.end();
  await once(socket, 'close');
  return sent;
}

/** Waits until the level is as wanted; every level that was seen on the way. */
async function levels(
  penstock: PenstockProcess,
  seconds: number,
  enough: (level: number) => boolean,
): Promise<number[]> {
  const seen: number[] = [];
  for (let i = 0; i < seconds * 10; i++) {
    const level = await penstock.metric('penstock_worker_compression_level');
    if (level !== seen.at(-1)) seen.push(level);
    if (enough(level)) break;
    await delay(100);
  }
  return seen;
}

test('the level rises when there is little to do, falls under load, comes back, and no event is lost', async () => {
  const penstock = await PenstockProcess.start({
    listen: ['syslog+tcp'],
    deliver: 'null:',
    env: { PENSTOCK_WORKERS: '1' },
  });
  try {
    const idle = await levels(penstock, calmSeconds, (level) => level === 6);
    assert.equal(idle.at(-1), 6, `levels while idle: ${idle}`);
    const [sent, pressed] = await Promise.all([
      flood(penstock.ports[0] as number, loadSeconds),
      levels(penstock, loadSeconds, (level) => level <= 1),
    ]);
    assert.ok((pressed.at(-1) as number) <= 1, `levels under load: ${pressed}`);
    const back = await levels(penstock, calmSeconds * 2, (level) => level > 1);
    assert.ok((back.at(-1) as number) > 1, `levels when the load is gone: ${back}`);
    assert.equal(await penstock.metric('penstock_events_committed_total'), sent);
    assert.equal(await penstock.metric('penstock_unaccounted_events'), 0);
    const [bytesIn, bytesOut] = [
      await penstock.metric('penstock_compression_in_bytes_total', { route: 'all' }),
      await penstock.metric('penstock_compression_out_bytes_total', { route: 'all' }),
    ];
    assert.ok(bytesIn > 3 * bytesOut, `${bytesIn} bytes became ${bytesOut}`);
  } finally {
    await penstock.dispose();
  }
});

test('small batches and those that hardly shrink stay as they are, and are counted', async () => {
  const penstock = await PenstockProcess.start({
    listen: ['syslog+tcp'],
    deliver: 'null:',
    env: { PENSTOCK_WORKERS: '1', PENSTOCK_KEEP_ORIGINAL: 'never', PENSTOCK_COMPRESSION_GAIN_MIN_PERCENT: '30' },
  });
  try {
    const skipped = (reason: string) => penstock.metric('penstock_compression_skipped_batches_total', { reason });
    const socket = connect(penstock.ports[0] as number, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('<38>Oct 11 22:14:15 h a: one\n');
    for (let i = 0; i < 100 && (await skipped('small')) === 0; i++) await delay(50);
    assert.equal(await skipped('small'), 1);
    const line = () => `<38>Oct 11 22:14:15 h a: ${randomBytes(24_000).toString('base64')}\n`;
    for (let i = 0; i < 40; i++) socket.write(line());
    for (let i = 0; i < 200 && (await penstock.metric('penstock_events_committed_total')) < 41; i++) await delay(50);
    assert.equal(await penstock.metric('penstock_events_committed_total'), 41);
    assert.ok((await skipped('gain')) > 0);
    socket.destroy();
  } finally {
    await penstock.dispose();
  }
});
