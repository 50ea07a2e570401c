/** Explainers of packs written in a test. */
import assert from 'node:assert/strict';
import { compileFormats } from './compile.js';
import { Explainer, flatten } from './explain.js';
import { type PackProblem, problemText } from './pack-file.js';
import { readPack } from './read-pack.js';

/** Packs by name; each without its name and title. */
export function explainerOf(packs: Readonly<Record<string, string>>): Explainer {
  const problems: PackProblem[] = [];
  const names = Object.keys(packs);
  const sources = Object.entries(packs).map(([name, body]) => {
    const file = `${name}/pack.yaml`;
    const text = `name: ${name}\ntitle: ${name}\n${body}`;
    const read = readPack(file, name, text);
    problems.push(...read.problems);
    assert.ok(read.pack, problems.map(problemText).join('\n'));
    return { pack: read.pack, file, text, shared: read.shared };
  });
  const formats = compileFormats(sources, (name) => names.indexOf(name), problems);
  assert.deepEqual(problems.map(problemText), []);
  return new Explainer(formats);
}

/** What becomes of a line, or of a JSON object. */
export function run(explainer: Explainer, input: string | object, pack?: string, sender = 0) {
  const json = typeof input !== 'string';
  const frame = Buffer.from(json ? JSON.stringify(input) : input);
  const explained = explainer.explain(frame, { json, receivedNs: 0n, sender, ...(pack && { pack }) });
  return { taken: explained.pack, event: flatten(explained.event) };
}
