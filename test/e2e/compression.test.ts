/** Compression of the real program: follows its load, loses nothing by it, leaves alone what does not shrink. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { PenstockProcess } from '../support/penstock-process.js';

/** Lines that compress as logs do. */
function someLines(count: number): string {
  return Array.from({ length: count }, (_, i) => {
    const [pid, port] = [(i * 7919) % 32768, (i * 104_729) % 65_536];
    return `<38>Oct 11 22:14:${10 + (i % 50)} host${i % 37} sshd[${pid}]: Failed password for user${(i * 31) % 997} from 10.${i % 256}.7.${pid % 256} port ${port} ssh2\n`;
  }).join('');
}

/** As fast as it is taken, until `enough`; resolves with the number of lines sent. */
async function flood(port: number, enough: () => boolean): Promise<number> {
  const lines = 2000;
  const block = Buffer.from(someLines(lines));
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let sent = 0;
  while (!enough()) {
    sent += lines;
    if (!socket.write(block)) await once(socket, 'drain');
  }
  socket.end();
  await once(socket, 'close');
  return sent;
}

function untilLevel(penstock: PenstockProcess, what: string, enough: (level: number) => boolean): Promise<void> {
  const level = () => penstock.metric('penstock_worker_compression_level');
  return penstock.until(what, async () => enough(await level()));
}

test('the level rises when there is little to do, falls under load, comes back, and no event is lost', async () => {
  const penstock = await PenstockProcess.start({
    listen: ['syslog+tcp'],
    deliver: 'null:',
    env: { PENSTOCK_WORKERS: '1' },
  });
  try {
    await untilLevel(penstock, 'the level is 6 while idle', (level) => level === 6);
    let pressed = false;
    const falls = untilLevel(penstock, 'the level falls under load', (level) => level <= 1).finally(() => {
      pressed = true;
    });
    const [sent] = await Promise.all([flood(penstock.ports[0] as number, () => pressed), falls]);
    await untilLevel(penstock, 'the level rises when the load is gone', (level) => level > 1);
    await penstock.expectMetric('penstock_events_committed_total', sent);
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
    await penstock.expectMetric('penstock_compression_skipped_batches_total', 1, { reason: 'small' });
    const line = () => `<38>Oct 11 22:14:15 h a: ${randomBytes(24_000).toString('base64')}\n`;
    for (let i = 0; i < 40; i++) socket.write(line());
    await penstock.expectMetric('penstock_events_committed_total', 41);
    assert.ok((await skipped('gain')) > 0);
    socket.destroy();
  } finally {
    await penstock.dispose();
  }
});
