import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { RingFull } from '../../../engine/errors.js';
import { holdDeliveries, withListener } from './testing.js';

const withKey = (key: string) => ({ 'content-type': 'application/x-ndjson', 'idempotency-key': key });
const large = Array.from({ length: 4000 }, (_, i) => `{"n":${i},"pad":"${'p'.repeat(200)}"}`).join('\n');

test('a request with a key is stored once and answered as it was; a key has one body', async () => {
  await withListener({}, async (http) => {
    const first = await http.post('{"a":1}\n{"a":2}', withKey('"8e03978e-40d5"'));
    assert.deepEqual(
      [first.status, first.body, first.headers.get('idempotency-replayed')],
      [200, { accepted: 2 }, null],
    );
    const again = await http.post('{"a":1}\n{"a":2}', withKey('8e03978e-40d5'));
    assert.deepEqual(
      [again.status, again.body, again.headers.get('idempotency-replayed')],
      [200, { accepted: 2 }, 'true'],
    );
    const other = await http.post('{"a":3}', withKey('8e03978e-40d5'));
    assert.equal(other.status, 422);
    assert.equal(http.counts.get('requests_refused_total.conflict'), 1);
    assert.equal(http.delivered.length, 1);
  });
});

test('the same request at the same time waits for the first', async () => {
  await withListener({}, async (http) => {
    const held = holdDeliveries(http);
    const answers = [http.post('{"a":1}', withKey('k')), http.post('{"a":1}', withKey('k'))];
    await held.begun;
    await sleep(100);
    held.end();
    const [one, two] = await Promise.all(answers);
    assert.deepEqual([one?.body, two?.body], [{ accepted: 1 }, { accepted: 1 }]);
    assert.equal(http.delivered.length, 1);
  });
});

test('sent again after a refusal it goes on where it was, and each event is stored once', async () => {
  await withListener({}, async (http) => {
    http.onDeliver = (n) => (n >= 2 ? Promise.reject(new RingFull()) : Promise.resolve());
    const refused = await http.post(large, withKey('k'));
    assert.equal(refused.status, 429);
    const stored = http.delivered.flatMap(({ frames }) => frames).length;
    assert.equal(refused.body.accepted, stored);
    assert.ok(stored > 0 && stored < 4000);
    http.onDeliver = () => Promise.resolve();
    const again = await http.post(large, withKey('k'));
    assert.deepEqual([again.status, again.body], [200, { accepted: 4000 }]);
    assert.deepEqual(
      http.delivered.flatMap(({ frames }) => frames),
      large.split('\n'),
    );
  });
});

test('keys that are none are answered 400, too many 429', async () => {
  await withListener({}, async (http) => {
    for (const key of ['', '""', 'x'.repeat(256), 'caf\u00e9']) {
      assert.equal((await http.post('{}', withKey(key))).status, 400, JSON.stringify(key));
    }
    const twice = await http.raw(
      'POST /ingest HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nIdempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Length: 1\r\n\r\nx',
    );
    assert.match(twice.text, /^HTTP\/1\.1 400 /);
    for (const key of ['a', 'b', 'c']) assert.equal((await http.post('{}', withKey(key))).status, 200);
    assert.equal((await http.post('{}', withKey('d'))).status, 429);
    assert.equal((await http.post('{}', withKey('a'))).status, 200);
    assert.equal((await http.post('{}', { 'content-type': 'text/plain' })).status, 200, 'without a key there is room');
    const other = connect({ port: http.port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    other.end('POST /ingest HTTP/1.1\r\nHost: h\r\nIdempotency-Key: d\r\nContent-Length: 2\r\n\r\n{}');
    const [answer] = await once(other, 'data');
    assert.match(String(answer), /^HTTP\/1\.1 200 /, 'another address has its share');
  });
});
