/** The published readers of the encoding "compact" agree on test/data/compact: values the engine wrote, and what they say. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../native/load.js';
import { logEventToJson } from '../native/log-event.js';
import { protoName, readLogEvent } from './reader.js';

const folder = join(projectRoot, 'test/data/compact');
const names = readdirSync(folder).filter((name) => name.endsWith('.bin'));
const python = (value: Uint8Array) =>
  spawnSync('python3', [join(projectRoot, 'tools/log_event.py'), join(projectRoot, 'schema/log_event.proto')], {
    input: value,
    encoding: 'utf8',
  });

for (const name of names) {
  const value = readFileSync(join(folder, name));

  test(`${name}: native`, () => {
    assert.equal(`${logEventToJson(value)}\n`, readFileSync(join(folder, name.replace('.bin', '.json')), 'utf8'));
  });

  test(`${name}: TypeScript and Python`, () => {
    const event = readLogEvent(value);
    const run = python(value);
    assert.equal(run.status, 0, run.stderr);
    const read = JSON.parse(run.stdout);
    assert.ok(event.fields.size >= 3);
    for (const [field, wanted] of event.fields) {
      const got = read[protoName(field)];
      const shown = field === 'log.syslog.structured_data' ? JSON.parse(got) : got;
      assert.deepEqual(shown, typeof wanted === 'bigint' ? Number(wanted) : wanted, field);
    }
    assert.equal(read.event_id, event.id);
    assert.equal(read.event_original, Buffer.from(event.original as Uint8Array).toString());
    for (const [attr, wanted] of event.attrs) {
      assert.deepEqual(typeof wanted === 'object' ? JSON.parse(read.attrs[attr]) : read.attrs[attr], wanted, attr);
    }
  });
}

test('Python refuses a span beyond the original', () => {
  const run = python(Buffer.from([0x22, 1, 0x61, 0xc2, 0xa3, 0x01, 3, 12, 0, 2]));
  assert.equal(run.status, 1);
  assert.match(run.stderr, /NotALogEvent: a span ends at byte 2 of 1/);
});
