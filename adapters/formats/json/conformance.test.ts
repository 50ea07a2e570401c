import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseJsonDocument, validateJson } from '../../../native/json.js';
import { projectRoot } from '../../../native/load.js';

const folder = join(projectRoot, 'test/data/json/JSONTestSuite/test_parsing');
const cases = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({ name, verdict: name[0] as 'y' | 'n' | 'i', text: readFileSync(join(folder, name)) }));

/** Events are objects: as a member's value every case meets the walk that makes events, whatever it is by itself. */
const wrapped = (text: Buffer) => Buffer.concat([Buffer.from('{"v": '), text, Buffer.from('}')]);

for (const portable of [false, true]) {
  const label = portable ? 'portable' : 'best instruction set';
  test(`JSONTestSuite, bare: every y_ accepted, every n_ refused (${label})`, (t) => {
    score(t, (text) => validateJson(text, { portable }) === 'none');
  });
  test(`JSONTestSuite, as a member of an object: every y_ accepted, every n_ refused (${label})`, (t) => {
    score(t, (text) => !parseJsonDocument(wrapped(text), { portable }).failed);
  });
}

test('JSONTestSuite: what is no object is kept whole as the message', () => {
  for (const { name, text } of cases.filter((c) => c.verdict === 'y')) {
    const parsed = parseJsonDocument(text);
    const isObject = text.toString().trimStart().startsWith('{');
    assert.equal(parsed.problem, isObject ? 'none' : 'json_not_object', name);
    if (!isObject) assert.equal(parsed.message, text.toString(), name);
  }
});

function score(t: { diagnostic(line: string): void }, accepts: (text: Buffer) => boolean): void {
  const wrong: string[] = [];
  const counts = { y: 0, n: 0, i: 0 };
  for (const { name, verdict, text } of cases) {
    const accepted = accepts(text);
    counts[verdict] += 1;
    if (verdict !== 'i' && accepted !== (verdict === 'y')) wrong.push(name);
  }
  t.diagnostic(
    `JSONTestSuite: ${counts.y} y_ and ${counts.n} n_ cases, ${wrong.length} wrong; ${counts.i} i_ survived`,
  );
  assert.deepEqual(wrong, []);
  assert.ok(counts.y > 90 && counts.n > 180 && counts.i > 30);
}
