/** `rest`: names that neither ECS nor a map knows, under other beginnings. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemText } from './pack-file.js';
import { readPack } from './read-pack.js';
import { explainerOf, run } from './test-explainer.js';

const rest = 'rest: {Data.: data., Da: other.}';

test('of a text: what no map names, mapped names as mapped, a name that comes again', () => {
  const explainer = explainerOf({
    boxes: `
recognise: [{starts: ['BOX ']}]
${rest}
steps:
  - match: 'BOX %{_pairs:*}'
  - from: _pairs
    kv: {}
    map: {Data.user: user.name, Data.kept: _}
`,
  });
  const { event } = run(explainer, 'BOX Data.user=ann Data.size=7 Date=x size=8 Data.user=bob');
  assert.equal(event['user.name'], 'ann');
  assert.equal(event['boxes.data.size'], '7');
  assert.equal(event['boxes.other.te'], 'x');
  assert.equal(event['boxes.size'], '8');
  assert.equal(event['boxes.data.user'], 'bob');
});

test('of a JSON object', () => {
  const explainer = explainerOf({
    boxes: `
recognise: [{json: {box: '*'}}]
${rest}
steps: [{map: {box: _, Data.user: user.name, Data.number: _n}}, {when: {_n: {more: 5}}, set: {large: true}}]
`,
  });
  const { event } = run(explainer, { box: 1, Data: { user: 'ann', size: 7, number: 9 }, size: 8 });
  assert.equal(event['user.name'], 'ann');
  assert.equal(event['boxes.data.size'], 7);
  assert.equal(event['boxes.size'], 8);
  assert.equal(event['boxes.large'], true);
});

test('a variable that a step reads and none maps is renamed as well', () => {
  const explainer = explainerOf({
    boxes: `
recognise: [{json: {box: '*'}}]
${rest}
steps: [{when: {Data.size: {more: 5}}, set: {large: true}}]
`,
  });
  assert.equal(run(explainer, { box: 1, Data: { size: 7 } }).event['boxes.data.size'], 7);
});

test('a beginning that goes', () => {
  const explainer = explainerOf({
    boxes: `
recognise: [{json: {box: '*'}}]
rest: {boxes.: ''}
steps: [{map: {box: _}}]
`,
  });
  assert.equal(run(explainer, { box: 1, boxes: { size: 7 } }).event['boxes.size'], 7);
});

test('mistakes', () => {
  for (const [written, problem] of [
    ["{'': x.}", /must say how names begin/],
    ['{a.: [b]}', /must be a text/],
    ['[a]', /rest/],
  ] as const) {
    const { problems } = readPack(
      'p/pack.yaml',
      'p',
      `name: p\ntitle: P\nrecognise: [{app: a}]\nrest: ${written}\nsteps: [{match: '%{a}'}]\n`,
    );
    assert.match(problems.map(problemText).join('\n'), problem);
  }
});
