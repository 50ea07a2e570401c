/** Names that begin with "_" are the pack's alone: steps may write them again, texts and objects do not, and nothing of them stays. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainerOf, run } from './test-explainer.js';

const explainer = explainerOf({
  gate: `
recognise: [{app: gate}]
steps:
  - regex: '^(?<_level>\\w+) (?<_rest>.*)$'
    required: true
  - {from: _rest, regex: 'a=(?<_who>\\w+)'}
  - {from: _rest, regex: 'b=(?<_who>\\w+)'}
  - {from: _rest, dissect: '%{}|%{_rest}'}
  - {from: _rest, csv: {columns: [_rest, _more]}}
  - map: {_who: user.name, _level: log.level, _rest: rule.name, _more: rule.id}
`,
  pairs: `
recognise: [{app: pairs}]
steps:
  - {regex: 'verdict (?<_verdict>\\w+)'}
  - kv: {}
  - when: {_verdict: {present: true}}
    set: {event.outcome: success}
`,
  object: `
recognise: [{json: {gate: '*'}}]
steps:
  - {from: gate, regex: 'verdict (?<_verdict>\\w+)'}
  - when: {_verdict: {present: true}}
    set: {event.outcome: success}
  - map: {$._id: event.code}
`,
});
const line = (app: string, text: string) => run(explainer, `<13>Nov 21 10:00:00 h ${app}: ${text}`).event;

test('a step writes again what one before, or the envelope, gave', () => {
  const event = line('gate', 'high a=ann b=bob |x,7');
  assert.equal(event['user.name'], 'bob');
  assert.equal(event['log.level'], 'high');
  assert.deepEqual([event['rule.name'], event['rule.id']], ['x', '7']);
  assert.deepEqual(
    Object.keys(event).filter((name) => name.startsWith('gate.')),
    [],
  );
});

test('names of a text and of an object are no such variables', () => {
  const pairs = line('pairs', '_verdict=open');
  assert.equal(pairs['event.outcome'], undefined);
  assert.equal(pairs['pairs._verdict'], 'open');
  assert.equal(line('pairs', 'verdict open')['event.outcome'], 'success');
  const { event } = run(explainer, JSON.stringify({ gate: 'closed', _verdict: 'open', _id: 'x' }));
  assert.equal(event['event.outcome'], undefined);
  assert.equal(event['object._verdict'], 'open');
  assert.equal(event['event.code'], 'x');
});
