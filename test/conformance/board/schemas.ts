/** JSON texts, JSON Schemas and Avro schemas of others, by what validates input: right where its verdict is the suite's. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import avro from 'avsc';
import { jsonSchemaOfAvro } from '../../../engine/validation/avro.js';
import { compileSchema } from '../../../engine/validation/compile.js';
import { schemaOf } from '../../../engine/validation/read-schema.js';
import type { Json, JsonObject } from '../../../engine/validation/schema-json.js';
import { projectRoot } from '../../../native/load.js';
import { Validator } from '../../../native/validation.js';
import { readAvroFile } from './avro-file.js';
import type { Score, Scores } from './board.js';

const data = join(projectRoot, 'test/data');

/** `either`: both verdicts are right, as long as there is one. */
function count(scores: Scores, product: string, accepted: boolean, expected: boolean | 'either'): void {
  scores[product] ??= { events: 0, recognised: 0, right: 0, wrong: 0, missing: 0 };
  const score: Score = scores[product];
  score.events++;
  if (accepted) score.recognised++;
  if (expected === 'either' || accepted === expected) score.right++;
  else score.wrong++;
}

export function jsonScores(): Scores {
  const scores: Scores = {};
  const folder = join(data, 'json/JSONTestSuite/test_parsing');
  const anything = new Validator(schemaOf(true).plan, { depthMax: 1024 });
  const kinds = { y: ['to accept', true], n: ['to refuse', false], i: ['either', 'either'] } as const;
  for (const file of readdirSync(folder).sort()) {
    const [kind, expected] = kinds[file[0] as keyof typeof kinds];
    count(scores, kind, anything.check(readFileSync(join(folder, file))) === '', expected);
  }
  return scores;
}

interface Group {
  readonly schema: JsonObject;
  readonly tests: readonly { readonly data: Json; readonly valid: boolean }[];
}

/** Draft 4 alone: booleans beside minimum, id instead of $id, schemas elsewhere. */
export const otherDraft = /"exclusiveM\w+":(true|false)|"id":|localhost|"\$ref":"http/;

export function jsonSchemaScores(): Scores {
  const scores: Scores = {};
  const folder = join(data, 'json-schema-test-suite/draft4');
  for (const file of readdirSync(folder).sort()) {
    for (const { schema, tests } of JSON.parse(readFileSync(join(folder, file), 'utf8')) as Group[]) {
      if (otherDraft.test(JSON.stringify(schema))) continue;
      const { plan } = schemaOf({ $schema: 'http://json-schema.org/draft-07/schema#', ...schema });
      const validator = new Validator(plan);
      for (const { data: document, valid } of tests)
        count(scores, file.replace('.json', ''), validator.check(JSON.stringify(document)) === '', valid);
    }
  }
  return scores;
}

export function avroScores(): Scores {
  const scores: Scores = {};
  const folder = join(data, 'codecs/avro');
  const texts = readFileSync(join(folder, 'apache/schema-tests.txt'), 'utf8').matchAll(/^<<INPUT ([{["].*)$/gm);
  for (const [, text] of texts)
    count(scores, 'schemas', validatorOf(JSON.parse(text as string) as Json) !== null, true);
  const files = [
    'weather',
    'weather-deflate',
    'weather-sorted',
    'syncInMeta',
    'schemas/simple/data',
    'schemas/withUnion/data',
  ];
  for (const file of files) recordScores(scores, file, readFileSync(join(folder, 'apache', `${file}.avro`)));
  recordScores(scores, 'quickstop', readFileSync(join(folder, 'goavro/quickstop-deflate.avro')));
  return scores;
}

function validatorOf(schema: Json): Validator | null {
  const { schema: converted, problems } = jsonSchemaOfAvro(schema);
  if (problems.length > 0) return null;
  const compiled = compileSchema(converted);
  return compiled.problems.length > 0 ? null : new Validator(compiled.plan);
}

const recordsMax = 200;

/** What stands in an Avro file fits the file's schema, as Avro's JSON encoding has it; without a field that has no default it does not. */
function recordScores(scores: Scores, product: string, bytes: Buffer): void {
  const file = readAvroFile(bytes);
  const schema = JSON.parse(file.schema) as JsonObject;
  const validator = validatorOf(schema);
  const type = avro.Type.forSchema(schema as unknown as avro.Schema);
  for (const record of file.records(type).slice(0, recordsMax)) {
    const text = type.toString(record);
    count(scores, product, validator?.check(text) === '', true);
    const [first] = requiredOf(schema);
    if (first === undefined) continue;
    const less = JSON.parse(text) as Record<string, Json>;
    delete less[first];
    count(scores, `${product}, a field less`, validator?.check(JSON.stringify(less)) === '', false);
  }
}

/** Fields without a default that may not be null. */
function requiredOf({ fields }: JsonObject): string[] {
  const list = (fields ?? []) as readonly { readonly name: string; readonly type: Json; readonly default?: Json }[];
  return list.filter((field) => field.default === undefined && !mayBeNull(field.type)).map(({ name }) => name);
}

function mayBeNull(type: Json): boolean {
  return type === 'null' || (Array.isArray(type) && type.includes('null'));
}
