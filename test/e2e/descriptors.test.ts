/** File descriptors run out: connections are refused, nothing else suffers, and it passes by itself. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { PenstockProcess, sumMetric } from '../support/penstock-process.js';

const refused = 'penstock_listener_connections_refused_total';

for (const scheme of ['syslog+tcp', 'http'] as const) {
  test(`${scheme}: too few file descriptors`, { timeout: 900_000 }, async () => {
    const penstock = await PenstockProcess.start({ listen: [scheme], descriptorsMax: 200 });
    const port = penstock.ports[0] as number;
    const sockets: Socket[] = [];
    try {
      const dial = () => {
        const socket = connect(port, '127.0.0.1').on('error', () => {});
        sockets.push(socket);
        socket.resume();
        return socket;
      };
      let events = 0;
      const send = async (socket: Socket) => {
        const line = `<13>1 - - - - - - event ${events++}\n`;
        const head = `POST /ingest HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nContent-Length: ${line.length}\r\n\r\n`;
        socket.write(scheme === 'http' ? head + line : line);
        await penstock.untilMetric('penstock_events_received_total', events);
      };
      const first = dial();
      await once(first, 'connect');
      await send(first);
      for (let i = 0; i < 400; i++) dial();
      // Each of them is either served or closed at once, and counted: when all have been seen to, the two make the whole.
      let text = await penstock.metrics();
      const count = () => ({
        open: sumMetric(text, 'penstock_listener_connections_open'),
        counted: sumMetric(text, refused, { reason: 'descriptors' }),
      });
      await penstock.until('each is served or refused', async () => {
        text = await penstock.metrics();
        return count().open + count().counted >= 401;
      });
      const { open, counted } = count();
      assert.ok(open >= 50 && open < 200, `${open} open`);
      assert.equal(open + counted, 401, `${counted} refused`);
      await penstock.until(
        'refused ones are closed',
        () => sockets.filter((socket) => socket.closed).length >= counted,
      );
      assert.equal(sockets.filter((socket) => socket.closed).length, counted, 'refused ones are closed');
      // Who was there before is served, the journal goes on, health answers.
      await send(first);
      assert.equal((await fetch(`http://127.0.0.1:${penstock.adminPort}/health/ready`)).status, 200);
      // Once, however many there were: repeated ones are counted in lines that say so.
      await penstock.untilOutput(/ulimit -n/);
      const lines = penstock.output
        .split('\n')
        .filter((line) => line.includes('ulimit -n') && !/"repeated":/.test(line));
      assert.equal(lines.length, 1, penstock.output);
      // With room again there is room again.
      for (const socket of sockets) if (socket !== first) socket.destroy();
      const open_ = () => penstock.metric('penstock_listener_connections_open');
      await penstock.until('the others are gone', async () => (await open_()) <= 1);
      const again = dial();
      await once(again, 'connect');
      await send(again);
      assert.equal(again.closed, false);
      for (const socket of sockets) socket.destroy();
      assert.equal(await penstock.stop(), 0);
    } finally {
      for (const socket of sockets) socket.destroy();
      await penstock.dispose();
    }
  });
}

test('none left at all: the process stays, idles, and goes on when there are some', { timeout: 900_000 }, async () => {
  const penstock = await PenstockProcess.start({ listen: ['syslog+tcp'] });
  const pid = String(penstock.child.pid);
  const limit = (...args: string[]) => execFileSync('prlimit', ['--pid', pid, ...args], { encoding: 'utf8' });
  const before = limit('--noheadings', '--output', 'SOFT', '--nofile').trim();
  const sockets: Socket[] = [];
  try {
    limit('--nofile=20:');
    for (let i = 0; i < 3; i++) {
      const socket = connect(penstock.ports[0] as number, '127.0.0.1').on('error', () => {});
      sockets.push(socket);
      await once(socket, 'connect');
    }
    const ticks = receiverTicks(pid);
    // Longer than between two looks at what there is to compact.
    await new Promise((resolve) => setTimeout(resolve, 5000));
    assert.equal(penstock.child.exitCode, null, penstock.output);
    const used = receiverTicks(pid) - ticks;
    assert.ok(used < 50, `${used} hundredths of a second of the processor for connections that cannot be taken`);
    limit(`--nofile=${before}:`);
    for (const socket of sockets) socket.write('<13>1 - - - - - - event\n');
    await penstock.untilMetric('penstock_events_received_total', 3);
    assert.equal(await penstock.stop(), 0);
  } finally {
    for (const socket of sockets) socket.destroy();
    await penstock.dispose();
  }
});

/** Processor time of the receivers' threads, in hundredths of a second. */
function receiverTicks(pid: string): number {
  let ticks = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const [, name, rest = ''] = /\((.*)\) (.*)/.exec(readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8')) ?? [];
    const fields = rest.split(' '); // from the third on
    if (name === 'receiver') ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks;
}
