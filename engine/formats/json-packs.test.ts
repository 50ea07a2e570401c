/** Packs of JSON objects: how they are recognised, what their names become, and that nothing of the object goes missing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flatten } from './explain.js';
import { explainerOf, run } from './test-explainer.js';

const gate = `recognise:
  - json: {gate.id: '*', kind: [open, close]}
empty: [none]
set: {event.kind: event}
steps:
  - time: {from: at}
  - map:
      who.name: user.name
      from: 'source.ip | source.address'
      port: source.port
      ok: labels.ok
      people[0].name: user.target.name
      people[*].id: related.user
      groups: user.roles
      $._seen: rule.id
      message: rule.name
  - when: {who.level: {more: 3}}
    set: {event.severity: 7}
`;
const object = {
  kind: 'open',
  gate: { id: 7, colour: 'red', shade: null, note: '', list: [] },
  at: '2026-01-02T03:04:05Z',
  who: { name: 'ada', level: 4 },
  from: '203.0.113.7',
  port: 443,
  ok: true,
  people: [{ name: 'a"b', id: '1' }, { id: '2' }],
  groups: ['x', 'y'],
  _seen: 's',
  message: 'hello',
  process: { name: 'ecs' },
};

test('what a JSON event becomes', () => {
  const { taken, event } = run(explainerOf({ gate }), object);
  assert.equal(taken, 'gate');
  const expected = {
    '@timestamp': '2026-01-02T03:04:05Z',
    'event.kind': 'event',
    'event.original': JSON.stringify(object),
    'event.severity': 7,
    'gate.gate.colour': 'red',
    'gate.gate.id': 7,
    'gate.kind': 'open',
    'gate.people': JSON.parse('[{"name":"a\\"b","id":"1"},{"id":"2"}]'),
    'gate.who.level': 4,
    'labels.ok': true,
    message: 'hello',
    'process.name': 'ecs',
    'related.ip': ['203.0.113.7'],
    'related.user': ['ada', 'a"b', '1', '2'],
    'rule.id': 's',
    'rule.name': 'hello',
    'source.ip': '203.0.113.7',
    'source.port': 443,
    'user.name': 'ada',
    'user.roles': ['x', 'y'],
    'user.target.name': 'a"b',
  };
  for (const [name, value] of Object.entries(expected)) assert.deepEqual(event[name], value, name);
  const own = ['event.created', 'event.id', 'log.source.address'];
  assert.deepEqual(
    Object.keys(event).filter((name) => !(name in expected) && !own.includes(name)),
    [],
  );
});

test('the same object in a syslog message', () => {
  const explainer = explainerOf({ gate });
  const alone = run(explainer, object).event;
  for (const before of ['', '@cee: ', '@cee:', '  ']) {
    const line = `<13>Nov 21 10:00:00 host1 gated: ${before}${JSON.stringify(object)}`;
    const { taken, event } = run(explainer, line);
    assert.equal(taken, 'gate');
    assert.equal(event['host.hostname'], 'host1');
    assert.equal(event['event.original'], line);
    const gone = ['event.original', 'event.created', 'event.id', 'message', 'log.source.address'];
    for (const [name, value] of Object.entries(alone).filter(([name]) => !gone.includes(name)))
      assert.deepEqual(event[name], value, name);
  }
});

for (const [what, change, taken] of [
  ['as it is', {}, 'gate'],
  ['another value of a mark', { kind: 'ajar' }, null],
  ['a mark that is not there', { gate: { name: 'x' } }, null],
  ['a mark that is null', { kind: null }, null],
  ['a mark of another type', { gate: { id: [1] } }, 'gate'],
] as const)
  test(`recognised: ${what}`, () => assert.equal(run(explainerOf({ gate }), { ...object, ...change }).taken, taken));

test('what no pack recognises is as it was', () => {
  const other = { ...object, kind: 'ajar' };
  const { event } = run(explainerOf({ gate }), other);
  assert.equal(event['who.level'], 4);
  assert.equal(event['who.name'], 'ada');
  assert.equal(event['user.name'], undefined);
  const line = run(explainerOf({ gate }), `<13>Nov 21 10:00:00 h g: ${JSON.stringify(other)}`);
  assert.equal(line.taken, null);
  assert.equal(line.event['who.level'], undefined);
  assert.equal(line.event.message, JSON.stringify(other));
});

test('a refused pack leaves no trace, whatever it read', () => {
  const strict = `${gate.replace('steps:', "steps:\n  - from: who.name\n    match: 'no %{user.name:word}'\n    required: true")}`;
  const { taken, event } = run(explainerOf({ strict }), object);
  assert.equal(taken, null);
  assert.equal(event['who.name'], 'ada');
  assert.equal(event['gate.colour'], 'red');
  assert.equal(event['gate.note'], '');
});

test('the pack whose marks say most is tried first, whatever the order of names', () => {
  const general = "recognise: [{json: {kind: '*'}}]\nset: {event.kind: event}\nsteps: []\n";
  const special = "recognise: [{json: {gate.id: '*', kind: open*}}]\nset: {event.kind: alert}\nsteps: []\n";
  const explainer = explainerOf({ agate: general, zgate: special });
  assert.equal(run(explainer, object).taken, 'zgate');
  assert.equal(run(explainer, { gate: { id: 1 }, kind: 'opened' }).taken, 'zgate');
  assert.equal(run(explainer, { kind: 'opened' }).taken, 'agate');
});

test('a step takes JSON apart: in a message with a head, and in a string of an object', () => {
  const steps = `set: {event.kind: event}
steps:
  - match: 'head %{_body:*}'
  - from: _body
    json: {}
    required: true
    map: {a.b: user.name, deep: _deep}
    then:
      - from: _deep
        json: {}
        map: {n: source.port}
`;
  const explainer = explainerOf({ door: `recognise: [{app: doord}]\n${steps}` });
  const inner = JSON.stringify({ n: 7, left: [1] });
  const { taken, event } = run(
    explainer,
    `<13>Nov 21 10:00:00 h doord: head ${JSON.stringify({ a: { b: 'u' }, deep: inner, x: 1.5, host: { name: 'h2' } })}`,
  );
  assert.equal(taken, 'door');
  assert.equal(event['user.name'], 'u');
  assert.equal(event['source.port'], 7);
  assert.equal(event['door.x'], 1.5);
  assert.deepEqual(event['door.left'], [1]);
  assert.equal(event['host.name'], 'h2');
  assert.equal(run(explainer, '<13>Nov 21 10:00:00 h doord: head {"a": 1').taken, null);
});

test('a pack within a pack is given JSON', () => {
  const outer = "recognise: [{json: {log: '*', stream: '*'}}]\nsteps:\n  - from: log\n    pack: gate\n";
  const { taken, event } = run(explainerOf({ outer, gate }), {
    log: JSON.stringify(object),
    stream: 'stdout',
    time: 'x',
  });
  assert.equal(taken, 'outer');
  assert.equal(event['user.name'], 'ada');
  assert.equal(event['gate.gate.colour'], 'red');
  assert.equal(event['outer.stream'], 'stdout');
  assert.equal(event['outer.log'], undefined);
  const text = run(explainerOf({ outer, gate }), { log: 'plain', stream: 'stdout' });
  assert.equal(text.taken, 'outer');
  assert.equal(text.event['outer.log'], 'plain');
});

test('a listener of that pack: JSON alone, in either form', () => {
  const explainer = explainerOf({ gate });
  assert.equal(run(explainer, { any: 1 }, 'gate').taken, 'gate');
  assert.equal(run(explainer, '<13>Nov 21 10:00:00 h x: {"any":1}', 'gate').taken, 'gate');
  assert.equal(run(explainer, '<13>Nov 21 10:00:00 h x: any', 'gate').taken, null);
});

test('a list for one value, an object for a text, a word for a number: kept, and noted', () => {
  const steps = 'steps:\n  - map: {a: user.name, b: user.email, c: source.port, d: user.id}\n';
  const { event } = run(explainerOf({ odd: `recognise: [{json: {a: '*'}}]\n${steps}` }), {
    a: ['x', 'y'],
    b: { c: 1, d: [] },
    c: 'many',
    d: ['only'],
  });
  assert.deepEqual(event.tags, ['field_type']);
  assert.deepEqual(event['user.name'], ['x', 'y']);
  assert.equal(event['source.port'], 'many');
  assert.equal(event['user.id'], 'only');
});

test('many names, deep objects and repeated names: nothing fails', () => {
  const explainer = explainerOf({ gate });
  const wide = {
    kind: 'open',
    gate: { id: 1 },
    ...Object.fromEntries(Array.from({ length: 6000 }, (_, i) => [`k${i}`, i])),
  };
  assert.equal(run(explainer, wide).event['gate.k5999'], 5999);
  const twice = '{"kind":"open","kind":"close","gate":{"id":1},"who":{"name":"a"},"who":{"name":"b"}}';
  const { event, pack } = explainer.explain(Buffer.from(twice), { json: true, receivedNs: 0n });
  assert.equal(pack, 'gate');
  assert.equal(flatten(event)['user.name'], 'a');
  assert.equal(flatten(event)['gate.who.name'], 'b');
  assert.equal(flatten(event)['event.original'], twice);
});

test('elements of a list are chosen by what they say', () => {
  const parameters = `recognise: [{json: {activity: '*', calls: '*'}}]
steps:
  - map:
      calls[0].parameters[name=USER].value: user.name
      calls[0].parameters[name=roles].multi: user.roles
      calls[0].parameters[name=A B.c].value: rule.name
      calls[0].parameters[name=old].value: [user.changes.name, user.target.name]
      calls[0].parameters[name=not there].value: user.email
      calls[0].parameters[name=last].value: rule.id
      calls[0].parameters[kind=7].value: event.code
      calls[*].parameters[name=host].value: related.hosts
      flags[id=2]: rule.category
      none[name=USER].value: user.id
  - when: {'calls[0].parameters[name=admin].flag': true}
    set: {event.outcome: success}
`;
  const many = Array.from({ length: 70 }, (_, i) => ({ name: `p${i}`, value: `v${i}` }));
  const { event } = run(explainerOf({ parameters }), {
    activity: 'x',
    calls: [
      {
        parameters: [
          'USER',
          { value: 'wrong' },
          { name: 'USERS', value: 'wrong' },
          { name: { name: 'USER' }, value: 'wrong' },
          { value: 'a"b]', name: 'USER' },
          { name: 'USER', value: 'second' },
          { name: 'roles', multi: ['r', 's'] },
          { name: 'A B.c', value: 'rule' },
          { name: 'old', value: null },
          { name: 'admin', flag: true },
          { kind: 7, value: 12 },
          { name: 'host', value: 'h1' },
          ...many,
          { name: 'last', value: 'l' },
        ],
      },
      { parameters: [{ name: 'host', value: 'h2' }] },
    ],
    flags: 'no list',
    none: [],
  });
  assert.equal(event['user.name'], 'a"b]');
  assert.deepEqual(event['user.roles'], ['r', 's']);
  assert.equal(event['rule.name'], 'rule');
  assert.equal(event['user.target.name'], undefined);
  assert.equal(event['user.email'], undefined);
  assert.equal(event['rule.id'], 'l');
  assert.equal(event['event.code'], '12');
  assert.equal(event['rule.category'], undefined);
  assert.equal(event['event.outcome'], 'success');
  assert.deepEqual(event['related.hosts'], ['h1', 'h2']);
});
