/** Texts that a format owns by their beginning: no word of another format in them gives them to that. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemText } from './pack-file.js';
import { readPack } from './read-pack.js';
import { explainerOf, run } from './test-explainer.js';

const doors = `
recognise: [{contains: ['door opened']}]
steps: [{match: '%{text:*}'}]
`;
const boxes = (owns: string) => `
rank: generic
recognise: [{starts: ['BOX:'], ${owns}}]
steps: [{match: 'BOX:%{size:int} %{text:*}', required: true}]
`;
const blueBoxes = `
recognise: [{starts: ['BOX:'], contains: [blue]}]
steps: [{match: 'BOX:%{size:int} blue%{text:*}', required: true}]
`;

test("a word of another format does not take a text that is owned, nor does what its sender's last text was", () => {
  const explainer = explainerOf({ doors, boxes: boxes('owns: true') });
  for (const round of [1, 2]) {
    assert.equal(run(explainer, 'the door opened', undefined, round).taken, 'doors');
    assert.equal(run(explainer, 'BOX:7 the door opened', undefined, round).taken, 'boxes');
  }
});

test('without it the specific format takes it', () => {
  const explainer = explainerOf({ doors, boxes: boxes("first: 'any', contains: [BOX]") });
  assert.equal(run(explainer, 'BOX:7 the door opened').taken, 'doors');
});

test('a specific format that is told by the same beginning comes first', () => {
  const explainer = explainerOf({ doors, boxes: boxes('owns: true'), blue: blueBoxes });
  assert.equal(run(explainer, 'BOX:7 blue, the door opened').taken, 'blue');
  assert.equal(run(explainer, 'BOX:7 grey, the door opened').taken, 'boxes');
});

test('what its owner refuses is looked at by all others', () => {
  const explainer = explainerOf({ doors, boxes: boxes('owns: true') });
  assert.equal(run(explainer, 'BOX:large the door opened').taken, 'doors');
  assert.equal(run(explainer, 'BOX:large').taken, null);
});

test('only a beginning can be owned', () => {
  for (const [way, problem] of [
    ['{contains: [x], owns: true}', /owns: needs starts/],
    ['{starts: [x], app: a, owns: true}', /owns: needs starts/],
    ['{starts: [x], owns: yes please}', /owns is yes please: must be true/],
  ] as const) {
    const { problems } = readPack(
      'p/pack.yaml',
      'p',
      `name: p\ntitle: P\nrecognise: [${way}]\nsteps: [{match: '%{a}'}]\n`,
    );
    assert.match(problems.map(problemText).join('\n'), problem);
  }
});
