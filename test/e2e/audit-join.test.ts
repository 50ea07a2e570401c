/** Records of Linux audit events: one event each, its bytes all there, the ledger exact; and left alone unless asked for. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../native/load.js';
import { PenstockProcess } from '../support/penstock-process.js';

const cases = readFileSync(join(projectRoot, 'adapters/formats/auditd-event/cases/events.multi.log'), 'utf8');
const events = cases.trim().split('\n\n');
const alone =
  "type=SERVICE_START msg=audit(1700000000.500:78): pid=1 uid=0 auid=4294967295 ses=4294967295 msg='unit=a res=success'";
const long = Array.from({ length: 130 }, (_, i) => `type=PATH msg=audit(1700000001.000:79): item=${i} name="/a"`);

interface Stored {
  readonly event: { readonly original: string };
}

async function stored(join_: boolean): Promise<{ originals: string[]; joined: number }> {
  const penstock = await PenstockProcess.start({
    listen: ['http'],
    env: { PENSTOCK_WORKERS: '1', PENSTOCK_KEEP_ORIGINAL: 'always', ...(join_ ? { PENSTOCK_AUDIT_JOIN: 'true' } : {}) },
  });
  try {
    const body = `${[...events, alone, 'no record', ...long].join('\n')}\n`;
    const url = `http://127.0.0.1:${penstock.ports[0]}/ingest`;
    const answer = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'text/plain' } });
    assert.ok(answer.ok, await answer.text());
    const joined = await penstock.metric('penstock_records_joined_total');
    assert.equal(await penstock.stop(), 0, penstock.output);
    assert.match(penstock.output, /; 0 unaccounted for/);
    const args = ['journal', 'export', '--data', join(penstock.directory, 'data')];
    const { stdout } = spawnSync(join(projectRoot, 'bin/penstock'), args, {
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    });
    const lines = stdout.trim().split('\n');
    return { originals: lines.map((line) => (JSON.parse(line) as Stored).event.original), joined };
  } finally {
    await penstock.dispose();
  }
}

test('records of one event become one', { timeout: 900_000 }, async () => {
  const { originals, joined } = await stored(true);
  const parts = [long.slice(0, 64), long.slice(64, 128), long.slice(128)].map((lines) => lines.join('\n'));
  assert.deepEqual(originals, [...events, alone, 'no record', ...parts]);
  const lines = events.reduce((sum, event) => sum + event.split('\n').length - 1, 0) + 127;
  assert.equal(joined, lines);
});

test('records stay events unless they are to be joined', { timeout: 900_000 }, async () => {
  const { originals, joined } = await stored(false);
  assert.deepEqual(originals, [...events.flatMap((event) => event.split('\n')), alone, 'no record', ...long]);
  assert.equal(joined, 0);
});
