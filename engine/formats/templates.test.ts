/** What messages have in common, and that nothing grows without end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Templates } from './templates.js';

function listed(messages: readonly string[]) {
  const templates = new Templates();
  for (const message of messages) templates.add(message);
  return templates.list().map(({ text, count }) => [text, count]);
}

for (const [what, messages, expected] of [
  ['words that change', ['door front opened by ada', 'door back opened by bob'], [['door <*> opened by <*>', 2]]],
  ['numbers, names with values', ['took 7 ms user=u1', 'took 19 ms user=u2'], [['took <*> ms user=<*>', 2]]],
  ['a process id', ['doord[7]: up', 'doord[8]: up'], [['doord[<*>]: up', 2]]],
  [
    'another number of words is another template',
    ['a b', 'a b c'],
    [
      ['a b', 1],
      ['a b c', 1],
    ],
  ],
  [
    'too little alike',
    ['x b c d', 'x y z w', 'x b c e'],
    [
      ['x b c <*>', 2],
      ['x y z w', 1],
    ],
  ],
  ['nothing', ['', ' '], [['', 2]]],
] as const)
  test(what, () => assert.deepEqual(listed(messages), expected));

test('the most frequent comes first, with its first samples', () => {
  const templates = new Templates({ templates: 10, samples: 2, chars: 100 });
  templates.add('rare thing');
  for (const name of ['a', 'b', 'c', 'a']) templates.add(`often ${name} seen here`);
  assert.deepEqual(templates.list(1), [
    { text: 'often <*> seen here', count: 4, samples: ['often a seen here', 'often b seen here'] },
  ]);
});

test('bounded: many kinds of messages, long ones', () => {
  const templates = new Templates({ templates: 50, samples: 2, chars: 100 });
  const letters = (n: number) => [...String(n)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
  for (let i = 0; i < 5000; i++) templates.add(`${letters(i)} ${'x'.repeat(10_000)}`);
  assert.equal(templates.list().length, 50);
  assert.equal(templates.seen, 5000);
  assert.equal(templates.forgotten, 4950);
  assert.ok(
    templates.list().every(({ samples, text }) => text.length <= 100 && samples.every((one) => one.length <= 100)),
  );
});
