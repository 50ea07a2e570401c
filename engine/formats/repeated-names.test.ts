/** A text that says a name more than once: no value is lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainerOf, run } from './test-explainer.js';

const explainer = explainerOf({
  boxes: `
recognise: [{starts: ['BOX ']}]
steps:
  - match: 'BOX %{_pairs:*}'
  - from: _pairs
    kv: {escapes: text}
    map: {who: user.name}
  - when: {seen: x}
    set: {event.outcome: success}
`,
  rest: `
recognise: [{starts: ['REST ']}]
rest: {a.: b.}
steps:
  - match: 'REST %{_pairs:*}'
  - from: _pairs
    kv: {}
`,
  // Within an object, of which names go before what a text in it says has come.
  object: `
recognise: [{json: {box: '*', pairs: '*'}}]
steps:
  - from: pairs
    kv: {}
    map: {pairs: _, box: _, x: _, y: _, z: _}
`,
});
const event = (text: string) => run(explainer, text).event;

test('unmapped names become lists, in order', () => {
  const said = event('BOX a=1 b=x a="say \\"hi\\"" c=3 a=é');
  assert.deepEqual(said['boxes.a'], ['1', 'say "hi"', 'é']);
  assert.equal(said['boxes.b'], 'x');
  assert.equal(said['boxes.c'], '3');
});

test('a mapped name is its first value, the others are kept', () => {
  const said = event('BOX who=ann a=1 who=bob who=cy');
  assert.equal(said['user.name'], 'ann');
  assert.deepEqual(said['boxes.who'], ['bob', 'cy']);
  assert.equal(event('BOX who=ann who=bob')['boxes.who'], 'bob');
});

test('a name that a step only reads is a list with its first value', () => {
  const said = event('BOX seen=x seen=y');
  assert.equal(said['event.outcome'], 'success');
  assert.deepEqual(new Set(said['boxes.seen'] as string[]), new Set(['x', 'y']));
});

test('names too long to be remembered, and renamed ones', () => {
  const long = 'n'.repeat(200);
  assert.deepEqual(event(`BOX ${long}=1 a=2 ${long}=3`)[`boxes.${long}`], ['1', '3']);
  assert.deepEqual(event('REST a.x=1 c=2 a.x=3')['rest.b.x'], ['1', '3']);
});

test('names of a text within an object, some of which the pack takes', () => {
  const of = (others: object) => run(explainer, { box: 'b', pairs: 'a=1 c=3 a=2', x: '1', y: '2', z: '3', ...others });
  for (const others of [{}, { more: 'm' }, { a: 'of the object', more: 'm', many: 'n', others: 'o' }]) {
    const { taken, event: said } = of(others);
    assert.equal(taken, 'object');
    assert.equal(said['object.c'], '3');
    for (const name of Object.keys(others).slice(-3)) assert.ok(`object.${name}` in said);
    if (!('a' in others)) assert.deepEqual(said['object.a'], ['1', '2']);
  }
});

test('as before in the next event', () => {
  assert.equal(event('BOX a=1 b=2')['boxes.a'], '1');
  assert.deepEqual(event('BOX a=1 a=2')['boxes.a'], ['1', '2']);
  assert.equal(event('BOX a=1 b=2')['boxes.a'], '1');
});

test('a thousand times the same name, and a thousand names', () => {
  const many = event(`BOX ${'a=1 '.repeat(1000)}`)['boxes.a'] as string[];
  assert.equal(many.length, 1000);
  const text = Array.from({ length: 500 }, (_, i) => `k${i}=1 k${i}=2`).join(' ');
  const said = event(`BOX ${text}`);
  for (let i = 0; i < 500; ++i) assert.deepEqual(said[`boxes.k${i}`], ['1', '2']);
});

test('a name that is repeated after so many others that it was forgotten', () => {
  const names = Array.from({ length: 900 }, (_, i) => `k${i}`);
  const once = names.map((name) => `${name}=1`).join(' ');
  for (const name of names.filter((_, i) => i % 30 === 0))
    assert.deepEqual(event(`BOX ${once} ${name}=2`)[`boxes.${name}`], ['1', '2'], name);
});
