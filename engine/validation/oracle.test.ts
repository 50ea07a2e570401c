/** The native validator against ajv: same verdict on random schemas and documents, and the place it names is one that ajv names. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type { Ajv as AjvClass, ValidateFunction } from 'ajv';
import { Validator } from '../../native/validation.js';
import { randomFrom } from '../../schema/random-event.js';
import { schemaOf } from './read-schema.js';
import type { Json, JsonObject } from './schema-json.js';

const { default: Ajv } = createRequire(import.meta.url)('ajv/dist/2020.js') as { default: typeof AjvClass };
const schemasTried = 300;
const documentsEach = 12;

class Maker {
  readonly #random: () => number;
  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }
  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)] as T;
  }
  below(n: number): number {
    return Math.floor(this.#random() * n);
  }
  value(depth: number): Json {
    const kind = this.below(depth > 0 ? 9 : 6);
    if (kind === 0) return null;
    if (kind === 1) return this.below(2) === 0;
    if (kind <= 3) return this.pick([0, 1, -1, 2, 3, 7, 1.5, -2.25, 1e3, 1e20, 0.1, 1234567890123456e4, -0]);
    if (kind <= 5)
      return this.pick([
        '',
        'a',
        'b',
        'ab',
        'abc',
        'é',
        '😀',
        'a\nb',
        'a"\\/b',
        '\u0000',
        '12',
        '2024-02-30',
        'x'.repeat(9),
      ]);
    const count = this.below(4);
    if (kind === 6) return Array.from({ length: count }, () => this.value(depth - 1));
    return Object.fromEntries(Array.from({ length: count }, () => [this.name(), this.value(depth - 1)]));
  }
  name(): string {
    return this.pick(['a', 'b', 'c', 'ab', 'a/b', 'm~n', 'é', 'a"b']);
  }
  schema(depth: number): Json {
    if (this.below(12) === 0) return this.below(2) === 0;
    const schema: Record<string, Json> = {};
    for (let left = 1 + this.below(3); left > 0; left--) this.add(schema, depth);
    return schema;
  }
  add(schema: Record<string, Json>, depth: number): void {
    const flat: [string, () => Json][] = [
      [
        'type',
        () =>
          this.pick<Json>(['object', 'array', 'string', 'number', 'integer', 'null', 'boolean', ['string', 'integer']]),
      ],
      ['enum', () => [this.value(1), this.value(0), this.value(2)]],
      ['const', () => this.value(2)],
      ['minimum', () => this.pick([0, 1, 1.5, -2])],
      ['maximum', () => this.pick([0, 1, 2.5, 1e3])],
      ['exclusiveMinimum', () => this.pick([0, 1])],
      ['exclusiveMaximum', () => this.pick([1, 2])],
      ['multipleOf', () => this.pick([1, 2, 0.5])],
      ['minLength', () => this.below(3)],
      ['maxLength', () => this.below(4)],
      ['pattern', () => this.pick(['^a', 'b$', '^\\d+$', '[^a]', '^.$', '\\u00e9', '^[a-c\\/"]*$', '(a|b){2}', '\\w'])],
      ['minItems', () => this.below(3)],
      ['maxItems', () => this.below(3)],
      ['uniqueItems', () => true],
      ['minProperties', () => this.below(3)],
      ['maxProperties', () => this.below(3)],
      ['required', () => [...new Set([this.name(), this.name()])]],
      ['dependentRequired', () => ({ [this.name()]: [this.name()] })],
    ];
    const deep: [string, () => Json][] = [
      ['properties', () => ({ [this.name()]: this.schema(depth - 1), [this.name()]: this.schema(depth - 1) })],
      ['patternProperties', () => ({ [this.pick(['^a', 'b', '.'])]: this.schema(depth - 1) })],
      ['additionalProperties', () => this.schema(depth - 1)],
      ['propertyNames', () => this.schema(depth - 1)],
      ['items', () => this.schema(depth - 1)],
      ['prefixItems', () => [this.schema(depth - 1), this.schema(depth - 1)]],
      ['contains', () => this.schema(depth - 1)],
      ['dependentSchemas', () => ({ [this.name()]: this.schema(depth - 1) })],
      ['allOf', () => [this.schema(depth - 1), this.schema(depth - 1)]],
      ['anyOf', () => [this.schema(depth - 1), this.schema(depth - 1)]],
      ['oneOf', () => [this.schema(depth - 1), this.schema(depth - 1)]],
      ['not', () => this.schema(depth - 1)],
      ['if', () => this.schema(depth - 1)],
      ['then', () => this.schema(depth - 1)],
      ['else', () => this.schema(depth - 1)],
      ['$ref', () => '#/$defs/tree'],
    ];
    const [keyword, make] = this.pick(depth > 0 && this.below(2) === 0 ? deep : flat);
    schema[keyword] = make();
  }
}

const tree: Json = {
  type: ['object', 'string'],
  properties: { a: { $ref: '#/$defs/tree' }, b: { type: 'integer' } },
};

test('what ajv accepts is accepted, what it refuses is refused, and for a place it knows', () => {
  let accepted = 0;
  let refused = 0;
  let broken = 0;
  for (let seed = 1; seed <= schemasTried; seed++) {
    const maker = new Maker(seed);
    const root = maker.schema(3);
    const schema: Json = { ...((typeof root === 'object' ? root : { not: !root }) as JsonObject), $defs: { tree } };
    const { plan, problems } = schemaOf(schema);
    assert.deepEqual(problems, [], `seed ${seed}: ${JSON.stringify(schema)}`);
    const native = new Validator(plan);
    const oracle: ValidateFunction = new Ajv({ allErrors: true, strict: false, logger: false }).compile(
      schema as object,
    );
    for (let i = 0; i < documentsEach; i++) {
      const document = maker.value(4);
      const text = JSON.stringify(document, null, maker.below(2));
      const reason = native.check(text);
      const said: string = `seed ${seed}: ${JSON.stringify(schema)} on ${text}: ${reason}`;
      const valid = verdict(oracle, JSON.parse(text));
      if (valid === undefined) {
        broken++;
        continue;
      }
      assert.equal(reason === '', valid, said);
      if (valid) accepted++;
      else {
        refused++;
        const pointer = reason.startsWith('(document)') ? '' : reason.slice(0, reason.search(/: (must|having)/));
        const parent = pointer.slice(0, pointer.lastIndexOf('/'));
        const known = (oracle.errors ?? []).map(({ instancePath }) => instancePath);
        // A property that may not be there, or whose name does not fit, is named itself; ajv names its object.
        assert.ok(known.includes(pointer) || known.includes(parent), `${said}\najv: ${known.join(' ')}`);
      }
    }
  }
  const tried = schemasTried * documentsEach;
  assert.ok(accepted > tried / 8 && refused > tried / 8 && broken < tried / 50, `${accepted}, ${refused}, ${broken}`);
});

/** Undefined: ajv's own code fails, as it does on some schemas whose branches disagree about what they looked at. */
function verdict(oracle: ValidateFunction, document: Json): boolean | undefined {
  try {
    return oracle(document);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
