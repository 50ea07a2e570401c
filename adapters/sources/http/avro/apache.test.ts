/** Apache's own files: schemas with their canonical forms and fingerprints, container files of every codec, a message. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../../native/load.js';
import { avroFingerprint, canonicalForm } from './canonical.js';
import { readAvroSchema } from './schema.js';

const folder = join(projectRoot, 'test/data/codecs/avro/apache');

test('canonical forms and fingerprints are as Avro itself says', () => {
  const cases = readFileSync(join(folder, 'schema-tests.txt'), 'utf8')
    .split(/^\/\/ \d{3}$/m)
    .slice(1);
  let fingerprints = 0;
  for (const text of cases) {
    const input = section(text, 'INPUT');
    assert.ok(input !== undefined, text);
    const schema = readAvroSchema(input);
    assert.equal(canonicalForm(schema), section(text, 'canonical') ?? '', text);
    const fingerprint = section(text, 'fingerprint');
    if (fingerprint === undefined) continue;
    assert.equal(BigInt.asIntN(64, avroFingerprint(schema)), BigInt(fingerprint), text);
    fingerprints++;
  }
  assert.ok(cases.length >= 29 && fingerprints >= 15, `${cases.length} cases, ${fingerprints} fingerprints`);
});

/** `<<NAME value`, or `<<NAME`, lines and NAME. */
function section(text: string, name: string): string | undefined {
  return new RegExp(`^<<${name}(?: (.*)|\\n([\\s\\S]*?)\\n${name})$`, 'm')
    .exec(text)
    ?.slice(1)
    .find((part) => part !== undefined);
}

test('what is no schema is refused, and what would take the reader too deep', () => {
  const wrong: [text: string, says: RegExp][] = [
    ['', /is not JSON/],
    ['{', /is not JSON/],
    ['7', /no type/],
    ['"nothing"', /not known: nothing/],
    ['[["null"]]', /union within a union/],
    ['{"type":"record","name":"a"}', /without fields/],
    ['{"type":"record","name":"a","fields":[{"name":"x","type":"int"},{"name":"x","type":"int"}]}', /name of its own/],
    ['{"type":"record","fields":[]}', /without a name/],
    ['{"type":"fixed","name":"a","size":-1}', /without a size/],
    ['{"type":"enum","name":"a","symbols":[1]}', /without symbols/],
    ['[{"type":"fixed","name":"a","size":1},{"type":"fixed","name":"a","size":1}]', /defines a twice/],
    [`${'{"type":"array","items":'.repeat(1000)}"int"${'}'.repeat(1000)}`, /more than 128 deep/],
    [`"${'x'.repeat(2 ** 20)}"`, /larger than/],
  ];
  for (const [text, says] of wrong) assert.throws(() => readAvroSchema(text), says, text.slice(0, 100));
});
