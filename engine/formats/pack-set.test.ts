/** The pack's own `set` comes before what its steps set, also where they are required. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainerOf, run } from './test-explainer.js';

const explainer = explainerOf({
  gate: `
recognise: [{app: gate}]
set: {event.kind: event, event.dataset: gate.log, event.category: [host]}
steps:
  - match: 'GATE %{_rest:*}'
    required: true
  - required: true
    first_of:
      - from: _rest
        match: 'ALARM %{event.reason:*}'
        set: {event.kind: alert, event.dataset: gate.alarm}
      - first_of:
          - from: _rest
            match: 'COUNT %{count:int}'
            then: [{set: {event.kind: metric}}]
          - from: _rest
            match: 'SAID %{event.reason:*}'
  - when: {count: '0'}
    set: {event.dataset: gate.none}
`,
});
const event = (text: string) => run(explainer, `<13>Nov 21 10:00:00 h gate: ${text}`).event;

test('an alternative of a required step sets otherwise', () => {
  const alarm = event('GATE ALARM open');
  assert.deepEqual([alarm['event.kind'], alarm['event.dataset']], ['alert', 'gate.alarm']);
  assert.deepEqual(alarm['event.category'], ['host']);
  assert.equal(event('GATE COUNT 3')['event.kind'], 'metric');
});

test('one that sets nothing leaves what the pack sets, and a later step has the last word', () => {
  const said = event('GATE SAID x');
  assert.deepEqual(
    [said['event.kind'], said['event.dataset'], said['event.category']],
    ['event', 'gate.log', ['host']],
  );
  const none = event('GATE COUNT 0');
  assert.deepEqual([none['event.kind'], none['event.dataset']], ['metric', 'gate.none']);
});

test('a refused pack leaves nothing', () => {
  const refused = event('GATE other');
  assert.equal(refused['event.dataset'], undefined);
  assert.equal(refused['event.category'], undefined);
});
