/** `set: {field: null}`: what stands before the pack's own fields can be taken out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileFormats } from './compile.js';
import { problemText } from './pack-file.js';
import { readPack } from './read-pack.js';
import { explainerOf, run } from './test-explainer.js';

const explainer = explainerOf({
  gate: `
recognise: [{app: gate}]
steps:
  - match: '%{_verdict:word} %{_rest:*}'
    required: true
  - when: {_verdict: relayed}
    set: {process.pid: null, host.hostname: null, user.name: null}
  - when: {_verdict: again}
    set: {process.pid: null}
    then: [{set: {process.pid: 7}}]
  - {from: _rest, pack: inner}
`,
  inner: `
recognise: [{starts: never}]
steps:
  - match: 'INNER %{user.name:text} %{_end:*}'
  - {from: _end, match: '!', required: true}
  - set: {process.name: null}
`,
  object: `
recognise: [{json: {gate: '*'}}]
steps:
  - map: {gate: rule.name}
  - set: {process.pid: null, tags: null, source.ip: null}
`,
});
const line = (text: string) => `<13>Nov 21 10:00:00 relay gate[42]: ${text}`;

test('fields of the syslog header', () => {
  const { taken, event } = run(explainer, line('relayed x'));
  assert.equal(taken, 'gate');
  assert.equal(event['process.pid'], undefined);
  assert.equal(event['host.hostname'], undefined);
  assert.equal(event['related.hosts'], undefined);
  assert.equal(event['process.name'], 'gate');
  assert.ok(event['event.original']); // the fields do not say all of the header any more
});

test('a value set afterwards stays, and without the step nothing is taken out', () => {
  assert.equal(run(explainer, line('again x')).event['process.pid'], 7);
  assert.equal(run(explainer, line('plain x')).event['process.pid'], 42);
});

test('a pack within that is refused takes nothing out', () => {
  const refused = run(explainer, line('plain INNER ann ?')).event;
  assert.deepEqual([refused['process.name'], refused['user.name']], ['gate', undefined]);
  const taken = run(explainer, line('plain INNER ann !')).event;
  assert.deepEqual([taken['process.name'], taken['user.name']], [undefined, 'ann']);
});

test('fields of a JSON object, lists too', () => {
  const { taken, event } = run(explainer, {
    gate: 'g',
    process: { pid: 1, name: 'p' },
    tags: ['a', 'b'],
    source: { ip: '192.0.2.1', port: 9 },
  });
  assert.equal(taken, 'object');
  assert.deepEqual(
    [event['process.pid'], event.tags, event['source.ip'], event['process.name'], event['source.port']],
    [undefined, undefined, undefined, 'p', 9],
  );
  assert.equal(event['rule.name'], 'g');
});

test('only fields of ECS are taken out', () => {
  const text = 'name: a\ntitle: a\nrecognise: [{app: a}]\nsteps: [{set: {own.name: null, _x: null, message: null}}]\n';
  const { pack, problems, shared } = readPack('a/pack.yaml', 'a', text);
  assert.ok(pack);
  compileFormats([{ pack, file: 'a/pack.yaml', text, shared }], () => 0, problems as never);
  const told = problems.map(problemText).join('\n');
  assert.match(told, /own\.name.*no field of ECS/);
  assert.match(told, /_x.*no field of ECS/);
  assert.match(told, /message/);
});
