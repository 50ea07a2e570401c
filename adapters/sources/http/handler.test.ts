import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { RingFull } from '../../../engine/errors.js';
import { Compressor, compressBound } from '../../../native/codecs.js';
import { holdDeliveries, withListener } from './testing.js';

const json = { 'content-type': 'application/json' };
const curl = 'application/x-www-form-urlencoded';
const ndjson = { 'content-type': 'application/x-ndjson' };

function zstd(body: Buffer): Buffer {
  const out = Buffer.alloc(compressBound('zstd', body.length));
  return out.subarray(0, new Compressor('zstd').compressInto(body, 0, body.length, out, 0));
}

test('each kind of body becomes its frames', async () => {
  const cases: readonly [type: string | null, body: string, framing: string, format: string, frames: string[]][] = [
    ['application/x-ndjson', '{"a":1}\n\n{"a":2}\r\n{"a":3}', 'line', 'json', ['{"a":1}', '{"a":2}', '{"a":3}']],
    ['application/jsonl; charset=utf-8', '{"a":1}\n', 'line', 'json', ['{"a":1}']],
    ['application/json', ' [{"a":[1,2]}, 5 ,"x,]" ]', 'prefixed', 'json', ['{"a":[1,2]}', '5', '"x,]"']],
    ['application/vnd.x+json', '{"a":1}', 'prefixed', 'json', ['{"a":1}']],
    ['application/json', '\n{\n "a": {\n  "b": "}"\n }\n}\n', 'prefixed', 'json', ['{\n "a": {\n  "b": "}"\n }\n}']],
    ['application/json', '{"a":1}\n{"a":2}\n', 'line', 'json', ['{"a":1}', '{"a":2}']],
    ['application/json', '{"a":\n{"a":2}\n', 'line', 'json', ['{"a":', '{"a":2}']],
    ['text/plain', '{"a":1}\nplain\n', 'line', 'text', ['{"a":1}', 'plain']],
    ['', '<13>Oct  1 00:00:00 h a: x\nplain\n', 'line', 'text', ['<13>Oct  1 00:00:00 h a: x', 'plain']],
    [curl, '{"a":1}', 'prefixed', 'json', ['{"a":1}']],
    [curl, '{"a":1}{"a":{"b":"}{"}} {"a":3}', 'line', 'json', ['{"a":1}', '{"a":{"b":"}{"}}', ' {"a":3}']],
    [curl, '{"a":1}{"a":', 'line', 'json', ['{"a":1}{"a":']],
    [curl, '{"a":1}\n{"a":2}', 'line', 'json', ['{"a":1}', '{"a":2}']],
    [curl, 'a=1&b=2', 'line', 'text', ['a=1&b=2']],
    ['', '{"a":1}\n{"a":2}', 'line', 'json', ['{"a":1}', '{"a":2}']],
    ['', '[{"a":1}]', 'prefixed', 'json', ['{"a":1}']],
  ];
  await withListener({}, async (http) => {
    for (const [type, body, framing, format, frames] of cases) {
      http.delivered.length = 0;
      const answer = await http.post(body, { 'content-type': type ?? '' });
      assert.deepEqual([answer.status, answer.body], [200, { accepted: frames.length }], body);
      assert.deepEqual(http.delivered, [{ listenerIndex: 7, framing, peer: '127.0.0.1', format, frames }], body);
    }
  });
});

test('a body without events is accepted with none', async () => {
  await withListener({}, async (http) => {
    for (const [type, body] of [
      ['application/json', '[]'],
      ['application/x-ndjson', '\n\r\n'],
      ['text/plain', ''],
    ]) {
      const answer = await http.post(body!, { 'content-type': type! });
      assert.deepEqual([answer.status, answer.body], [200, { accepted: 0 }]);
    }
    assert.deepEqual(http.delivered, []);
  });
});

test('the answer waits until the events are durable', async () => {
  await withListener({}, async (http) => {
    const held = holdDeliveries(http);
    let answered = false;
    const answer = http.post('{"a":1}', ndjson).then((a) => {
      answered = true;
      return a;
    });
    await held.begun;
    await sleep(50);
    assert.equal(answered, false);
    held.end();
    assert.equal((await answer).status, 200);
  });
});

test('what is compressed is decompressed, within bounds', async () => {
  const text = '{"a":1}\n{"a":2}';
  const zlib = { gzip: gzipSync(text), deflate: deflateSync(text), zstd: zstd(Buffer.from(text)) };
  await withListener({ body_bytes_max: 4 * 1024 * 1024 }, async (http) => {
    for (const [coding, body] of Object.entries(zlib)) {
      const answer = await http.post(body, { ...ndjson, 'content-encoding': coding });
      assert.deepEqual([answer.status, answer.body], [200, { accepted: 2 }], coding);
    }
    for (const level of [0, 1, 9]) {
      const [whole, deflated] = [deflateRawSync(text, { level }), { ...ndjson, 'content-encoding': 'deflate' }];
      assert.deepEqual(
        (await http.post(whole, deflated)).body,
        { accepted: 2 },
        `without zlib's header, level ${level}`,
      );
      assert.equal((await http.post(whole.subarray(0, -3), deflated)).status, 400, 'cut short');
      assert.equal((await http.post(Buffer.concat([whole, Buffer.from('tail')]), deflated)).status, 400);
    }
    const bombRaw = deflateRawSync(Buffer.alloc(64 * 1024 * 1024));
    assert.equal((await http.post(bombRaw, { ...ndjson, 'content-encoding': 'deflate' })).status, 413);
    const bomb = await http.post(gzipSync(Buffer.alloc(64 * 1024 * 1024, 'a')), {
      ...ndjson,
      'content-encoding': 'gzip',
    });
    assert.equal(bomb.status, 413);
    const steep = await http.post(gzipSync(Buffer.alloc(2 * 1024 * 1024, 'a\n')), {
      ...ndjson,
      'content-encoding': 'gzip',
    });
    assert.equal(steep.status, 413, 'within the size, beyond the ratio');
    for (const body of [
      Buffer.from('no gzip'),
      zlib.gzip.subarray(0, 15),
      Buffer.concat([zlib.gzip, Buffer.from('tail')]),
    ]) {
      assert.equal((await http.post(body, { ...ndjson, 'content-encoding': 'gzip' })).status, 400);
    }
    const bombZstd = await http.post(zstd(Buffer.alloc(64 * 1024 * 1024)), { ...ndjson, 'content-encoding': 'zstd' });
    assert.equal(bombZstd.status, 413);
    const wide = await http.post(Buffer.from('28b52ffd00a8090000', 'hex'), { ...ndjson, 'content-encoding': 'zstd' });
    assert.equal(wide.status, 413);
    assert.match(String(wide.body.error), /needs a window of more than 8388608 bytes/);
    assert.equal((await http.post('no zstd', { ...ndjson, 'content-encoding': 'zstd' })).status, 400);
    for (const coding of ['br', 'gzip, gzip', 'compress']) {
      const answer = await http.post(zlib.gzip, { ...ndjson, 'content-encoding': coding });
      assert.deepEqual([answer.status, answer.headers.get('accept-encoding')], [415, 'gzip, deflate, zstd, identity']);
    }
  });
});

test('what cannot be taken is refused with its reason', async () => {
  await withListener({ body_bytes_max: 2048 }, async (http) => {
    assert.equal((await http.post('x', { 'content-type': 'application/xml' })).status, 415);
    assert.equal((await http.post('x', { 'content-type': 'text/plain; charset=latin-1' })).status, 415);
    for (const body of ['[1', '[1,]', '[,1]', '[1] 2', '["a]', '[}', '[1}']) {
      assert.equal((await http.post(body, json)).status, 400, body);
    }
    assert.equal((await http.post('x'.repeat(2049), ndjson)).status, 413);
    assert.equal((await http.post('{}', json, '/other')).status, 404);
    const get = await fetch(`http://127.0.0.1:${http.port}/ingest`);
    assert.deepEqual([get.status, get.headers.get('allow')], [405, 'POST']);
    assert.deepEqual(http.delivered, []);
  });
  await withListener(
    {},
    async (http) => {
      for (const [body, type] of [
        [`{"a":1}\n${'x'.repeat(101)}`, ndjson],
        [`[1,"${'x'.repeat(101)}"]`, json],
        [`{"a":"${'x'.repeat(101)}"}`, json],
      ] as const) {
        const answer = await http.post(body, type);
        assert.equal(answer.status, 413);
        assert.match(answer.body.error!, /larger than 100 bytes/);
      }
      assert.deepEqual(http.delivered, []);
    },
    { messageBytesMax: 100 },
  );
});

test('a bearer token is asked for when one is set', async () => {
  await withListener({ token: 'sesame' }, async (http) => {
    for (const authorization of ['', 'Bearer', 'Bearer sesam', 'Basic sesame', 'Bearer sesamee']) {
      const answer = await http.post('{}', { ...ndjson, authorization });
      assert.deepEqual([answer.status, answer.headers.get('www-authenticate')], [401, 'Bearer'], authorization);
    }
    assert.equal((await http.post('{}', { ...ndjson, authorization: 'Bearer sesame' })).status, 200);
    assert.equal((await http.post('{}', { ...ndjson, authorization: 'bearer  sesame' })).status, 200);
  });
});

test('no room is 429, not ready is 503, both with the time to wait', async () => {
  await withListener({}, async (http) => {
    http.onDeliver = () => Promise.reject(new RingFull());
    const full = await http.post('{}', ndjson);
    assert.deepEqual([full.status, full.headers.get('retry-after'), full.body.accepted], [429, '1', 0]);
    http.onDeliver = () => Promise.reject(new Error('disk gone'));
    const broken = await http.post('{}', ndjson);
    assert.deepEqual([broken.status, broken.body.accepted], [503, 0]);
    assert.match(broken.body.error!, /disk gone/);
    http.ready = false;
    const starting = await http.post('{}', ndjson);
    assert.deepEqual([starting.status, starting.headers.get('retry-after')], [503, '5']);
  });
});

test('memory for bodies is shared and bounded', async () => {
  await withListener({ body_bytes_max: 65536, bodies_bytes_max: 65536 }, async (http) => {
    const held = holdDeliveries(http);
    const first = http.post('x'.repeat(60_000), { 'content-type': 'text/plain' });
    await held.begun;
    const second = await http.post('x'.repeat(10_000), { 'content-type': 'text/plain' });
    assert.equal(second.status, 429);
    held.end();
    assert.equal((await first).status, 200);
    http.onDeliver = () => Promise.resolve();
    assert.equal((await http.post('x'.repeat(10_000), { 'content-type': 'text/plain' })).status, 200);
  });
});

test('bombs at the same time are decompressed a few at a time, and others after them', async () => {
  await withListener({ body_bytes_max: 8 * 1024 * 1024, bodies_bytes_max: 32 * 1024 * 1024 }, async (http) => {
    const bomb = gzipSync(Buffer.alloc(16 * 1024 * 1024, 'a'));
    const bombs = Array.from({ length: 40 }, () => http.post(bomb, { ...ndjson, 'content-encoding': 'gzip' }));
    const good = http.post(gzipSync('{"a":1}'), { ...ndjson, 'content-encoding': 'gzip' });
    assert.deepEqual(new Set((await Promise.all(bombs)).map((answer) => answer.status)), new Set([413]));
    assert.equal((await good).status, 200);
  });
});

test('stopping answers what is being delivered and closes', async () => {
  await withListener({}, async (http) => {
    const held = holdDeliveries(http);
    const answer = http.post('{}', ndjson);
    await held.begun;
    const stopped = http.running.stop();
    setTimeout(() => held.end(), 100);
    assert.equal((await answer).status, 200);
    await stopped;
    await assert.rejects(http.post('{}', ndjson));
  });
});
