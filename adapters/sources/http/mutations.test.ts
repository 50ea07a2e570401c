/** Requests as nobody should send them, over real connections: each is answered or its connection closed, nothing is lost of what counts, and the listener goes on. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { Compressor, compressBound } from '../../../native/codecs.js';
import { Random } from '../../../test/support/random.js';
import { type Harness, withListener } from './testing.js';

const seed = 20;
const requestsEach = 60;
/** A mutated request may ask for more bytes than it has: its sender says that no more come. */
const bodyBytesMax = 64 * 1024;
const ratioMax = 20;
/** Of one connection at a time; what a mutation makes of one request are two or three. */
const pipelinedMax = 8;

const events = Array.from({ length: 40 }, (_, i) => JSON.stringify({ message: `event ${i}`, n: i }));
const ndjson = Buffer.from(`${events.join('\n')}\n`);

function zstd(bytes: Buffer): Buffer {
  const out = new Uint8Array(compressBound('zstd', bytes.length));
  return Buffer.from(out.subarray(0, new Compressor('zstd', 1).compressInto(bytes, 0, bytes.length, out, 0)));
}

function request(headers: readonly string[], body: Buffer): Buffer {
  const head = ['POST /ingest HTTP/1.1', 'Host: h', ...headers].join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), body]);
}

function chunked(body: Buffer, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

const sized = (body: Buffer, ...headers: string[]) => request([...headers, `Content-Length: ${body.length}`], body);
const seeds: Readonly<Record<string, Buffer>> = {
  'NDJSON of a known size': sized(ndjson, 'Content-Type: application/x-ndjson'),
  'chunks and a trailer': request(['Transfer-Encoding: chunked'], chunked(ndjson, 100)),
  'an array': sized(Buffer.from(`[${events.join(',')}]`), 'Content-Type: application/json'),
  'gzip of a known size': sized(gzipSync(ndjson), 'Content-Encoding: gzip'),
  'gzip in chunks': request(['Content-Encoding: gzip', 'Transfer-Encoding: chunked'], chunked(gzipSync(ndjson), 33)),
  deflate: sized(deflateSync(ndjson), 'Content-Encoding: deflate'),
  'zstd of a known size': sized(zstd(ndjson), 'Content-Encoding: zstd'),
  'zstd in chunks': request(['Content-Encoding: zstd', 'Transfer-Encoding: chunked'], chunked(zstd(ndjson), 33)),
  'a bomb of gzip': sized(gzipSync(Buffer.alloc(8 << 20, 'a\n')), 'Content-Encoding: gzip'),
  'a bomb of zstd': sized(zstd(Buffer.alloc(8 << 20, 'a\n')), 'Content-Encoding: zstd'),
};

const words = [
  ...['\r\n', '\n', '\r', '\0', '0\r\n\r\n', '\r\n\r\n', 'ffffffff\r\n', '-1', '0x10\r\n', ';ext=1\r\n', ' '],
  ...[
    'Content-Length: 7\r\n',
    'Transfer-Encoding: chunked\r\n',
    'Content-Encoding: gzip\r\n',
    'Expect: 100-continue\r\n',
  ],
  ...['Content-Encoding: zstd\r\n', 'Idempotency-Key: k\r\n', 'Connection: upgrade\r\n', 'POST /ingest HTTP/1.1\r\n'],
  ...['\xff\xfe', '[[[[', '{"a":', '"', '\x1f\x8b\x08', '\x28\xb5\x2f\xfd', '\ud800'],
] as const;

/** Cut, changed in a few bytes, with a text put in, a part doubled or left out. */
function mutated(bytes: Buffer, random: Random): Buffer {
  const [a, b] = [random.between(0, bytes.length), random.between(0, bytes.length)].sort((x, y) => x - y) as [
    number,
    number,
  ];
  switch (random.between(0, 4)) {
    case 0:
      return bytes.subarray(0, b);
    case 1: {
      const copy = Buffer.from(bytes);
      for (let n = random.between(1, 4); n > 0; n--) copy[random.between(0, copy.length - 1)] = random.between(0, 255);
      return copy;
    }
    case 2:
      return Buffer.concat([bytes.subarray(0, a), Buffer.from(random.pick(words), 'latin1'), bytes.subarray(a)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, b), bytes.subarray(a)]);
    default:
      return Buffer.concat([bytes.subarray(0, a), bytes.subarray(b)]);
  }
}

/**
 * Sends all in two pieces and resolves with what was answered when the connection is closed. `patient`: says that no more comes when it is
 * answered, or nothing came for a while; else at once, which leaves it without an answer where that is not ready.
 */
function exchange(port: number, bytes: Buffer, random: Random, patient: boolean, quietMs = 30): Promise<string> {
  return new Promise((resolve) => {
    let answered = '';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => {
      const cut = random.between(0, bytes.length);
      socket.write(bytes.subarray(0, cut), () =>
        patient ? socket.write(bytes.subarray(cut)) : socket.end(bytes.subarray(cut)),
      );
    });
    const timer = setTimeout(() => socket.end(), quietMs);
    socket.on('data', (part) => {
      answered += part.toString('latin1');
      if (patient && !answered.startsWith('HTTP/1.1 100')) socket.end();
    });
    socket.on('error', () => {}); // it was closed before all was sent
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answered);
    });
  });
}

const statuses = new Set([100, 200, 400, 401, 404, 405, 408, 409, 411, 413, 415, 417, 429, 431, 501, 503, 505]);

async function checkOne(http: Harness, bytes: Buffer, random: Random, what: string): Promise<void> {
  const before = http.delivered.length;
  const text = await exchange(http.port, bytes, random, random.between(0, 1) === 0);
  const found = [...text.matchAll(/^HTTP\/1\.1 (\d+) /gm)].map((match) => Number(match[1]));
  for (const status of found) assert.ok(statuses.has(status), `${what}: answered ${status}`);
  const stored = http.delivered.slice(before).flatMap(({ frames }) => frames);
  // What an answer says was taken was delivered.
  const accepted = [...text.matchAll(/"accepted":(\d+)/g)].reduce((sum, match) => sum + Number(match[1]), 0);
  assert.ok(stored.length >= accepted, `${what}: ${accepted} accepted, ${stored.length} delivered`);
  const bytesOut = stored.reduce((sum, one) => sum + Buffer.byteLength(one), 0);
  assert.ok(bytesOut <= pipelinedMax * bodyBytesMax, `${what}: ${bytesOut} bytes`);
}

test('requests changed at random are answered or closed; the listener goes on, and holds nothing of them', async () => {
  const options = { body_bytes_max: bodyBytesMax, compression_ratio_max: ratioMax, bodies_bytes_max: 4 * bodyBytesMax };
  await withListener({ ...options, headers_timeout_ms: 2000, request_timeout_ms: 2000 }, async (http) => {
    const random = new Random(seed);
    for (const [name, bytes] of Object.entries(seeds)) {
      const plans = Array.from({ length: requestsEach }, () =>
        mutated(random.between(0, 3) ? bytes : mutated(bytes, random), random),
      );
      for (const [i, plan] of plans.entries())
        await checkOne(http, plan, random, `${name}, request ${i} of seed ${seed}`);
      // All the memory for bodies is free again: as much as there is at a time is taken.
      const { status, body } = await http.post(ndjson, { 'content-type': 'application/x-ndjson' });
      assert.deepEqual([status, body.accepted], [200, events.length], `after ${name}`);
    }
    const full = Buffer.alloc(bodyBytesMax, 'x\n');
    for (let i = 0; i < 4; i++) assert.equal((await http.post(full, { 'content-type': 'text/plain' })).status, 200);
  });
});

test('the seeds themselves are taken, and the bombs refused', async () => {
  await withListener({ body_bytes_max: bodyBytesMax, compression_ratio_max: ratioMax }, async (http) => {
    for (const [name, bytes] of Object.entries(seeds)) {
      const text = await exchange(http.port, bytes, new Random(1), true, 30_000);
      assert.match(text, name.startsWith('a bomb') ? /^HTTP\/1\.1 413 / : /^HTTP\/1\.1 200 [\s\S]*"accepted":40/, name);
    }
  });
});
