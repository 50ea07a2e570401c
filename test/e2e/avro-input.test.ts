/** Avro to an HTTP listener: files and messages become events, validated like JSON, and the registry may go away. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import avro from 'avsc';
import { projectRoot } from '../../native/load.js';
import { FakeRegistry } from '../support/fake-registry.js';
import { PenstockProcess } from '../support/penstock-process.js';
import { assertCallsPerGroup } from '../support/pipeline-calls.js';
import { freePorts } from '../support/ports.js';

const files = mkdtempSync(join(tmpdir(), 'penstock-avro-'));
after(() => rmSync(files, { recursive: true, force: true }));
const apache = join(projectRoot, 'test/data/codecs/avro/apache');

/** Every logical type and form that the input schema has to know as it is rendered. */
const schema = {
  type: 'record',
  name: 'Login',
  namespace: 'org.example',
  fields: [
    { name: '@timestamp', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'user', type: { type: 'record', name: 'User', fields: [{ name: 'name', type: 'string' }] } },
    { name: 'seen', type: { type: 'long', logicalType: 'local-timestamp-micros' } },
    { name: 'day', type: { type: 'int', logicalType: 'date' } },
    { name: 'at', type: { type: 'int', logicalType: 'time-millis' } },
    { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 } },
    { name: 'uid', type: { type: 'fixed', name: 'Uid', size: 16, logicalType: 'uuid' } },
    { name: 'took', type: { type: 'fixed', name: 'Took', size: 12, logicalType: 'duration' } },
    { name: 'hash', type: { type: 'fixed', name: 'Hash', size: 4 } },
    { name: 'raw', type: ['null', 'bytes'] },
    { name: 'score', type: 'double' },
    { name: 'ratio', type: 'float' },
    { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['LOCAL', 'REMOTE'] } },
    { name: 'tags', type: { type: 'map', values: ['string', 'long'] } },
  ],
};
// avsc takes no @ in a name; ECS does.
const named = (name: string) => JSON.parse(JSON.stringify(schema).replace('@timestamp', name)) as avro.Schema;
const type = avro.Type.forSchema(named('timestamp'), { wrapUnions: false });
const login = (n: number) =>
  type.toBuffer({
    timestamp: 1_772_000_000_000 + n,
    user: { name: `user-${n}` },
    seen: 1_772_000_000_000_000,
    day: 20_509,
    at: 3_600_001,
    price: Buffer.from([0xff, 0x85]),
    uid: Buffer.from('123e4567e89b12d3a456426614174000', 'hex'),
    took: Buffer.from([1, 0, 0, 0, 2, 0, 0, 0, 184, 11, 0, 0]),
    hash: Buffer.from('deadbeef', 'hex'),
    raw: n % 2 ? Buffer.from('raw') : null,
    score: Number.NaN,
    ratio: 0.5,
    kind: 'REMOTE',
    tags: { a: 'x', b: 7 },
  });
const loginJson = {
  '@timestamp': '2026-02-25T06:13:20.001Z',
  user: { name: 'user-1' },
  seen: '2026-02-25T06:13:20',
  day: '2026-02-25',
  at: '01:00:00.001',
  price: -1.23,
  uid: '123e4567-e89b-12d3-a456-426614174000',
  took: 'P1M2DT3.000S',
  hash: 'deadbeef',
  raw: 'cmF3',
  score: 'NaN',
  ratio: 0.5,
  kind: 'REMOTE',
  tags: { a: 'x', b: 7 },
};

const post = async (port: number, body: Buffer, headers: Record<string, string> = {}) => {
  const response = await fetch(`http://127.0.0.1:${port}/ingest`, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { 'content-type': 'application/avro', ...headers },
  });
  return { status: response.status, body: (await response.json()) as { accepted: number; error?: string } };
};

function query(penstock: PenstockProcess, sql: string): Record<string, string>[] {
  const argv = [join(projectRoot, 'dist/engine/main.js'), 'query', '--format', 'json', sql];
  const { stdout, stderr } = spawnSync(process.execPath, argv, {
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      PENSTOCK_DELIVER: `store:${penstock.directory}/data`,
      PENSTOCK_DATA: join(penstock.directory, 'data'),
    },
  });
  assert.equal(stderr, '');
  const lines = stdout.trim().split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, string>);
}

/** As avsc writes it. */
function fileOf(count: number, codec: 'null' | 'deflate'): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const encoder = new avro.streams.BlockEncoder(named('timestamp'), { codec, blockSize: 4096 });
    const parts: Buffer[] = [];
    encoder.on('data', (part: Buffer) => parts.push(part)).on('error', reject);
    encoder.on('end', () => resolve(Buffer.concat(parts)));
    for (let n = 0; n < count; n++) encoder.write(type.fromBuffer(login(n)));
    encoder.end();
  });
}

test('files and messages become events that SQL finds; a listener’s schema holds for them too', {
  timeout: 900_000,
}, async () => {
  const path = join(files, 'login.avsc');
  writeFileSync(path, JSON.stringify(named('timestamp')));
  const [plain = 0, checked = 0] = await freePorts(2);
  const listen = `http://127.0.0.1:${plain},http://127.0.0.1:${checked}?schema=${path}`;
  const penstock = await PenstockProcess.start({
    listen: ['http', 'http'],
    ports: [plain, checked],
    env: { PENSTOCK_LISTEN: listen, PENSTOCK_KEEP_ORIGINAL: 'always' },
  });
  try {
    const key = { 'idempotency-key': 'one' };
    const weather = readFileSync(join(apache, 'weather.avro'));
    for (let again = 0; again < 2; again++)
      assert.deepEqual(await post(plain, weather, key), { status: 200, body: { accepted: 5 } });
    const count = 3_000;
    assert.equal((await post(checked, await fileOf(count, 'deflate'))).body.accepted, count);
    assert.equal((await post(plain, await fileOf(10, 'null'))).body.accepted, 10);
    // What does not fit the listener's schema is kept, and told apart.
    assert.equal((await post(checked, weather)).body.accepted, 5);
    assert.equal((await post(plain, weather.subarray(0, 340))).status, 400);
    assert.equal(
      (await post(checked, Buffer.concat([Buffer.of(0xc3, 1, 1, 2, 3, 4, 5, 6, 7, 8), login(1)]))).status,
      400,
    );
    await penstock.expectMetric('penstock_events_committed_total', 5 + count + 10 + 5);
    await penstock.expectMetric('penstock_events_rejected_total', 5);
    await penstock.expectMetric('penstock_listener_requests_refused_total', 1, { reason: 'schema' });
    await penstock.expectMetric('penstock_listener_requests_refused_total', 1, { reason: 'malformed' });
    await penstock.expectMetric('penstock_events_dead_lettered_total', 5);
    assertCallsPerGroup(await penstock.metrics());
    assert.equal(await penstock.stop(), 0, penstock.output);
    assert.match(penstock.output, /; 0 unaccounted for/);

    const [one] = query(
      penstock,
      `SELECT "event.original" AS original FROM events WHERE "user.name" = 'user-1' LIMIT 1`,
    );
    const { '@timestamp': at, ...rest } = loginJson;
    assert.deepEqual(JSON.parse(one?.original ?? ''), { timestamp: at, ...rest });
    assert.equal(query(penstock, 'SELECT 1 AS one FROM events').length, 5 + count + 10);
    const [kept] = query(
      penstock,
      'SELECT "dead_letter.message" AS message, "event.original" AS original FROM dead_letters',
    );
    assert.match(kept?.message ?? '', /must have the property/);
    assert.match(kept?.original ?? '', /"station":/);
  } finally {
    await penstock.dispose();
  }
});

test('Confluent’s messages: the registry is asked once, and may be gone, also after a restart', {
  timeout: 900_000,
}, async () => {
  const registry = new FakeRegistry();
  const url = await registry.listen();
  registry.subjects.set('logins-value', [{ id: 300, version: 1, schema: JSON.stringify(schema), schemaType: 'AVRO' }]);
  registry.subjects.set('other-value', [{ id: 301, version: 1, schema: 'message A {}', schemaType: 'PROTOBUF' }]);
  const message = (id: number, n: number) => Buffer.concat([Buffer.of(0, 0, 0, id >> 8, id & 255), login(n)]);
  const options = { listen: ['http'], env: { PENSTOCK_SCHEMA_REGISTRY: url, PENSTOCK_KEEP_ORIGINAL: 'always' } };
  let penstock = await PenstockProcess.start(options);
  try {
    const [port = 0] = penstock.ports;
    const both = Buffer.concat([message(300, 1), message(300, 2)]);
    assert.deepEqual((await post(port, both)).body, { accepted: 2 });
    assert.deepEqual((await post(port, both)).body, { accepted: 2 });
    assert.equal(registry.requests.filter((request) => request === 'GET /schemas/ids/300').length, 1);
    for (let n = 0; n < 3; n++) assert.equal((await post(port, message(302, 1))).status, 400);
    assert.equal(registry.requests.filter((request) => request === 'GET /schemas/ids/302').length, 1);
    await registry.close();
    assert.deepEqual((await post(port, both)).body, { accepted: 2 });
    assert.equal((await post(port, message(303, 1))).status, 503);
    assert.equal(await penstock.stop(), 0, penstock.output);

    penstock = await PenstockProcess.start({ ...options, directory: penstock.directory });
    assert.deepEqual((await post(penstock.ports[0] as number, both)).body, { accepted: 2 });
    assert.equal(await penstock.stop(), 0, penstock.output);
    assert.match(penstock.output, /; 0 unaccounted for/);
    const rows = query(
      penstock,
      `SELECT "@timestamp" AS at, "event.original" AS original FROM events WHERE "user.name" = 'user-1'`,
    );
    assert.equal(rows.length, 4);
    assert.deepEqual(JSON.parse(rows[0]?.original ?? ''), loginJson);
    assert.match(JSON.stringify(rows[0]?.at), /2026-02-25.06:13:20.001/);
  } finally {
    await penstock.dispose();
  }
});
