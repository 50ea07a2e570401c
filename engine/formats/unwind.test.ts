/** `unwind:` of packs: one event for each element of arrays within arrays, each with all that stands around it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flatten } from './explain.js';
import { explainerOf } from './test-explainer.js';

const packs = {
  door: `recognise:
  - json: {door: '*', visits: '*'}
unwind: visits[*].steps
steps:
  - map: {door: labels.door, 'visits[0].who': user.name, 'visits[0].steps[0]': event.action, message: rule.name}
`,
  doors: `recognise:
  - json: {doors: '*'}
split: doors
set: {event.provider: doors}
steps: []
`,
};
const explainer = explainerOf(packs);
const explained = (text: string, json = true) => explainer.explain(Buffer.from(text), { json, receivedNs: 0n });
const events = (text: string, json = true) => explained(text, json).elements.map(({ event }) => flatten(event));
const told = (text: string, json = true) =>
  events(text, json).map((event) => [event['labels.door'], event['user.name'], event['event.action']]);

const visits = '[{"who":"ada","steps":["in","out"]} , {"steps":["in"],"who":"bob"}]';

test('each element of the innermost arrays is an event with what stands around it', () => {
  const text = `{"door":"a\\"]","visits": ${visits},"note":[1,2]}`;
  assert.deepEqual(told(text), [
    ['a"]', 'ada', 'in'],
    ['a"]', 'ada', 'out'],
    ['a"]', 'bob', 'in'],
  ]);
  assert.deepEqual(
    events(text).map((event) => event['event.original']),
    [
      '{"door":"a\\"]","visits": [{"who":"ada","steps":["in"]}],"note":[1,2]}',
      '{"door":"a\\"]","visits": [{"who":"ada","steps":["out"]}],"note":[1,2]}',
      '{"door":"a\\"]","visits": [{"steps":["in"],"who":"bob"}],"note":[1,2]}',
    ],
  );
});

test('what has no such array is an element itself, and a document of one element is an event as it stands', () => {
  const whole = [
    '{"door":1,"visits":[{"who":"ada","steps":["in"]}]}',
    '{"door":1,"visits":[]}',
    '{"door":1,"visits":"none"}',
  ];
  for (const text of whole) {
    const { elements, event, pack } = explained(text);
    assert.deepEqual([elements.length, pack, flatten(event)['event.original']], [0, 'door', text]);
  }
  const mixed =
    '{"door":1,"visits":[{"who":"ada"},{"who":"bob","steps":[]},7,{"who":"eve","steps":[[1,2],{"x":"]"}]}]}';
  assert.deepEqual(
    events(mixed).map((event) => event['event.original']),
    [
      '{"door":1,"visits":[{"who":"ada"}]}',
      '{"door":1,"visits":[{"who":"bob","steps":[]}]}',
      '{"door":1,"visits":[7]}',
      '{"door":1,"visits":[{"who":"eve","steps":[[1,2]]}]}',
      '{"door":1,"visits":[{"who":"eve","steps":[{"x":"]"}]}]}',
    ],
  );
});

test('in syslog the header stays with each', () => {
  const line = `<13>1 2026-01-02T03:04:05Z gate app 7 - - {"door":1,"visits":${visits}}`;
  const found = events(line, false);
  assert.deepEqual(
    found.map((event) => [event['host.hostname'], event['@timestamp'], event['user.name']]),
    ['ada', 'ada', 'bob'].map((who) => ['gate', '2026-01-02T03:04:05Z', who]),
  );
  assert.equal(found[2]?.['event.original'], line.replace(visits, '[{"steps":["in"],"who":"bob"}]'));
});

test('elements of a document that was split are unwound, and have what it says', () => {
  const text = `{"doors":[{"door":1,"visits":${visits}},{"door":2,"visits":[{"who":"eve","steps":["in"]}]},{"other":3}]}`;
  assert.deepEqual(told(text).slice(0, 4), [
    [1, 'ada', 'in'],
    [1, 'ada', 'out'],
    [1, 'bob', 'in'],
    [2, 'eve', 'in'],
  ]);
  assert.deepEqual(
    explained(text).elements.map(({ pack, event }) => [pack, flatten(event)['event.provider']]),
    [...['door', 'door', 'door', 'door'], null].map((pack) => [pack, 'doors']),
  );
});

test('a document that would grow beyond its bounds stays whole, and says so', () => {
  const steps = (count: number) => `["${Array.from({ length: count }, (_, i) => i).join('","')}"]`;
  const note = 'x'.repeat(9000);
  const small = `{"door":1,"note":"${note}","visits":[{"who":"ada","steps":${steps(20)}}]}`;
  assert.equal(events(small).length, 20);
  const large = `{"door":1,"note":"${note}","visits":[{"who":"ada","steps":${steps(1000)}}]}`;
  const { elements, event } = explained(large);
  assert.equal(elements.length, 0);
  assert.deepEqual(flatten(event).tags, ['document_kept_whole']);
  assert.equal(flatten(event)['event.original'], large);
});

test('so does one that is split into elements of nearly nothing', () => {
  const document = (elements: string) => `{"note":"${'y'.repeat(900)}","doors":[${elements}]}`;
  assert.equal(explained(document('{"door":1},{"door":2}')).elements.length, 2);
  const { elements, event } = explained(document(Array.from({ length: 2000 }, () => '{}').join(',')));
  assert.equal(elements.length, 0);
  assert.deepEqual(flatten(event).tags, ['document_kept_whole']);
});

test('mistakes of its author are told', () => {
  const refused = (text: string, says: RegExp) =>
    assert.throws(() => explainerOf({ door: packs.door.replace('unwind: visits[*].steps', text) }), says, text);
  refused('unwind: visits[0].steps', /unwind.*must be names with dots between/);
  refused('unwind: visits[*]..steps', /unwind.*must be names with dots between/);
  refused('unwind: visits[*]', /unwind.*must be names with dots between/);
  refused('unwind: [visits]', /unwind/);
  refused('unwind: a[*].b[*].c[*].d[*].e', /at most 4 arrays/);
  refused('unwind: visits\nsplit: visits', /split or unwind/);
  assert.throws(
    () => explainerOf({ door: packs.door.replace('recognise:\n', 'recognise:\n  - starts: [x]\n') }),
    /only packs of JSON objects are unwound/,
  );
});
