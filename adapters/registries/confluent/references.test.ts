/** Schemas that refer to others: they become one that an independent reader of Avro takes. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { FakeRegistry } from '../../../test/support/fake-registry.js';
import { readAvroSchema } from '../../sources/http/avro/schema.js';
import { RegistryClient } from './client.js';
import { inlineTypes } from './inline-types.js';
import { standAlone } from './references.js';

const { signal } = new AbortController();
const address = { type: 'record', name: 'Address', namespace: 'net', fields: [{ name: 'ip', type: 'string' }] };
const user = {
  type: 'record',
  name: 'org.User',
  fields: [
    { name: 'at', type: 'net.Address' },
    { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['a', 'b'] } },
    { name: 'friend', type: ['null', 'User'] },
  ],
};
const login = {
  type: 'record',
  name: 'Login',
  namespace: 'events',
  fields: [
    { name: 'kind', type: 'org.Kind' },
    { name: 'user', type: 'org.User' },
    { name: 'others', type: { type: 'array', items: 'org.User' } },
    { name: 'from', type: ['null', 'net.Address'] },
    { name: 'plain', type: 'Plain' },
  ],
};
const plain = { type: 'fixed', name: 'Plain', size: 4 };

async function start(t: TestContext) {
  const registry = new FakeRegistry();
  const url = await registry.listen();
  t.after(() => registry.close());
  const client = new RegistryClient({ urls: [url], user: null, password: null, ca: null, timeoutMs: 60_000 });
  const put = (subject: string, id: number, schema: unknown, refers: readonly string[] = [], schemaType = 'AVRO') =>
    registry.subjects.set(subject, [
      {
        id,
        version: 1,
        schemaType,
        schema: typeof schema === 'string' ? schema : JSON.stringify(schema),
        references: refers.map((name) => ({ name, subject: name, version: 1 })),
      },
    ]);
  const of = async (id: number, charsMax = 1_000_000) => {
    const schema = await client.schemaOf(id, signal);
    assert.ok(schema);
    return standAlone(client, schema, charsMax, signal);
  };
  return { registry, put, of };
}

test('each type is defined where it is named first, in whatever namespace', async (t) => {
  const { registry, put, of } = await start(t);
  put('net/Address', 1, address);
  put('user', 2, user, ['net/Address']);
  put('plain', 3, plain);
  put('login', 4, login, ['user', 'net/Address', 'plain']);
  const text = await of(4);
  assert.ok(text);
  const type = readAvroSchema(text);
  assert.ok(type.kind === 'record' && type.name === 'events.Login');
  const [kind, one, others, from, fixed] = type.fields.map((field) => field.type);
  assert.ok(kind?.kind === 'enum' && kind.name === 'org.Kind');
  assert.ok(one?.kind === 'record' && one.name === 'org.User' && one.fields[1]?.type === kind);
  assert.ok(others?.kind === 'array' && others.of === one);
  assert.ok(one.fields[0]?.type.kind === 'record' && from?.kind === 'union' && from.branches[1] === one.fields[0].type);
  assert.ok(one.fields[2]?.type.kind === 'union' && one.fields[2].type.branches[1] === one);
  assert.ok(fixed?.kind === 'fixed' && fixed.name === 'Plain');
  // Each schema was asked for once.
  assert.equal(registry.requests.length, new Set(registry.requests).size);
});

test('what a schema refers to and is not there, no Avro schema or too much makes it unknown', async (t) => {
  const { put, of } = await start(t);
  put('gone', 1, login, ['nowhere']);
  put('proto', 2, 'message A {}', [], 'PROTOBUF');
  put('mixed', 3, login, ['proto']);
  put('a', 4, 'no JSON');
  put('broken', 5, login, ['a']);
  put('ring', 6, '"ring"', ['ring']);
  put('large', 7, login, ['ring']);
  for (const id of [1, 3, 5]) assert.equal(await of(id), null);
  assert.equal(await of(7, 100), null);
  assert.equal(await of(6), '"ring"');
  for (let i = 0; i < 80; i++) put(`chain-${i}`, 100 + i, plain, [`chain-${i + 1}`]);
  assert.equal(await of(100), null);
  assert.throws(() => inlineTypes('['.repeat(500) + ']'.repeat(500), []), RangeError);
});
