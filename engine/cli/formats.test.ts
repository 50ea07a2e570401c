/** `penstock formats` and `penstock explain` in a process of their own. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../native/load.js';

function penstock(args: string[], input = '', flags: Record<string, string> = {}) {
  const env = { PATH: process.env.PATH ?? '', ...flags };
  const ended = spawnSync(join(projectRoot, 'bin/penstock'), args, { cwd: tmpdir(), env, input, encoding: 'utf8' });
  return { code: ended.status, out: ended.stdout, err: ended.stderr };
}

const line = '<38>Nov 21 10:00:00 host1 sshd[123]: Failed password for root from 203.0.113.7 port 22 ssh2';

test('explain says which pack, which steps, what came out, and the event', () => {
  const { code, out } = penstock(['explain', line]);
  assert.equal(code, 0);
  assert.match(out, /^sshd: understood \(\d+ ns\)$/m);
  assert.match(out, /· steps\[0\]\.first_of\[0\]\.match .*invalid user/); // tried, did not apply
  assert.match(out, /✓ steps\[0\]\.first_of\[1\]\.match/);
  assert.match(out, /source\.port = 22/);
  assert.match(out, /^ {2}event\.outcome: failure$/m);
});

test('explain of what nobody knows, and of what would harm a terminal', () => {
  const { code, out } = penstock(['explain'], '<38>Nov 21 10:00:00 h app[1]: \u001b[2Jnothing\n');
  assert.equal(code, 1);
  assert.match(out, /no pack is tried/);
  assert.ok(!out.includes('\u001b'));
});

test('a name that would harm a terminal does not either', () => {
  const hostile = '{"a\\u001b]0;title\\u0007":"x","b\u009b31m":"y"}\n';
  const { out } = penstock(['explain'], hostile);
  assert.match(out, / a\\x1b\]0;title\\x07: x\n/);
  assert.match(out, / b\\x9b31m: y\n/);
  const json = penstock(['explain', '--output', 'json'], hostile).out;
  assert.match(json, /"b\\u009b31m":"y"/);
});

test('explain says of each condition what is the case, also of several, and leaves out no name', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-conditions-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, 'door'));
  writeFileSync(
    join(directory, 'door/pack.yaml'),
    `name: door
title: Doors
recognise: [{app: doord}]
steps:
  - kv: {}
  - when: {any: [{s: {starts: ab}}, {s: {starts: cd}}], not: {t: x}}
    set: {event.action: opened}
`,
  );
  const args = ['explain', '--formats', directory, '<38>Nov 21 10:00:00 h doord: s=cde t=y'];
  const { out } = penstock(args);
  assert.match(out, /✓ steps\[1\]\.when {2}when not: s starts ab/);
  assert.match(out, /· steps\[1\]\.when {2}when not: s starts cd|✓ steps\[1\]\.when {2}when s starts cd/);
  assert.match(out, /✓ steps\[1\]\.when {2}when not: t is x/);
  assert.match(out, /event\.action: opened/);
  assert.match(
    penstock(['explain'], '{"__proto__":7,"a":{"__proto__":{"b":8}}}\n').out,
    /__proto__: 7\n.*a\.__proto__\.b: 8/s,
  );
});

test('explain for programs: JSON, a line an event', () => {
  const { out } = penstock(['explain', '--output', 'json'], `${line}\n${line}\n`);
  const [first, second] = out
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text));
  assert.equal(first.pack, 'sshd');
  assert.equal(second.event.source.ip, '203.0.113.7');
});

test('explain and unparsed go by the settings in effect, those of the file too', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-explain-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, 'packs/door'), { recursive: true });
  writeFileSync(
    join(directory, 'packs/door/pack.yaml'),
    'name: door\ntitle: Doors\nrecognise: [{app: doord}]\nsteps:\n  - match: "%{user.name:word} came"\n    required: true\n',
  );
  const file = join(directory, 'penstock.yaml');
  writeFileSync(
    file,
    `PENSTOCK_FORMATS: ${join(directory, 'packs')}\nPENSTOCK_TIME_ZONE: '+02:00'\nPENSTOCK_JSON_DEPTH_MAX: 3\n`,
  );
  const flags = { PENSTOCK_CONFIG: file };
  const came = '<38>Nov 21 10:00:00 h doord: ann came\n';
  const explained = JSON.parse(penstock(['explain', '--output', 'json'], came, flags).out);
  assert.equal(explained.pack, 'door');
  assert.match(explained.event['@timestamp'], /T08:00:00/);
  assert.equal(JSON.parse(penstock(['explain', '--output', 'json'], came).out).pack, null);
  assert.match(penstock(['unparsed'], came, flags).out, /^1 lines: 1 understood, 0 not$/m);
  const deep = '{"a":{"b":{"c":{"d":1}}}}\n';
  const event = (json: string) => JSON.parse(json).event;
  assert.equal(event(penstock(['explain', '--output', 'json'], deep, flags).out).event.kind, 'pipeline_error');
  assert.equal(event(penstock(['explain', '--output', 'json'], deep).out).a.b.c.d, 1);
  for (const call of [['explain'], ['unparsed']]) {
    assert.match(
      penstock(call, came, { PENSTOCK_FORMATS: 'off' }).err,
      /^PENSTOCK_FORMATS is off: the engine tries no/,
    );
    assert.equal(penstock([...call, '--formats', join(directory, 'packs')], came, { PENSTOCK_FORMATS: 'off' }).err, '');
  }
  const wrong = {
    PENSTOCK_TIME_ZONE: 'Mars',
    PENSTOCK_JSON_DEPTH_MAX: 'abc',
    PENSTOCK_CONFIG: join(directory, 'none.yaml'),
  };
  const refused = penstock(['explain', came], '', wrong);
  assert.equal(refused.code, 78);
  for (const flag of Object.keys(wrong)) assert.match(refused.err, new RegExp(flag));
});

test('formats: made, tested, broken', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-packs-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, 'door/cases'), { recursive: true });
  const write = (pattern: string) =>
    writeFileSync(
      join(directory, 'door/pack.yaml'),
      `name: door\ntitle: Doors\nrecognise: [{app: doord}]\nsteps:\n  - match: '${pattern}'\n    required: true\n`,
    );
  write('opened by %{user.name:*}');
  writeFileSync(join(directory, 'door/cases/a.log'), '<38>Nov 21 10:00:00 h doord[1]: opened by alice\n');
  assert.match(penstock(['formats', 'test', directory]).out, /FAILED +door: 1 case/);
  assert.equal(penstock(['formats', 'test', directory, '--write']).code, 0);
  const [event] = JSON.parse(readFileSync(join(directory, 'door/cases/a.json'), 'utf8'));
  assert.equal(event['user.name'], 'alice');
  assert.match(penstock(['formats', 'test', directory]).out, /^ok +door: 1 case$/m);
  assert.match(penstock(['formats', 'list', directory]).out, /^door +Doors$/m);

  write('opened %{_how:word} %{user.name:*}');
  const changed = penstock(['formats', 'test', directory]);
  assert.equal(changed.code, 0); // "by" is a word: the same event
  write('opened by %{user.full_name:*}');
  const different = penstock(['formats', 'test', directory]);
  assert.equal(different.code, 1);
  assert.match(different.out, /- user\.name: "alice"\n.*|\+ user\.full_name: "alice"/);

  write('opened by %{user.name:*}');
  for (const [expected, said] of [
    ['[{', /door\/cases\/a\.json:1: must hold the expected events as JSON: /],
    ['{}', /door\/cases\/a\.json:1: must hold a list of events/],
    [JSON.stringify([event, event]), /a\.log:1: .*a\.json expects 1 more than there are messages/],
  ] as const) {
    writeFileSync(join(directory, 'door/cases/a.json'), expected);
    const { code, out, err } = penstock(['formats', 'test', directory]);
    assert.deepEqual([code, err], [1, '']);
    assert.match(out, said);
  }

  write('%{a:*}%{b:*}');
  const broken = penstock(['formats', 'test', directory]);
  assert.notEqual(broken.code, 0);
  assert.match(broken.err, /door\/pack\.yaml:5: steps\[0\]\.match .*must stand a literal/);
});

test('formats test asks about names that are nearly those of ECS', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-near-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, 'door'));
  writeFileSync(
    join(directory, 'door/pack.yaml'),
    `name: door
title: Doors
recognise: [{app: doord}]
steps:
  - match: '%{user.nam} came by %{sorce.ip:ip} and %{own.name} %{_x.y}'
    then:
      - switch: {on: _x.y, cases: {a: {event.outcom: success}}}
  - kv: {}
    map: {user.namee: [source.port, door.number], b: destination.adress}
`,
  );
  const { code, out } = penstock(['formats', 'test', directory]);
  assert.equal(code, 0);
  const notes = [...out.matchAll(/note: (\S+) is no field .*: is (\S+) meant\?/g)].map(([, name, meant]) => [
    name,
    meant,
  ]);
  assert.deepEqual(notes, [
    ['user.nam', 'user.name'],
    ['sorce.ip', 'source.ip'],
    ['event.outcom', 'event.outcome'],
    ['destination.adress', 'destination.address'],
  ]);
});

test('formats: a directory without the packs that were meant is a mistake, not nothing to do', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-no-packs-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const say = (...args: string[]) => penstock(['formats', 'test', directory, ...args]);
  assert.match(say().err, /there is no folder with a pack\.yaml in /);
  assert.equal(say().code, 64);
  mkdirSync(join(directory, 'door'));
  const pack = 'name: door\ntitle: Doors\nrecognise: [{app: doord}]\nsteps: []\n';
  writeFileSync(join(directory, 'door/pack.yml'), pack);
  assert.match(say().err, /door\/pack\.yaml:1: the file: must be called pack\.yaml, not pack\.yml/);
  writeFileSync(join(directory, 'door/pack.yaml'), pack);
  assert.equal(say().code, 0);
  assert.match(say('--pack', 'dor').err, /there is no format pack dor in /);
  assert.equal(say('--pack', 'dor').code, 64);
  const inside = penstock(['config', '--check'], '', { PENSTOCK_FORMATS: join(directory, 'door') });
  assert.match(inside.err, /is the folder of one format pack.*\n?.*name the directory that it is in/);
  assert.equal(inside.code, 78);
  mkdirSync(join(directory, 'gate/pack.yaml'), { recursive: true });
  assert.match(say().err, /gate\/pack\.yaml:1: the file: must be readable: it is a directory/);
});

test('explain heeds what the engine is set to: hash, original bytes, size of messages, events of a document', () => {
  const sum = createHash('sha256').update(line).digest('hex');
  const hashed = penstock(['explain', line], '', { PENSTOCK_EVENT_HASH: 'true', PENSTOCK_KEEP_ORIGINAL: 'never' });
  assert.match(hashed.out, new RegExp(`^ {2}event\\.hash: ${sum}$`, 'm'));
  assert.doesNotMatch(hashed.out, /event\.original/);
  const object = '{"message":"known by its names"}\n';
  assert.doesNotMatch(penstock(['explain'], object).out, /event\.original/);
  assert.match(penstock(['explain'], object, { PENSTOCK_KEEP_ORIGINAL: 'always' }).out, /event\.original/);
  const cut = penstock(['explain'], `${line} ${'x'.repeat(2000)}\n`, { PENSTOCK_MESSAGE_BYTES_MAX: '1024' }).out;
  assert.match(cut, /^ {2}tags: .*truncated/m);
  const records = '{"Records":[{"a":1},{"a":2},{"a":3}]}\n';
  assert.match(penstock(['explain'], records).out, /a document of 3 events/);
  assert.match(
    penstock(['explain'], records, { PENSTOCK_DOCUMENT_EVENTS_MAX: '2' }).out,
    /^ {2}tags: .*document_kept_whole/m,
  );
});

test('numbers of explain and of cases keep all their digits, and lines end where the engine ends them', (t) => {
  const object = '{"own":{"id":9223372036854775807}}\r\n';
  assert.match(penstock(['explain'], object).out, /^ {2}own\.id: 9223372036854775807$/m);
  assert.match(penstock(['explain', '--output', 'json'], object).out, /"id":9223372036854775807/);
  assert.match(penstock(['unparsed'], 'one\rline\u2028of text\r\n').out, /^1 lines/);
  const forwarded = [1, 2].map((i) => `{"appname":"belld","message":"rung ${i} times"}\n`).join('');
  assert.match(penstock(['unparsed'], forwarded).out, /^2 × belld: rung <\*> times$/m);
  const directory = mkdtempSync(join(tmpdir(), 'penstock-numbers-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, 'door/cases'), { recursive: true });
  writeFileSync(
    join(directory, 'door/pack.yaml'),
    'name: door\ntitle: Doors\nrecognise: [{json: {door: "*"}}]\nsteps: []\n',
  );
  writeFileSync(join(directory, 'door/cases/one.ndjson'), '{"door":9007199254740993}\n');
  assert.equal(penstock(['formats', 'test', directory, '--write']).code, 0);
  assert.match(readFileSync(join(directory, 'door/cases/one.json'), 'utf8'), /: 9007199254740993$/m);
  assert.equal(penstock(['formats', 'test', directory]).code, 0);
  writeFileSync(join(directory, 'door/cases/one.ndjson'), '{"door":9007199254740992}\n');
  const changed = penstock(['formats', 'test', directory]);
  assert.equal(changed.code, 1);
  assert.match(changed.out, /- door\.door: 9007199254740993\n.*\+ door\.door: 9007199254740992/);
});
