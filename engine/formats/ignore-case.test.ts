/** What is compared without regard to case, whatever its length. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainerOf, run } from './test-explainer.js';

const long = 'Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational';
const explainer = explainerOf({
  door: `
recognise: [{starts: ['DOOR|']}]
steps:
  - match: 'DOOR|%{said:*}'
    required: true
  - when: {said: {starts: Begin, ignore_case: true}}
    set: {labels.starts: 'yes'}
  - when: {said: {ends: End, ignore_case: true}}
    set: {labels.ends: 'yes'}
  - when: {said: {contains: mIdDle, ignore_case: true}}
    set: {labels.contains: 'yes'}
  - when: {said: {is: ${long}, ignore_case: true}}
    set: {labels.is: 'yes'}
  - switch:
      on: said
      ignore_case: true
      cases:
        ${long}: {labels.case: 'yes'}
        Änderung: {labels.case: 'yes'}
  - when: {said: {is: ÄNDERUNG, ignore_case: true}}
    set: {labels.is: 'yes'}
`,
});

/** Which of the pack's conditions held. */
function held(said: string): string[] {
  const { event } = run(explainer, `DOOR|${said}`);
  return ['starts', 'ends', 'contains', 'is', 'case'].filter((name) => event[`labels.${name}`] === 'yes');
}

test('a value of more than 64 bytes', () => {
  assert.deepEqual(held(long.toUpperCase()), ['is', 'case']);
  assert.deepEqual(held(long.slice(1)), []);
});

test('letters beyond a to z, as they are written', () => {
  assert.deepEqual(held('ÄnDeRuNg'), ['is', 'case']);
  assert.deepEqual(held('änderung'), []);
});

test('texts of all lengths, the mark at every place', () => {
  for (const size of [9, 64, 65, 200, 511, 512, 513, 700, 1100]) {
    const filler = '-'.repeat(size);
    assert.deepEqual(held(`bEGIN${filler}`), ['starts'], `${size}`);
    assert.deepEqual(held(`${filler}eND`), ['ends'], `${size}`);
    assert.deepEqual(held(filler), [], `${size}`);
  }
  for (let at = 490; at <= 530; at++) {
    const said = `${'-'.repeat(at)}MiddlE${'-'.repeat(600)}`;
    assert.deepEqual(held(said), ['contains'], `${at}`);
    assert.deepEqual(held(said.replace('dd', 'd')), [], `${at}`);
  }
});
