/** A schema registry beside the pipeline: what it gets, what records say of it, and that events never wait for it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import protobuf from 'protobufjs';
import { projectRoot } from '../../native/load.js';
import { logEventToJson } from '../../native/log-event.js';
import { avroType } from '../support/avro-reader.js';
import { FakeRegistry } from '../support/fake-registry.js';
import { headerOf, journalRecords } from '../support/journal-records.js';
import { PenstockProcess } from '../support/penstock-process.js';
import { freePorts } from '../support/ports.js';

/** Nobody listens there: what is sent stays in the journal, where it can be read. */
const kafkaDown = 'kafka://127.0.0.1:1/security.events';
const proto = readFileSync(join(projectRoot, 'schema/log_event.proto'), 'utf8');

async function startRegistry(t: TestContext, port = 0): Promise<{ registry: FakeRegistry; url: string }> {
  const registry = new FakeRegistry();
  const url = await registry.listen(port);
  t.after(() => registry.close());
  return { registry, url };
}

function options(url: string, env: Readonly<Record<string, string>> = {}) {
  return {
    listen: ['http'],
    deliver: kafkaDown,
    env: { PENSTOCK_WORKERS: '1', PENSTOCK_SHUTDOWN_TIMEOUT_MS: '1000', PENSTOCK_SCHEMA_REGISTRY: url, ...env },
  };
}

async function start(
  t: TestContext,
  url: string,
  env: Readonly<Record<string, string>> = {},
): Promise<PenstockProcess> {
  const penstock = await PenstockProcess.start(options(url, env));
  t.after(() => penstock.dispose());
  return penstock;
}

async function post(penstock: PenstockProcess, event: object): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${penstock.ports[0]}/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: `${JSON.stringify(event)}\n`,
  });
  await response.arrayBuffer();
  return response.status;
}

test('the schema of each topic is registered, and records carry its fingerprint', async (t) => {
  const { registry, url } = await startRegistry(t);
  registry.credentials = 'penstock:secret';
  const penstock = await start(t, url, {
    PENSTOCK_DELIVER: 'kafka://127.0.0.1:1/a.events,b.events',
    PENSTOCK_SCHEMA_REGISTRY_USER: 'penstock',
    PENSTOCK_SCHEMA_REGISTRY_PASSWORD: 'secret',
  });
  assert.deepEqual([...registry.subjects.keys()].sort(), ['a.events-value', 'b.events-value']);
  assert.deepEqual(registry.offences, []);
  const text = registry.schemaOf(1) ?? '';
  assert.equal(registry.subjects.get('a.events-value')?.[0]?.schemaType, 'PROTOBUF');
  const type = protobuf.parse(text, { keepCase: true }).root.lookupType('penstock.v1.LogEvent');
  assert.equal(await penstock.metric('penstock_schema_registered'), 2);
  assert.equal(await post(penstock, { message: 'known by its schema' }), 200);
  assert.equal(await penstock.stop(), 0);
  const [record] = journalRecords(join(penstock.directory, 'data'));
  assert.ok(record?.value);
  assert.equal(headerOf(record, 'schema'), createHash('sha256').update(text).digest('hex').slice(0, 8));
  assert.equal((type.decode(record.value) as unknown as { message: string }).message, 'known by its schema');
  assert.doesNotMatch(penstock.output, /secret/);
});

test('JSON topics have a JSON Schema', async (t) => {
  const { registry, url } = await startRegistry(t);
  await start(t, url, { PENSTOCK_ENCODING: 'json', PENSTOCK_SCHEMA_SUBJECT: 'all-events' });
  const [stored] = registry.subjects.get('all-events') ?? [];
  assert.equal(stored?.schemaType, 'JSON');
  assert.equal(JSON.parse(stored?.schema ?? '').title, 'penstock.v1.LogEvent');
});

test('a registry that is down holds up nothing, and gets the schema when it is back', async (t) => {
  const [port = 0] = await freePorts(1);
  const penstock = await start(t, `http://127.0.0.1:${port}`);
  assert.equal(await post(penstock, { message: 'taken all the same' }), 200);
  assert.equal(await penstock.metric('penstock_schema_registered'), 0);
  assert.ok((await penstock.metric('penstock_schema_registry_failures_total')) > 0);
  const { registry } = await startRegistry(t, port);
  registry.failure = { status: 500, body: '{"error_code":50001,"message":"Error in the backend data store"}' };
  await penstock.untilOutput(/50001/);
  registry.failure = null;
  await penstock.untilMetric('penstock_schema_registered', 1);
  assert.equal(registry.subjects.size, 1);
});

test('a registry that does not answer holds up the start for its time, and no longer', async (t) => {
  const { registry, url } = await startRegistry(t);
  registry.delayMs = 3_600_000;
  const penstock = await start(t, url, { PENSTOCK_SCHEMA_REGISTRY_TIMEOUT_MS: '300' });
  assert.equal(await post(penstock, { message: 'not held up' }), 200);
  assert.equal(await penstock.metric('penstock_schema_registered'), 0);
});

test('a schema that the registry refuses ends the start, with the reason and what to do', async (t) => {
  const { registry, url } = await startRegistry(t);
  registry.subjects.set('security.events-value', [{ id: 9, version: 1, schema: '"long"', schemaType: 'AVRO' }]);
  registry.incompatible = true;
  const penstock = await PenstockProcess.spawn(options(url));
  t.after(() => penstock.dispose());
  assert.notEqual(await penstock.exited(), 0);
  assert.match(penstock.output, /security\.events-value/);
  assert.match(penstock.output, /FIELD_SCALAR_KIND_CHANGED/);
  assert.match(penstock.output, /PENSTOCK_SCHEMA_SUBJECT/);
  assert.match(penstock.output, /without its consent nothing is started/);
  assert.equal(registry.subjects.get('security.events-value')?.length, 1, 'nothing was registered');
});

test('with PENSTOCK_SCHEMA_REGISTER=false schemas are looked up and never written', async (t) => {
  const { registry, url } = await startRegistry(t);
  const penstock = await start(t, url, { PENSTOCK_SCHEMA_REGISTER: 'false' });
  assert.equal(await penstock.metric('penstock_schema_registered'), 0);
  registry.subjects.set('security.events-value', [{ id: 7, version: 1, schema: proto, schemaType: 'PROTOBUF' }]);
  await penstock.untilMetric('penstock_schema_registered', 1);
  assert.ok(
    registry.requests.every((request) => request === 'POST /subjects/security.events-value'),
    String(registry.requests),
  );
});

/** Takes Confluent's wire format apart as a deserialiser does: magic byte, id, schema by that id. */
function unwrap(registry: FakeRegistry, value: Buffer): { schema: string; rest: Buffer } {
  assert.equal(value[0], 0, 'the magic byte');
  const schema = registry.schemaOf(value.readInt32BE(1));
  assert.ok(schema, `a schema with id ${value.readInt32BE(1)}`);
  return { schema, rest: value.subarray(5) };
}

async function valuesOf(penstock: PenstockProcess): Promise<Buffer[]> {
  assert.equal(await penstock.stop(), 0, penstock.output);
  return journalRecords(join(penstock.directory, 'data')).map(({ value }) => value as Buffer);
}

const messageOf = {
  protobuf: (schema: string, rest: Buffer) => {
    assert.equal(rest[0], 0, 'the first message of the schema');
    const type = protobuf.parse(schema, { keepCase: true }).root.lookupType('penstock.v1.LogEvent');
    return (type.decode(rest.subarray(1)) as unknown as { message: string }).message;
  },
  avro: (schema: string, rest: Buffer) =>
    (avroType(JSON.parse(schema)).fromBuffer(rest) as { message: { string: string } }).message.string,
  json: (schema: string, rest: Buffer) => {
    assert.equal(JSON.parse(schema).title, 'penstock.v1.LogEvent');
    return JSON.parse(rest.toString('utf8')).message;
  },
};

for (const encoding of ['protobuf', 'avro', 'json'] as const) {
  test(`with PENSTOCK_SCHEMA_ID=prefix a deserialiser finds the schema of ${encoding} by the id in the value`, async (t) => {
    const { registry, url } = await startRegistry(t);
    registry.firstId = 70_000;
    const penstock = await start(t, url, { PENSTOCK_SCHEMA_ID: 'prefix', PENSTOCK_ENCODING: encoding });
    assert.equal(await post(penstock, { message: 'in wire format' }), 200);
    const [value] = await valuesOf(penstock);
    const { schema, rest } = unwrap(registry, value as Buffer);
    assert.equal(messageOf[encoding](schema, rest), 'in wire format');
    assert.equal(JSON.parse(logEventToJson(value as Buffer) ?? '').message, 'in wire format', 'our own tools');
  });
}

test('the first start waits for the id; from then on none needs the registry', async (t) => {
  const { registry, url } = await startRegistry(t);
  registry.failure = { status: 500, body: '{"error_code":50001,"message":"Error in the backend data store"}' };
  const env = { PENSTOCK_SCHEMA_ID: 'prefix' };
  const first = await PenstockProcess.spawn(options(url, env));
  t.after(() => first.dispose());
  await first.until('it asks again and again', () => registry.requests.length > 2);
  const health = await fetch(`http://127.0.0.1:${first.adminPort}/health/ready`);
  assert.equal(health.status, 503, 'not ready: an event could not be written');
  const { reasons } = (await health.json()) as { reasons: string[] };
  assert.match(
    reasons[0] ?? '',
    /^the engine is starting, waits for the id of the schema of security\.events-value, .*data store/,
  );
  assert.match(first.output, /data store.*; trying again, the start waits for it/);
  registry.failure = null;
  await first.ready();
  assert.equal(await post(first, { message: 'one' }), 200);
  assert.equal(await first.stop(), 0, first.output);
  await registry.close();
  const second = await PenstockProcess.start({ ...options(url, env), directory: first.directory, ports: first.ports });
  t.after(() => second.dispose());
  assert.equal(await post(second, { message: 'two' }), 200);
  const values = await valuesOf(second);
  assert.deepEqual(
    values.map((value) => unwrap(registry, value).rest.includes('one') || unwrap(registry, value).rest.includes('two')),
    [true, true],
  );
});
