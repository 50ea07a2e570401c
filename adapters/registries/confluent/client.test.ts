/** The registry's client against one in memory: what it asks, and what it makes of errors, silence and nonsense. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { FakeRegistry } from '../../../test/support/fake-registry.js';
import { RegistryClient, type RegistryEndpoint, RegistryError } from './client.js';

const schema = { type: 'PROTOBUF', text: 'syntax = "proto3"; message A {}' } as const;
const { signal } = new AbortController();

async function start(t: TestContext, endpoint: Partial<RegistryEndpoint> = {}) {
  const registry = new FakeRegistry();
  const url = await registry.listen();
  t.after(() => registry.close());
  const client = new RegistryClient({
    urls: [url],
    user: null,
    password: null,
    ca: null,
    timeoutMs: 60_000,
    ...endpoint,
  });
  return { registry, client, url };
}

const fails = (code: number, again: boolean, text: RegExp) => (error: unknown) => {
  assert.ok(error instanceof RegistryError, String(error));
  assert.deepEqual([error.code, error.again], [code, again], error.message);
  assert.match(error.message, text);
  return true;
};

test('a schema is registered, found, and asked about', async (t) => {
  const { registry, client } = await start(t);
  assert.equal(await client.find('a/b-value', schema, signal), null);
  assert.deepEqual(await client.incompatibilities('a/b-value', schema, signal), []);
  const id = await client.register('a/b-value', schema, signal);
  assert.equal(await client.find('a/b-value', schema, signal), id);
  assert.deepEqual([...registry.subjects.keys()], ['a/b-value']);
  assert.equal(registry.schemaOf(id), schema.text);
  const avro = { type: 'AVRO', text: '"string"' } as const;
  assert.equal(await client.find('a/b-value', avro, signal), null, 'another schema of a subject that is there');
  assert.notEqual(await client.register('avro', avro, signal), id);
  assert.equal(registry.subjects.get('avro')?.[0]?.schemaType, 'AVRO');
  assert.deepEqual(registry.offences, []);
});

test('a schema that may not follow is told with the registry’s reasons, and is not to be tried again as it is', async (t) => {
  const { registry, client } = await start(t);
  await client.register('s', { type: 'AVRO', text: '"long"' }, signal);
  registry.incompatible = true;
  assert.match((await client.incompatibilities('s', schema, signal)).join(), /FIELD_SCALAR_KIND_CHANGED/);
  await assert.rejects(client.register('s', schema, signal), fails(409, false, /incompatible/));
  registry.failure = { status: 422, body: '{"error_code":42201,"message":"Invalid schema"}' };
  await assert.rejects(client.register('s', schema, signal), fails(42201, false, /Invalid schema/));
});

test('what may pass is to be tried again: 50001, 500, 429, a wrong password, nonsense, silence, nobody', async (t) => {
  const { registry, client } = await start(t);
  const of = (status: number, body: string) => {
    registry.failure = { status, body };
    return client.register('s', schema, signal);
  };
  await assert.rejects(of(500, '{"error_code":50001,"message":"Error in the backend"}'), fails(50001, true, /backend/));
  await assert.rejects(of(500, '<html>'), fails(500, true, /html/));
  await assert.rejects(of(429, ''), fails(429, true, /429/));
  await assert.rejects(of(200, 'hello'), fails(0, true, /is this a schema registry/));
  await assert.rejects(of(200, '[]'), fails(0, true, /is this a schema registry/));
  await assert.rejects(of(200, '{"id":"x"}'), fails(0, true, /id "x"/));
  await assert.rejects(of(200, '{"id":2147483648}'), fails(0, true, /id 2147483648/));
  registry.failure = null;
  registry.credentials = 'penstock:secret';
  await assert.rejects(client.register('s', schema, signal), fails(401, true, /Unauthorized/));
  const silent = await start(t, { timeoutMs: 200 });
  silent.registry.delayMs = 3_600_000;
  await assert.rejects(silent.client.register('s', schema, signal), fails(0, true, /no answer within 200 ms/));
  const gone = await start(t);
  await gone.registry.close();
  await assert.rejects(gone.client.register('s', schema, signal), fails(0, true, /ECONNREFUSED/));
});

test('a message as long as an attack is cut', async (t) => {
  const { registry, client } = await start(t);
  registry.failure = { status: 500, body: JSON.stringify({ error_code: 50001, message: 'x'.repeat(1_000_000) }) };
  await assert.rejects(client.register('s', schema, signal), (error: Error) => error.message.length < 1000);
});

test('the user and password are sent, and a node that is down is passed over', async (t) => {
  const down = new FakeRegistry();
  const downUrl = await down.listen();
  await down.close();
  const { registry, url } = await start(t);
  registry.credentials = 'penstock:geh:eim ü';
  const client = new RegistryClient({
    urls: [downUrl, `${url}/`],
    user: 'penstock',
    password: 'geh:eim ü',
    ca: null,
    timeoutMs: 60_000,
  });
  registry.credentials = Buffer.from('penstock:geh:eim ü', 'utf8').toString('latin1');
  assert.equal(await client.register('s', schema, signal), 1);
  assert.equal(registry.requests.length, 1);
});

test('a call ends when it is no longer wanted', async (t) => {
  const { registry, client } = await start(t);
  registry.delayMs = 60_000;
  const stop = new AbortController();
  const call = client.register('s', schema, stop.signal);
  stop.abort();
  await assert.rejects(call, RegistryError);
});
