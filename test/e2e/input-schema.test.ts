/** Listeners with a schema: what fits is delivered, what does not is kept with its bytes and the place of the mistake, found and sent again. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { projectRoot } from '../../native/load.js';
import { PenstockProcess } from '../support/penstock-process.js';
import { assertCallsPerGroup } from '../support/pipeline-calls.js';
import { freePorts } from '../support/ports.js';

const files = mkdtempSync(join(tmpdir(), 'penstock-schema-'));
after(() => rmSync(files, { recursive: true, force: true }));

const login = join(files, 'login.json');
writeFileSync(
  login,
  JSON.stringify({
    type: 'object',
    required: ['user', 'at'],
    properties: {
      user: { type: 'object', properties: { name: { type: 'string', minLength: 1 } }, required: ['name'] },
      at: { type: 'string', format: 'date-time' },
      'a/b': { items: { maximum: 9 } },
    },
  }),
);

const good = '{"user":{"name":"alice"},"at":"2026-03-01T12:00:00Z","n":1}';
const bad = [
  ['{"user":{"name":""},"at":"2026-03-01T12:00:00Z"}', '/user/name: must have at least 1 characters'],
  ['{"user":{"name":"bob"},"at":"yesterday"}', '/at: must be a date-time'],
  ['{"user":{"name":"bob"},"at":"2026-03-01T12:00:00Z","a/b":[1,2,10]}', '/a~1b/2: must be <= 9'],
  ['{"at":"2026-03-01T12:00:00Z"}', '(document): must have the property user'],
  ['{"user":', '(document): is not well-formed JSON'],
  ['{"Records":[{"eventName":"x"},{"eventName":"y"}]}', '(document): must have the property user'],
] as const;

function run(penstock: PenstockProcess, argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(projectRoot, 'dist/engine/main.js'), ...argv], {
    cwd: penstock.directory,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      PENSTOCK_DELIVER: `store:${penstock.directory}/data`,
      PENSTOCK_DATA: join(penstock.directory, 'data'),
      ...env,
    },
  });
  return { out: stdout, errors: stderr, status };
}

for (const encoding of ['protobuf', 'frames', 'json']) {
  test(`encoding ${encoding}: dead-lettered with place and bytes, found by SQL, sent again once`, {
    timeout: 900_000,
  }, async () => {
    const rules = join(files, 'rules.yaml');
    writeFileSync(rules, 'rules:\n  - name: everything\n    when: { user.name: bob }\n    drop: true\n');
    const [port = 0] = await freePorts(1);
    const url = `http://127.0.0.1:${port}`;
    const env = { PENSTOCK_ENCODING: encoding, PENSTOCK_RULES: rules, PENSTOCK_LISTEN: `${url}?schema=${login}` };
    const penstock = await PenstockProcess.start({ listen: ['http'], ports: [port], env });
    try {
      const body = [good, ...bad.map(([line]) => line), good].join('\n');
      const answer = await fetch(`${url}/ingest`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/x-ndjson' },
      });
      assert.ok(answer.ok, await answer.text());
      await penstock.expectMetric('penstock_events_dead_lettered_total', bad.length);
      await penstock.expectMetric('penstock_events_rejected_total', bad.length);
      assert.equal(await penstock.stop(), 0, penstock.output);
      assert.match(penstock.output, /; 0 unaccounted for/);

      const sql =
        'SELECT "dead_letter.code" AS code, "dead_letter.message" AS message, "event.original" AS original FROM dead_letters';
      const { out, errors } = run(penstock, ['query', '--format', 'json', sql]);
      const rows = parse(out, errors);
      assert.deepEqual(
        rows.map(({ code, message, original }) => [original, message, code]).sort(),
        [...bad.map(([line, reason]) => [line, reason, 'schema'])].sort(),
      );
      assert.equal(parse(run(penstock, ['query', '--format', 'json', 'SELECT 1 AS one FROM events']).out).length, 2);

      const dry = run(penstock, ['redrive', '--code', 'schema', '--dry-run']);
      assert.match(dry.out, /6 dead letters would be sent again/);
      assert.match(run(penstock, ['redrive', '--code', 'schema']).out, /6 delivered/);
      assert.equal(parse(run(penstock, ['query', '--format', 'json', 'SELECT 1 AS one FROM events']).out).length, 8);
      assert.match(run(penstock, ['redrive', '--code', 'schema']).out, /6 sent by an earlier redrive/);
    } finally {
      await penstock.dispose();
    }
  });
}

function parse(out: string, errors = ''): Record<string, string>[] {
  assert.equal(errors, '');
  const lines = out
    .trim()
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Record<string, string>);
}

test('syslog: what is validated is the message; no JavaScript runs for each event', { timeout: 900_000 }, async () => {
  const [port = 0] = await freePorts(1);
  const env = { PENSTOCK_LISTEN: `syslog+tcp://127.0.0.1:${port}?schema=${login}` };
  const penstock = await PenstockProcess.start({ listen: ['syslog+tcp'], ports: [port], env });
  try {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const lines = [good, `@cee: ${good}`, 'text', '{"user":1}'].map((message) => `<34>1 - host app - - - ${message}\n`);
    const rounds = 5000;
    socket.end(lines.join('').repeat(rounds));
    await penstock.expectMetric('penstock_events_committed_total', lines.length * rounds);
    await penstock.expectMetric('penstock_events_rejected_total', 2 * rounds);
    assertCallsPerGroup(await penstock.metrics());
    await penstock.expectMetric('penstock_events_dead_lettered_total', 2 * rounds);
    assert.equal(await penstock.stop(), 0, penstock.output);
    assert.match(penstock.output, /; 0 unaccounted for/);
  } finally {
    await penstock.dispose();
  }
});

test('a bad schema ends the start with 78 and every mistake', () => {
  const wrong = join(files, 'wrong.json');
  writeFileSync(wrong, '{"properties":{"a":{"pattern":"(?!x)"},"b":{"$ref":"#/nowhere"}}}');
  const directory = mkdtempSync(join(files, 'run-'));
  const { errors, status } = run({ directory } as PenstockProcess, ['run'], {
    PENSTOCK_LISTEN: `http://127.0.0.1:0?schema=${wrong},http://127.0.0.1:0?schema=${files}/missing.json`,
  });
  assert.equal(status, 78, errors);
  assert.match(errors, /3 mistakes[\s\S]*\/properties\/a\/pattern[\s\S]*\/properties\/b\/\$ref[\s\S]*cannot be read/);
});
