import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { RingFull } from '../../../engine/errors.js';
import { withListener } from './testing.js';

const text = { 'content-type': 'text/plain' };

test('a sender beyond its rate is answered 429 with the time to wait', async () => {
  await withListener({ rate_bytes: 1024, rate_burst_ms: 1000 }, async (http) => {
    assert.equal((await http.post('x'.repeat(64 * 1024), text)).status, 200);
    const second = await http.post('y', text);
    assert.equal(second.status, 429);
    const seconds = Number(second.headers.get('retry-after'));
    assert.ok(seconds >= 1 && seconds <= 64, `${seconds} s`);
    assert.equal(http.counts.get('requests_refused_total.rate'), 1);
    assert.equal(http.delivered.length, 1);
  });
});

test('connections of one address are limited', async () => {
  await withListener({ address_connections_max: 1 }, async (http) => {
    const first = connect(http.port, '127.0.0.1').on('error', () => {});
    await new Promise((resolve) => first.once('connect', resolve));
    assert.deepEqual(await http.raw('POST /ingest HTTP/1.1\r\n'), { text: '', closed: true });
    assert.equal(http.counts.get('connections_refused_total.address'), 1);
    first.destroy();
    while (http.counts.get('connections_open') !== 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal((await http.post('x', text)).status, 200);
  });
});

test('while the process holds too much memory requests are answered 429, and connections refused', async () => {
  await withListener({}, async (http) => {
    const kept = { ...text, connection: 'keep-alive' };
    assert.equal((await http.post('x', kept)).status, 200);
    http.memoryFull = true;
    const answer = await http.post('x', kept).catch(() => undefined);
    // On the connection kept from before it is an answer; a new one is closed.
    if (answer) assert.deepEqual([answer.status, answer.headers.get('retry-after')], [429, '1']);
    const refused = http.counts.get('connections_refused_total.memory') ?? 0;
    assert.equal(refused + (http.counts.get('requests_refused_total.memory') ?? 0), 1);
    http.memoryFull = false;
    assert.equal((await http.post('x', text)).status, 200);
  });
});

test('refused requests are counted by reason', async () => {
  await withListener({ token: 'sesame', body_bytes_max: 1024 }, async (http) => {
    const auth = { authorization: 'Bearer sesame' };
    await http.post('x', text);
    await http.post('x', { ...text, ...auth }, '/elsewhere');
    await http.post('[1', { 'content-type': 'application/json', ...auth });
    await http.post('x', { 'content-type': 'image/png', ...auth });
    await http.post('x'.repeat(2000), { ...text, ...auth });
    await http.raw('nonsense\r\n\r\n');
    await http.raw(`POST /ingest HTTP/1.1\r\nHost: h\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`);
    http.onDeliver = () => Promise.reject(new RingFull());
    await http.post('x', { ...text, ...auth });
    http.onDeliver = () => Promise.resolve();
    http.ready = false;
    await http.post('x', { ...text, ...auth });
    http.ready = true;
    await http.post('x', { ...text, ...auth });
    const counts = Object.fromEntries([...http.counts].filter(([name]) => name.startsWith('requests_')));
    assert.deepEqual(counts, {
      requests_total: 10,
      'requests_refused_total.unauthorized': 1,
      'requests_refused_total.not_found': 1,
      'requests_refused_total.malformed': 2,
      'requests_refused_total.unsupported': 1,
      'requests_refused_total.too_large': 2,
      'requests_refused_total.busy': 1,
      'requests_refused_total.unavailable': 1,
    });
  });
});
