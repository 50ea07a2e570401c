/** `under`: one variable, whatever object its name stands in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileFormats } from './compile.js';
import { type PackProblem, problemText } from './pack-file.js';
import { readPack } from './read-pack.js';
import { explainerOf, run } from './test-explainer.js';

test('a name of a map stands under each of the beginnings, and is one variable', () => {
  const explainer = explainerOf({
    boxes: `
recognise: [{json: {box: '*'}}]
rest: {data.: d.}
steps:
  - map: {box: _, who: user.name, size: _size}
    under: ['', data., more.data.]
  - {when: {size: {more: 5}}, set: {large: true}}
  - map: {_size: size}
`,
  });
  for (const object of [
    { box: 1, who: 'ann', size: 7 },
    { box: 1, data: { who: 'ann', size: 7 } },
    { box: 1, more: { data: { who: 'ann', size: 7 } } },
  ]) {
    const { event } = run(explainer, object);
    assert.equal(event['user.name'], 'ann');
    assert.equal(event['boxes.size'], 7);
    assert.equal(event['boxes.large'], true);
    assert.equal(
      Object.keys(event).some((name) => name.endsWith('who')),
      false,
    );
  }
});

test('where the name stands twice, the first is mapped and the other kept', () => {
  const explainer = explainerOf({
    boxes: `
recognise: [{starts: ['BOX ']}]
steps:
  - match: 'BOX %{_pairs:*}'
  - from: _pairs
    kv: {}
    map: {who: user.name}
    under: ['', data.]
`,
  });
  const { event } = run(explainer, 'BOX data.who=ann who=bob');
  assert.equal(event['user.name'], 'ann');
  assert.equal(event['boxes.who'], 'bob');
});

for (const [what, steps, problem] of [
  ['without a map', '{under: [a.], set: {b: c}}', /there is none/],
  ['without a beginning', '{map: {a: user.name}, under: []}', /at least one beginning/],
  ['a temporary', '{map: {a: user.name}, under: [_x.]}', /begin neither with/],
  ['two variables of one name', "{map: {a: _, b.a: _}, under: ['', b.]}", /is another already/],
] as const)
  test(`refused: ${what}`, () => {
    const text = `name: p\ntitle: P\nrecognise: [{app: a}]\nsteps: [${steps}]\n`;
    const { pack, problems, shared } = readPack('p/pack.yaml', 'p', text);
    const all: PackProblem[] = [...problems];
    if (pack) compileFormats([{ pack, file: 'p/pack.yaml', text, shared }], () => 0, all);
    assert.match(all.map(problemText).join('\n'), problem);
  });
