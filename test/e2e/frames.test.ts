/** PENSTOCK_ENCODING=frames end to end: the same events as with records, and events, not records, in every count. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { projectRoot } from '../../native/load.js';
import { runAudit } from '../support/audit.js';
import { PenstockProcess } from '../support/penstock-process.js';

const syslog = readFileSync(join(projectRoot, 'bench/data/linux_auth.log'), 'utf8')
  .split('\n')
  .filter(Boolean)
  .slice(0, 5000);
const json = readFileSync(join(projectRoot, 'bench/data/zeek.ndjson'), 'utf8')
  .split('\n')
  .filter(Boolean)
  .slice(0, 3000);
const hostile = [
  '',
  'no syslog',
  '<999>x',
  `<13>${'y'.repeat(30_000)}`,
  '<13>1 2026-03-01T10:00:00Z h a 1 - [broken x',
];

async function start(t: TestContext, encoding: string, env: Record<string, string> = {}): Promise<PenstockProcess> {
  const penstock = await PenstockProcess.start({
    listen: ['syslog+tcp', 'ndjson+tcp'],
    env: { PENSTOCK_ENCODING: encoding, PENSTOCK_WORKERS: '2', PENSTOCK_DURABILITY: 'flush', ...env },
  });
  t.after(() => penstock.dispose());
  return penstock;
}

async function send(port: number, lines: readonly string[]): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.end(lines.map((line) => `${line}\n`).join(''));
  socket.resume();
  await once(socket, 'close');
}

function penstockCommand(penstock: PenstockProcess, ...args: string[]): string {
  const { stdout, stderr, status } = spawnSync(join(projectRoot, 'bin/penstock'), args, {
    env: {
      PATH: process.env.PATH,
      PENSTOCK_DATA: join(penstock.directory, 'data'),
      PENSTOCK_DELIVER: `store:${penstock.directory}/data`,
    },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 900_000,
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

/** Events without what differs from run to run, in one order. */
function comparable(lines: string): string[] {
  return lines
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const event = JSON.parse(line);
      const made = event.event.created;
      delete event.event.id;
      delete event.event.created;
      if (event['@timestamp'] === made) delete event['@timestamp'];
      return JSON.stringify(event);
    })
    .sort();
}

test('frames give the events that records give, and count events', async (t) => {
  const exports: string[][] = [];
  for (const encoding of ['protobuf', 'frames']) {
    const penstock = await start(t, encoding, { PENSTOCK_FRAME_EVENTS: '700', PENSTOCK_LINGER_MS: '40' });
    const [syslogPort, jsonPort] = penstock.ports as [number, number];
    await Promise.all([send(syslogPort, [...syslog, ...hostile]), send(jsonPort, json)]);
    const sent = syslog.length + hostile.length - 1 + json.length; // an empty line is no event
    await penstock.untilMetric('penstock_events_delivered_total', sent);
    assert.equal(await penstock.metric('penstock_unaccounted_events'), 0);
    exports.push(comparable(penstockCommand(penstock, 'journal', 'export')));
    assert.equal(exports.at(-1)?.length, sent);
    assert.match(
      penstockCommand(penstock, 'query', 'SELECT count(*) AS events FROM events'),
      new RegExp(`\\b${sent}\\b`),
    );
    assert.equal(await penstock.stop(), 0);
    const audit = runAudit(join(penstock.directory, 'data'), `store:${penstock.directory}/data`);
    assert.equal(audit.code, 0, JSON.stringify(audit.report));
  }
  const [records, frames] = exports as [string[], string[]];
  assert.equal(frames.length, records.length);
  for (const [i, record] of records.entries()) assert.equal(frames[i], record);
});
