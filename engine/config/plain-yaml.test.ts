import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocument } from 'yaml';
import { plainYaml } from './plain-yaml.js';

const read = (text: string) => plainYaml(parseDocument(text));

test('aliases stand for what they name, also more than once', () => {
  assert.deepEqual(read('a: &a [1, { b: 2 }]\nc: [*a, *a]'), {
    value: {
      a: [1, { b: 2 }],
      c: [
        [1, { b: 2 }],
        [1, { b: 2 }],
      ],
    },
  });
});

test('aliases that lead to nothing, into themselves, or to too much are told', () => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
  for (const [name, of] of ['ba', 'cb', 'dc', 'ed'] as unknown as [string, string][])
    bomb.push(`${name}: &${name} [${new Array(10).fill(`*${of}`).join()}]`);
  for (const [text, reason] of [
    ['a: *b', /Unresolved alias/],
    ['a: &a [*a]', /leads into the node/],
    ['a: &a { b: [{ c: *a }] }', /leads into the node/],
    [bomb.join('\n'), /Excessive alias count/],
  ] as const)
    assert.match(String(read(text)), reason, text);
});
