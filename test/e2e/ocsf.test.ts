/** PENSTOCK_ENCODING=ocsf from a socket to the journal; refused where columns are ECS. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../native/load.js';
import { type OcsfEvent, ocsfProblems } from '../support/ocsf-schema.js';
import { PenstockProcess } from '../support/penstock-process.js';

const lines = [
  '<38>1 2026-03-01T12:00:00Z web1 sshd 4242 - - Failed password for invalid user admin from 203.0.113.9 port 51000 ssh2',
  '<4>1 2026-03-01T12:00:00Z fw kernel - - - [UFW BLOCK] IN=eth0 OUT= MAC= SRC=198.51.100.7 DST=192.0.2.1 LEN=40 TTL=240 ID=1 PROTO=TCP SPT=4711 DPT=22 WINDOW=1024 RES=0x00 SYN URGP=0',
  'no syslog at all',
];

test('every record is a valid OCSF event', { timeout: 900_000 }, async () => {
  const env = { PENSTOCK_ENCODING: 'ocsf', PENSTOCK_KEEP_ORIGINAL: 'always' };
  const penstock = await PenstockProcess.start({ listen: ['http'], deliver: 'null:?journal=true', env });
  try {
    const body = `${lines.join('\n')}\n`;
    const url = `http://127.0.0.1:${penstock.ports[0]}/ingest`;
    const answer = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'text/plain' } });
    assert.ok(answer.ok, await answer.text());
    assert.equal(await penstock.stop(), 0, penstock.output);
    const { stdout } = spawnSync(
      process.execPath,
      [join(projectRoot, 'dist/engine/main.js'), 'journal', 'export', '--data', join(penstock.directory, 'data')],
      { encoding: 'utf8', env: { PATH: process.env.PATH } },
    );
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as OcsfEvent);
    for (const event of events) assert.deepEqual(ocsfProblems(event), [], JSON.stringify(event));
    assert.deepEqual(
      events.map(({ raw_data }) => raw_data),
      lines,
    );
    assert.deepEqual(
      events.map(({ type_uid }) => type_uid),
      [300201, 400105, 0],
    );
  } finally {
    await penstock.dispose();
  }
});

test('the local store does not take it', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(projectRoot, 'dist/engine/main.js'), 'run'], {
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      PENSTOCK_ENCODING: 'ocsf',
      PENSTOCK_LISTEN: 'http://127.0.0.1:0',
      PENSTOCK_DELIVER: 'store:/nowhere',
    },
  });
  assert.equal(status, 78);
  assert.match(stderr, /PENSTOCK_ENCODING=ocsf[\s\S]*columns of ECS/);
});
