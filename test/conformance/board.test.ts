/** The board in the repository is what the packs reach; less fails. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { committedBoard, makeBoard, type Scores } from './board/board.js';
import { judge } from './board/judge.js';

const board = makeBoard();

for (const [source, committed] of Object.entries(committedBoard())) {
  test(`${source}: no product has fewer fields right, or more wrong, than the board says`, () => {
    const scores = board[source] as Scores;
    assert.deepEqual(Object.keys(scores).sort(), Object.keys(committed).sort());
    for (const [product, before] of Object.entries(committed)) {
      const now = scores[product]!;
      const line = `${product}: ${JSON.stringify(now)}, on the board ${JSON.stringify(before)}`;
      assert.equal(now.events, before.events, line);
      assert.ok(now.right >= before.right && now.wrong <= before.wrong && now.recognised >= before.recognised, line);
    }
  });
}

test('values are compared by what they are', () => {
  const right = [
    [42, '42'],
    ['2018-10-05T12:19:04Z', '2018-10-05T14:19:04.000+02:00'],
    [
      ['a', 'b'],
      ['b', 'a'],
    ],
    ['a', ['a']],
    ['2001:db8::1', '2001:0db8:0:0::1'],
  ];
  for (const [a, b] of right) assert.equal(judge(a, b), 'right', `${a} ${b}`);
  const wrong = [
    ['042a', '42'],
    ['a', 'A'],
    [['a', 'b'], ['a']],
    ['a', ['a', 'b']],
    ['2018-10-05T12:19:04Z', '2018-10-05T12:19:05Z'],
    ['', '0'],
  ];
  for (const [a, b] of wrong) assert.equal(judge(a, b), 'wrong', `${a} ${b}`);
  assert.equal(judge('a', undefined), 'missing');
  assert.equal(judge([], undefined), 'right');
});
