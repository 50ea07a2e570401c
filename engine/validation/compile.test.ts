import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '../../native/validation.js';
import { jsonSchemaOfAvro } from './avro.js';
import { compileSchema } from './compile.js';
import { formatNames } from './formats.js';
import { toLinearPattern } from './pattern.js';
import { schemaOf } from './read-schema.js';
import type { Json } from './schema-json.js';

function check(schema: Json, document: string): string {
  const { plan, problems } = schemaOf(schema);
  assert.deepEqual(problems, []);
  return new Validator(plan).check(document);
}

function problemsOf(schema: Json): string[] {
  return schemaOf(schema).problems.map(({ pointer, message }) => `${pointer} ${message}`);
}

test('every mistake of a schema at once, with its place', () => {
  const found = problemsOf({
    properties: {
      a: { unevaluatedProperties: false },
      b: { pattern: '(?=x)' },
      c: { format: 'color' },
      d: { minimun: 1 },
    },
    allOf: [{ $ref: '#/$defs/none' }],
  });
  assert.deepEqual(
    found.map((line) => line.split(' ')[0]),
    [
      '/allOf/0/$ref',
      '/properties/a/unevaluatedProperties',
      '/properties/b/pattern',
      '/properties/c/format',
      '/properties/d/minimun',
    ],
  );
  for (const name of formatNames) assert.match(found.join('\n'), new RegExp(name));
});

test('what its draft does not allow is named by ajv', () => {
  assert.deepEqual(problemsOf({ type: 'text' }).slice(0, 1), [
    '/type must be equal to one of the allowed values: array, boolean, integer, null, number, object, string',
  ]);
  assert.match(problemsOf({ minLength: -1, required: 'a' }).join('\n'), /\/minLength[\s\S]*\/required/);
  assert.match(String(problemsOf({ $schema: 'http://example.org/draft' })), /is no draft that is known/);
});

test('a schema that applies itself to the same value is refused', () => {
  assert.match(
    String(problemsOf({ $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }] } }, $ref: '#/$defs/a' })),
    /without end/,
  );
  assert.deepEqual(problemsOf({ properties: { next: { $ref: '#' } } }), []);
});

test('references by pointer, anchor and $id', () => {
  const schema = {
    $id: 'https://example.org/root',
    properties: {
      a: { $ref: '#/$defs/number%20one' },
      b: { $ref: '#text' },
      c: { $ref: 'other#/$defs/deep' },
      d: { $ref: 'https://example.org/other' },
    },
    $defs: {
      'number one': { type: 'integer' },
      named: { $anchor: 'text', type: 'string' },
      other: { $id: 'other', type: 'array', $defs: { deep: { type: 'boolean' } } },
    },
  };
  assert.equal(check(schema, '{"a":1,"b":"x","c":true,"d":[]}'), '');
  assert.equal(check(schema, '{"a":1.5}'), '/a: must be integer');
  assert.equal(check(schema, '{"b":1}'), '/b: must be string');
  assert.equal(check(schema, '{"c":1}'), '/c: must be boolean');
  assert.equal(check(schema, '{"d":1}'), '/d: must be array');
});

test('the first place that does not fit, as a JSON pointer', () => {
  const schema = { items: { properties: { 'a/b~': { minimum: 3 } }, additionalProperties: false } };
  assert.equal(check(schema, '[{},{"a/b~":2}]'), '/1/a~1b~0: must be >= 3');
  assert.equal(check(schema, '[{"\\u0078\\"":2}]'), '/0/x": must not be there');
});

const formatCases: Readonly<Record<string, readonly [good: string[], bad: string[]]>> = {
  'date-time': [
    ['2026-03-01T12:00:00Z', '2026-03-01t12:00:00.123456789012+01:00', '2016-12-31T23:59:60Z', '0000-01-01T00:00:00Z'],
    [
      '2026-03-01',
      '2026-02-30T00:00:00Z',
      '2026-03-01T24:00:00Z',
      '2026-03-01T12:00:00',
      `2026-03-01T12:00:00.${'1'.repeat(80)}Z`,
      '',
    ],
  ],
  date: [['2024-02-29'], ['2023-02-29', '2024-13-01', '2024-2-1', '2024-02-29Z']],
  time: [
    ['12:00:00Z', '23:59:59.5+02:00'],
    ['24:00:00Z', '12:00:00'],
  ],
  ipv4: [['1.2.3.4'], ['1.2.3', '1.2.3.256', '::1']],
  ipv6: [
    ['::1', '2001:db8::8:800:200c:417a'],
    ['1.2.3.4', 'fe80::1%eth0', ':::'],
  ],
  uuid: [
    ['123e4567-e89b-12d3-a456-426614174000'],
    ['123e4567e89b12d3a456426614174000', '{123e4567-e89b-12d3-a456-426614174000}'],
  ],
  email: [
    ['a@b.example', "o'neil+x@b"],
    ['a', 'a@', '@b', 'a b@c'],
  ],
  hostname: [
    ['a', 'a-b.example'],
    ['-a', 'a_b', '', `${'a'.repeat(64)}`],
  ],
  uri: [
    ['https://a/b?c#d', 'urn:x:y'],
    ['a/b', 'http://a b', '://x'],
  ],
  'uri-reference': [
    ['a/b', '', '#x'],
    ['a b', '<'],
  ],
  duration: [
    ['P1D', 'PT1.5S', 'P2W'],
    ['1D', 'P1S'],
  ],
  'json-pointer': [
    ['', '/a~1b'],
    ['a', '/a~2'],
  ],
};

test('formats', () => {
  assert.deepEqual(Object.keys(formatCases).sort(), formatNames);
  for (const [format, [good, bad]] of Object.entries(formatCases)) {
    for (const value of good) assert.equal(check({ format }, JSON.stringify(value)), '', `${format} ${value}`);
    for (const value of bad)
      assert.equal(check({ format }, JSON.stringify(value)), `(document): must be a ${format}`, value);
    assert.equal(check({ format }, '12'), '', 'of strings alone');
  }
});

test('patterns of ECMA-262 in the linear engine', () => {
  const cases: readonly [pattern: string, good: string[], bad: string[]][] = [
    ['^\\d{3}$', ['123'], ['12', '1234', '١٢٣', '123\n']],
    ['^[\\w-]+$', ['a_-9'], ['é', 'a b']],
    ['^a.c$', ['abc', 'a😀c'], ['a\nc', 'a\u2028c']],
    ['^(?<year>[0-9]{4})\\/\\u{1F600}\\uD83D\\uDE00\\x41\\cJ$', ['2026/😀😀A\n'], ['2026']],
    ['^[^\\]\\[&&~]$', ['a'], ['[', ']', '&', '~']],
    ['[^]', ['\n'], ['']],
  ];
  for (const [pattern, good, bad] of cases) {
    for (const value of good)
      assert.equal(check({ pattern }, JSON.stringify(value)), '', `${toLinearPattern(pattern)} ${value}`);
    for (const value of bad)
      assert.notEqual(check({ pattern }, JSON.stringify(value)), '', `${toLinearPattern(pattern)} ${value}`);
    for (const value of [...good, ...bad])
      assert.equal(new RegExp(pattern, 'u').test(value), good.includes(value), pattern);
  }
});

test('time and memory are bounded whatever the document', () => {
  const branch = { $ref: '#/$defs/tree' };
  const tree = {
    anyOf: [{ properties: { a: branch, b: false } }, { properties: { a: branch, c: false } }],
    minProperties: 1,
  };
  const deep = `${'{"a":'.repeat(60)}{}${'}'.repeat(60)}`;
  assert.equal(check({ $ref: '#/$defs/tree', $defs: { tree } }, deep), '(document): takes the schema too many steps');
  assert.equal(check({ uniqueItems: true }, `[${Array.from({ length: 50_000 }, (_, i) => i).join()}]`), '');
  assert.match(check({ uniqueItems: true }, '[{"a":1,"b":[2]},{"b":[2.0],"\\u0061":1}]'), /twice/);
  const long = check({ propertyNames: { maxLength: 3 } }, JSON.stringify({ ['é'.repeat(5000)]: 1 }));
  assert.ok(Buffer.byteLength(long) <= 512 && !long.includes('\ufffd'), long);
  assert.match(check({}, '['.repeat(100)), /not well-formed/);
  for (const text of ['', ' ', '{"a":1}x', '{"a":\u0000}', '01', '"\\x"', '{"a" 1}'])
    assert.match(check({}, text), /not well-formed/);
  assert.match(new Validator(schemaOf({}).plan).check(Buffer.from([0x22, 0xc0, 0xaf, 0x22])), /not well-formed/);
});

test('a damaged plan is refused, byte by byte', () => {
  const { plan } = schemaOf({
    required: ['a'],
    properties: { a: { enum: ['x', 1, null], pattern: 'x' } },
    items: { anyOf: [true] },
  });
  let refused = 0;
  for (let i = 0; i < plan.length; i++) {
    const damaged = plan.slice();
    damaged[i] = (damaged[i] as number) ^ 0xff;
    try {
      new Validator(damaged).check('{"a":"x","b":[1,2]}');
    } catch {
      refused++;
    }
  }
  assert.ok(refused > plan.length / 3, `${refused} of ${plan.length}`);
  assert.throws(() => new Validator(plan.subarray(0, plan.length - 4)), /damaged/);
});

const avro: Json = {
  type: 'record',
  name: 'Login',
  namespace: 'a.b',
  fields: [
    { name: 'user', type: 'string' },
    { name: 'port', type: ['null', 'int'] },
    { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['ok', 'bad'] }, default: 'ok' },
    { name: 'more', type: { type: 'map', values: { type: 'array', items: 'long' } }, default: {} },
    { name: 'hash', type: ['null', { type: 'fixed', name: 'Hash', size: 4 }], default: null },
    { name: 'parent', type: ['null', 'Login'], default: null },
  ],
};

test('Avro schemas', () => {
  const { schema, problems } = jsonSchemaOfAvro(avro);
  assert.deepEqual(problems, []);
  const { plan, problems: compiled } = compileSchema(schema);
  assert.deepEqual(compiled, []);
  const native = new Validator(plan);
  const good = [
    '{"user":"a"}',
    '{"user":"a","port":1,"kind":"bad","more":{"x":[1]},"hash":"abcd","parent":{"user":"b"},"other":1}',
  ];
  for (const text of [...good, '{"user":"a","port":{"int":1},"parent":{"a.b.Login":{"user":"b"}}}'])
    assert.equal(native.check(text), '');
  assert.equal(native.check('{}'), '(document): must have the property user');
  assert.match(native.check('{"user":"a","port":2147483648}'), /^\/port: /);
  assert.equal(native.check('{"user":"a","kind":"x"}'), '/kind: must be one of ["ok","bad"]');
  assert.equal(native.check('{"user":"a","more":{"x":[1.5]}}'), '/more/x/0: must be integer');
  for (const [long, fits] of [
    ['9223372036854775807', true],
    ['9223372036854775808', false],
    ['-9223372036854775808', true],
    ['1e19', false],
  ] as const)
    assert.equal(native.check(`{"user":"a","more":{"x":[${long}]}}`) === '', fits, long);
  assert.match(native.check('{"user":"a","hash":"abc"}'), /^\/hash: /);
});

test('every mistake of an Avro schema', () => {
  const { problems } = jsonSchemaOfAvro({
    type: 'record',
    name: 'A',
    fields: [
      { name: '1x', type: 'int' },
      { name: 'b', type: 'B' },
      { name: 'c', type: ['null', ['int']] },
      { name: 'd', type: { type: 'fixed', name: 'F' } },
    ],
  });
  assert.deepEqual(
    problems.map(({ pointer }) => pointer),
    ['/fields/0', '/fields/1/type', '/fields/2/type/1', '/fields/3/type'],
  );
});
