/** What no format pack understands, asked of the running process: grouped, bounded, harmless to show, and to this host alone. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { UnparsedReport } from '../../engine/admin/unparsed.js';
import { projectRoot } from '../../native/load.js';
import { PenstockProcess } from '../support/penstock-process.js';

async function send(port: number, text: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.end(text);
  await once(socket, 'close');
}

function ask(port: number, path: string, host = `127.0.0.1:${port}`): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers: { host } }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('/api/unparsed and penstock unparsed --live', { timeout: 900_000 }, async (t) => {
  const penstock = await PenstockProcess.start({
    listen: ['syslog+tcp', 'ndjson+tcp'],
    deliver: 'null:?journal=true',
    env: { PENSTOCK_WORKERS: '2' },
  });
  t.after(() => penstock.dispose());
  const [tcp, json] = penstock.ports as [number, number];
  const report = async (most = 20) =>
    JSON.parse((await ask(penstock.adminPort, `/api/unparsed?most=${most}`)).text) as UnparsedReport;

  const doors = Array.from(
    { length: 60 },
    (_, i) => `<13>Nov 21 10:00:00 h doord[${i}]: door ${i} opened for badge=${i * 7}\n`,
  );
  const gates = Array.from(
    { length: 20 },
    (_, i) => `<13>Nov 21 10:00:00 h gated: gate closed \u001b[J\u202e after ${i} s\n`,
  );
  const known = '<38>Nov 21 10:00:00 h sshd[1]: Failed password for root from 203.0.113.7 port 22 ssh2\n';
  await send(tcp, doors.join('') + gates.join('') + known.repeat(5));
  await send(json, Array.from({ length: 10 }, (_, i) => `{"door":${i},"state":{"open":true}}\n`).join(''));
  await send(json, Array.from({ length: 5 }, (_, i) => `{"appname":"belld","message":"rung ${i} times"}\n`).join(''));
  await penstock.untilMetric('penstock_events_received_total', 100);

  const first = await report();
  assert.equal(first.events, 95);
  assert.equal(first.forgotten, 0);
  assert.deepEqual(
    first.templates.map(({ text, count }) => [text, count]),
    [
      ['doord: door <*> opened for badge=<*>', 60],
      ['gated: gate closed \\x1b[J\\u202e after <*> s', 20],
      ['JSON door state.open', 10],
      ['belld: rung <*> times', 5],
    ],
  );
  const shownTexts = first.templates.flatMap(({ text, samples }) => [text, ...samples]).join();
  for (const harmful of ['\u001b', '\u202e']) assert.ok(!shownTexts.includes(harmful));
  assert.equal((await report(1)).templates.length, 1);

  const command = (...args: string[]) =>
    spawnSync(join(projectRoot, 'bin/penstock'), ['unparsed', ...args], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    });
  const shown = command('--live', `127.0.0.1:${penstock.adminPort}`);
  assert.match(shown.stdout, /^95 events not understood since the start\n\n60 × doord: door <\*> opened/, shown.stderr);
  const lines = command('--live', `127.0.0.1:${penstock.adminPort}`, '--output', 'json').stdout.trim().split('\n');
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { count: number }).count),
    [60, 20, 10, 5],
  );
  assert.match(command('--live', '127.0.0.1:1').stderr, /nobody answers/);

  // A page whose name was made to point here is told nothing.
  assert.equal((await ask(penstock.adminPort, '/api/unparsed', 'evil.example')).status, 403);
  assert.equal((await ask(penstock.adminPort, '/api/unparsed', `localhost:${penstock.adminPort}`)).status, 200);
  for (const most of ['0', '-1', 'x', '1e9', '2.5'])
    assert.equal((await ask(penstock.adminPort, `/api/unparsed?most=${most}`)).status, 400, most);

  // More kinds than are kept: what is there stays bounded, and what is not is counted.
  const flood = 60_000;
  let state = 1;
  const word = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return [...Array(6)].map((_, i) => String.fromCharCode(97 + ((state >>> (i * 4)) % 26))).join('');
  };
  await send(
    tcp,
    Array.from({ length: flood }, () => `<13>Nov 21 10:00:00 h ${word()}: ${word()} ${word()}\n`).join(''),
  );
  await penstock.untilMetric('penstock_events_received_total', 95 + flood);
  const after = await report(2000);
  assert.ok(Math.abs(after.events - (90 + flood)) < 2 * 64 * 2, String(after.events));
  assert.ok(after.forgotten > 0 || after.templates.length <= 1024);
  const told = after.templates.reduce((sum, { count }) => sum + count, 0);
  assert.ok(told + after.forgotten <= after.events);
  assert.ok(JSON.stringify(after).length < 2_000_000);
  assert.equal(await penstock.stop(), 0, penstock.output);
});
