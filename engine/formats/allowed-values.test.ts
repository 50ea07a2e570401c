/** event.kind, .category, .type and .outcome have the values that ECS lists; anything else is kept beside them, and noted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ecsAllowedValues } from '../../schema/generated/ecs-allowed-values.js';
import { explainerOf, run } from './test-explainer.js';

const plain = explainerOf({ other: "recognise: [{json: {no_such_name: '*'}}]\nsteps: []\n" });
const pack = `recognise: [{json: {mine: '*'}}]
steps:
  - map: {result: event.outcome, kinds: event.category}
`;

/** Three times: the first document teaches what the others are read by. */
function thrice(object: object): Readonly<Record<string, unknown>> {
  const [first, second, third] = [1, 2, 3].map(() => run(plain, object).event);
  for (const again of [second, third])
    assert.deepEqual({ ...again, ...of(first) }, again, 'the same by what is remembered');
  return first as Readonly<Record<string, unknown>>;
}

/** What does not differ from one time to the next. */
function of(event: Readonly<Record<string, unknown>> | undefined): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(event ?? {}).filter(([name]) => !/^event\.(id|created)$/.test(name)));
}

test('every value that ECS allows is the field', () => {
  assert.deepEqual([...ecsAllowedValues.keys()], ['event.category', 'event.kind', 'event.outcome', 'event.type']);
  for (const [name, values] of ecsAllowedValues) {
    const listed = /category|type/.test(name);
    for (const value of listed ? [[...values]] : values) {
      const event = thrice({ [name]: value });
      assert.deepEqual(event[name], value);
      assert.equal(event.tags, undefined, `${name}: ${value}`);
    }
  }
});

for (const [name, value] of [
  ['event.kind', 'Event'],
  ['event.kind', ''],
  ['event.outcome', 'failed'],
  ['event.outcome', 'success '],
  ['event.outcome', 0],
  ['event.outcome', true],
  ['event.outcome', 'succ\u00e9ss'],
  ['event.category', ['network', 'firewall']],
  ['event.category', 'login'],
  ['event.type', ['start', 1]],
  ['event.type', [['start']]],
] as const) {
  test(`kept beside the field: ${name} ${JSON.stringify(value)}`, () => {
    const event = thrice({ [name]: value, 'event.action': 'x' });
    assert.deepEqual(event[name], value);
    assert.deepEqual(event.tags, ['field_type']);
    assert.equal(event['event.action'], 'x');
  });
}

test('null says nothing, and is no mistake', () => {
  assert.equal(thrice({ 'event.outcome': null, a: 1 }).tags, undefined);
});

test('a pack that maps another value: kept, and noted', () => {
  const explainer = explainerOf({ mine: pack });
  const good = run(explainer, { mine: 1, result: 'failure', kinds: ['web', 'network'] }).event;
  assert.deepEqual(
    [good['event.outcome'], good['event.category'], good.tags],
    ['failure', ['web', 'network'], undefined],
  );
  const odd = run(explainer, { mine: 1, result: 'Denied', kinds: ['web', 'odd'] }).event;
  assert.equal(odd['event.outcome'], 'Denied');
  assert.deepEqual(odd.tags, ['field_type']);
  assert.deepEqual(run(explainer, { mine: 1, result: 3 }).event.tags, ['field_type']);
});
