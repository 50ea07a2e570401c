import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { zstdDecompressBounded } from '../../native/codecs.js';
import { AnswerEncoder } from './encoding.js';
import { AdminServer } from './server.js';

let reasons: string[] = [];
let metrics = 'penstock_ready 1\n';
const compression = { codec: 'zstd', workers: [], routes: [] };
const admin = new AdminServer({
  metrics: () => metrics,
  notReady: () => reasons,
  compression: () => compression,
});
let base = '';

before(async () => {
  base = `http://127.0.0.1:${await admin.listen('127.0.0.1', 0)}`;
});
after(() => admin.close());

test('metrics are Prometheus text', async () => {
  const response = await fetch(`${base}/metrics?ignored=1`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  assert.equal(await response.text(), 'penstock_ready 1\n');
});

test('ready answers 503 with the reasons', async () => {
  reasons = ['the engine is draining'];
  const busy = await fetch(`${base}/health/ready`);
  assert.deepEqual([busy.status, await busy.json()], [503, { ready: false, reasons }]);
  reasons = [];
  const ready = await fetch(`${base}/health/ready`);
  assert.deepEqual([ready.status, await ready.json()], [200, { ready: true, reasons: [] }]);
  assert.equal((await fetch(`${base}/health/live`)).status, 200);
});

test('the page brings all it needs, and only its own script may run', async () => {
  const response = await fetch(`${base}/`);
  const html = await response.text();
  assert.match(response.headers.get('content-type') ?? '', /^text\/html/);
  assert.doesNotMatch(html.replaceAll('http://www.w3.org/2000/svg', ''), /https?:|src=|@import|url\(/);
  const script = /<script>([\s\S]*)<\/script>/.exec(html)?.[1] ?? '';
  const hash = createHash('sha256').update(script).digest('base64');
  assert.ok(response.headers.get('content-security-policy')?.includes(`script-src 'sha256-${hash}'`));
  assert.doesNotThrow(() => new Function(script), 'it is JavaScript');
  assert.deepEqual(await (await fetch(`${base}/compression.json`)).json(), compression);
  const functions = script.slice(script.indexOf('function bytes('), script.indexOf('function table('));
  const cells = new Function(`${functions}; return cells`)() as (route: object) => string[];
  const row = cells({ route: 'r', dictionary: 0x0d4e3ae7, dictionaryBytesIn: 300, dictionaryBytesOut: 200 });
  assert.equal(row[6], '0d4e3ae7 (33% saved)', 'a dictionary is called as its file is');
});

test('a large answer comes in the coding that is asked for, a small one as it is', async () => {
  const asked = async (accept: string, path: string) => {
    const request = get(`${base}${path}`, { headers: { 'accept-encoding': accept } });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const parts: Buffer[] = [];
    for await (const part of response) parts.push(part as Buffer);
    assert.equal(response.headers.vary, 'accept-encoding');
    const bytes = Buffer.concat(parts);
    assert.equal(Number(response.headers['content-length']), bytes.length);
    return { coding: response.headers['content-encoding'], bytes };
  };
  metrics = 'penstock_series{name="a"} 1\n'.repeat(500);
  const cases: readonly [accept: string, coding: string | undefined][] = [
    ['', undefined],
    ['identity', undefined],
    ['gzip', 'gzip'],
    ['zstd, gzip', 'zstd'],
    ['gzip, deflate, br', 'gzip'],
    ['gzip;q=1.0, zstd;q=0.5', 'gzip'],
    ['gzip;q=0, zstd;q=0', undefined],
    ['*', 'zstd'],
    ['*;q=0.1, identity;q=0.5', undefined],
    ['GZIP ; q=0.3', 'gzip'],
    ['gzip;q=nonsense', undefined],
    [`gzip,${'x,'.repeat(2000)}`, undefined],
  ];
  for (const [accept, coding] of cases) {
    const { coding: got, bytes } = await asked(accept, '/metrics');
    assert.equal(got, coding, accept);
    const text = got === 'gzip' ? gunzipSync(bytes) : got === 'zstd' ? zstdDecompressBounded(bytes, 1 << 20) : bytes;
    assert.equal(text.toString(), metrics, accept);
    if (coding) assert.ok(bytes.length < metrics.length / 10);
  }
  assert.equal((await asked('gzip', '/')).coding, 'gzip', 'the page');
  assert.equal((await asked('gzip', '/health/live')).coding, undefined, 'too small');
  for (const coding of ['gzip', 'zstd'] as const)
    assert.equal(new AnswerEncoder().encode(randomBytes(4096), coding), null, 'no smaller');
  metrics = 'penstock_ready 1\n';
});

test('other paths and methods are refused', async () => {
  assert.equal((await fetch(`${base}/elsewhere`)).status, 404);
  const posted = await fetch(`${base}/metrics`, { method: 'POST', body: 'x' });
  assert.deepEqual([posted.status, posted.headers.get('allow')], [405, 'GET, HEAD']);
  const head = await fetch(`${base}/metrics`, { method: 'HEAD' });
  assert.deepEqual([head.status, await head.text()], [200, '']);
});

test('a peer that speaks no HTTP is cut off', async () => {
  const socket = connect(Number(new URL(base).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write('\x16\x03\x01 not http\r\n\r\n');
  await new Promise((resolve) => socket.once('close', resolve)); // not events.once: that rejects where the close is a reset
});

test('requests that come before their answers are taken are few: more end the connection, and no answer is made for them', async () => {
  const request = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n';
  let made = 0;
  const counting = new AdminServer({
    metrics: () => {
      made++;
      return 'penstock_ready 1\n';
    },
    notReady: () => [],
  });
  const port = await counting.listen('127.0.0.1', 0);
  try {
    const few = connect(port, '127.0.0.1');
    few.end(request.repeat(8));
    const parts: Buffer[] = [];
    few.on('data', (part: Buffer) => parts.push(part));
    await once(few, 'close');
    assert.equal(Buffer.concat(parts).toString().split('HTTP/1.1 200').length - 1, 8);
    made = 0;
    const many = connect(port, '127.0.0.1').on('error', () => {});
    many.resume();
    many.write(request.repeat(500));
    await new Promise((resolve) => many.once('close', resolve));
    assert.ok(made <= 8, `${made} answers made`);
  } finally {
    await counting.close();
  }
});

test('on the loopback it is asked by address or by a name that it knows; elsewhere by any, unless names are given', async () => {
  const known = ['127.0.0.1', '127.0.0.1:9600', '[::1]:9600', '10.1.2.3', 'localhost', 'LOCALHOST.:80', ''];
  const given = ['penstock.example', 'Penstock.Example:9600'];
  const others = ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:9600', '[evil]', '0x7f.1'];
  const paths = ['/', '/metrics', '/compression.json', '/health/live', '/health/ready', '/elsewhere'];
  const cases: [host: string, names: string[], refused: string[]][] = [
    ['127.0.0.1', [], [...given, ...others]],
    ['localhost', [], [...given, ...others]],
    ['127.0.0.1', ['penstock.example'], others],
    ['0.0.0.0', [], []],
    ['0.0.0.0', ['penstock.example'], others],
  ];
  for (const [host, names, refused] of cases) {
    const server = new AdminServer({ metrics: () => metrics, notReady: () => [], compression: () => compression });
    const port = await server.listen(host, 0, names);
    try {
      const statusOf = async (name: string, path: string) => {
        const request = get({ host: host === '0.0.0.0' ? '127.0.0.1' : host, port, path, headers: { host: name } });
        const [response] = (await once(request, 'response')) as [IncomingMessage];
        response.resume();
        return response.statusCode;
      };
      for (const name of [...known, ...given, ...others])
        assert.equal((await statusOf(name, '/metrics')) === 403, refused.includes(name), `${host} ${names}: ${name}`);
      for (const path of refused.length > 0 ? paths : []) assert.equal(await statusOf('evil.example', path), 403, path);
    } finally {
      await server.close();
    }
  }
});

test('an address in use is an operating error that names it', async () => {
  const port = Number(new URL(base).port);
  const second = new AdminServer({ metrics: () => '', notReady: () => [] });
  await assert.rejects(second.listen('127.0.0.1', port), {
    code: 'ADMIN_CANNOT_LISTEN',
    message: new RegExp(`127\\.0\\.0\\.1:${port}: EADDRINUSE`),
    remedy: /PENSTOCK_ADMIN/,
  });
});
