import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Harness, holdDeliveries, withListener } from './testing.js';

const request = (lines: readonly string[], body = '') =>
  `${['POST /ingest HTTP/1.1', ...lines].join('\r\n')}\r\n\r\n${body}`;
const type = 'Content-Type: text/plain';

/** Each must be answered 400 with the connection closed; nothing of it may become an event. */
const smuggling: Record<string, string> = {
  'both Content-Length and Transfer-Encoding': request(
    ['Host: h', type, 'Content-Length: 5', 'Transfer-Encoding: chunked'],
    '0\r\n\r\nGET / HTTP/1.1\r\n\r\n',
  ),
  'Transfer-Encoding before Content-Length': request(
    ['Host: h', type, 'Transfer-Encoding: chunked', 'Content-Length: 5'],
    '0\r\n\r\n',
  ),
  'two different Content-Lengths': request(['Host: h', type, 'Content-Length: 1', 'Content-Length: 2'], 'ab'),
  'the same Content-Length twice': request(['Host: h', type, 'Content-Length: 1', 'Content-Length: 1'], 'a'),
  'a list as Content-Length': request(['Host: h', type, 'Content-Length: 1, 1'], 'a'),
  'a signed Content-Length': request(['Host: h', type, 'Content-Length: +1'], 'a'),
  'a hexadecimal Content-Length': request(['Host: h', type, 'Content-Length: 0x1'], 'a'),
  'a negative Content-Length': request(['Host: h', type, 'Content-Length: -1'], 'a'),
  'a Content-Length beyond 64 bits': request(['Host: h', type, 'Content-Length: 99999999999999999999'], 'a'),
  'obs-fold': request(['Host: h', type, 'X-A: 1', ' folded', 'Content-Length: 1'], 'a'),
  'space before the colon': request(['Host: h', type, 'Content-Length : 1'], 'a'),
  'an unknown transfer coding': request(['Host: h', type, 'Transfer-Encoding: xchunked'], '1\r\na\r\n0\r\n\r\n'),
  'chunked not last': request(['Host: h', type, 'Transfer-Encoding: chunked, identity'], '1\r\na\r\n0\r\n\r\n'),
  'a coding before chunked': request(['Host: h', type, 'Transfer-Encoding: gzip, chunked'], '1\r\na\r\n0\r\n\r\n'),
  'Transfer-Encoding twice': request(
    ['Host: h', type, 'Transfer-Encoding: chunked', 'Transfer-Encoding: identity'],
    '1\r\na\r\n0\r\n\r\n',
  ),
  'Transfer-Encoding in HTTP/1.0': `POST /ingest HTTP/1.0\r\nHost: h\r\n${type}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`,
  'a chunk size that is none': request(['Host: h', type, 'Transfer-Encoding: chunked'], 'zz\r\na\r\n0\r\n\r\n'),
  'a chunk size with a sign': request(['Host: h', type, 'Transfer-Encoding: chunked'], '+1\r\na\r\n0\r\n\r\n'),
  'a chunk size with 0x': request(['Host: h', type, 'Transfer-Encoding: chunked'], '0x1\r\na\r\n0\r\n\r\n'),
  'a chunk size beyond 64 bits': request(
    ['Host: h', type, 'Transfer-Encoding: chunked'],
    'fffffffffffffffff1\r\na\r\n0\r\n\r\n',
  ),
  'a chunk longer than its size': request(['Host: h', type, 'Transfer-Encoding: chunked'], '1\r\nab\r\n0\r\n\r\n'),
  'a chunk ended by LF': request(['Host: h', type, 'Transfer-Encoding: chunked'], '1\na\n0\n\n'),
  'no Host': request([type, 'Content-Length: 1'], 'a'),
  'two Hosts': request(['Host: a', 'Host: b', type, 'Content-Length: 1'], 'a'),
  'two Content-Types': request(['Host: h', type, 'Content-Type: application/json', 'Content-Length: 1'], 'a'),
  'two Authorizations': request(
    ['Host: h', type, 'Authorization: Bearer a', 'Authorization: Bearer b', 'Content-Length: 1'],
    'a',
  ),
  'NUL in a header': request(['Host: h', type, 'X-A: a\0b', 'Content-Length: 1'], 'a'),
  'lone CR in a header': request(['Host: h', type, 'X-A: a\rX-B: b', 'Content-Length: 1'], 'a'),
  'no header name': request(['Host: h', type, ': x', 'Content-Length: 1'], 'a'),
  'a method that is none': 'P\u0000ST /ingest HTTP/1.1\r\nHost: h\r\n\r\n',
  'a version that is none': 'POST /ingest HTTP/9.9\r\nHost: h\r\n\r\n',
  'HTTP/2.0 in the words of 1.1': `POST /ingest HTTP/2.0\r\nHost: h\r\n${type}\r\nContent-Length: 1\r\n\r\na`,
  'TLS spoken to a plain port': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
};

test('what proxies might read differently is answered 400 and the connection closed', async () => {
  await withListener({}, async (http) => {
    for (const [name, bytes] of Object.entries(smuggling)) {
      const { text, closed } = await http.raw(Buffer.from(bytes, 'latin1'), 3_000);
      assert.match(text, /^HTTP\/1\.1 400 /, `${name}: ${JSON.stringify(text.slice(0, 80))}`);
      assert.equal(text.match(/HTTP\/1\.1 \d/g)?.length, 1, `${name}: one answer`);
      assert.ok(closed, `${name}: closed`);
    }
    assert.deepEqual(http.delivered, []);
    await stillServes(http);
  });
});

test('the path is taken as it stands, the absolute form with it', async () => {
  await withListener({}, async (http) => {
    const to = (target: string) =>
      http.raw(`POST ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${type}\r\nContent-Length: 1\r\n\r\na`);
    for (const target of ['/ingest', '/ingest?x=1', 'http://elsewhere/ingest'])
      assert.match((await to(target)).text, /^HTTP\/1\.1 200 /, target);
    for (const target of ['/x/../ingest', '/%2e%2e/ingest', '//h/ingest', '/\\h/ingest', '/ingest#a', '/ingest/', '*'])
      assert.match((await to(target)).text, /^HTTP\/1\.1 404 /, target);
    assert.equal(http.delivered.length, 3);
  });
});

test('no web page writes events, unless it knows the token', async () => {
  const crossSite = { 'content-type': 'text/plain', origin: 'http://elsewhere.example' };
  await withListener({}, async (http) => {
    const { text } = await http.raw(
      request(['Host: h', type, 'Origin: http://elsewhere.example', 'Connection: close', 'Content-Length: 1'], 'a'),
    );
    assert.match(text, /^HTTP\/1\.1 403 /);
    assert.equal(http.counts.get('requests_refused_total.origin'), 1);
    assert.deepEqual(http.delivered, []);
  });
  await withListener({ token: 'sesame' }, async (http) => {
    const lines = Object.entries({ ...crossSite, authorization: 'Bearer sesame' }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    const { text } = await http.raw(request(['Host: h', ...lines, 'Connection: close', 'Content-Length: 1'], 'a'));
    assert.match(text, /^HTTP\/1\.1 200 /);
  });
});

test('what follows a request and is no HTTP does not take its answer', async () => {
  await withListener({}, async (http) => {
    const held = holdDeliveries(http);
    const raw = http.raw(`${request(['Host: h', type, 'Content-Length: 1'], 'a')}nonsense\r\n\r\n`);
    await held.begun;
    while (http.counts.get('requests_refused_total.malformed') !== 1) await new Promise((go) => setTimeout(go, 5));
    held.end();
    const { text, closed } = await raw;
    assert.deepEqual([text.match(/HTTP\/1\.1 \d+/g), closed], [['HTTP/1.1 200'], true]);
    assert.equal(http.counts.get('requests_total'), 2);
  });
});

test('what Node would answer by itself is counted, too', async () => {
  await withListener({ requests_per_connection_max: 1, keep_alive_ms: 100 }, async (http) => {
    const close = 'Connection: close';
    assert.match((await http.raw('CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n')).text, /^HTTP\/1\.1 405 /);
    assert.match(
      (await http.raw(request(['Host: h', type, close, 'Expect: x', 'Content-Length: 1'], 'a'))).text,
      /^HTTP\/1\.1 417 /,
    );
    const two = await http.raw(request(['Host: h', type, 'Content-Length: 1'], 'a').repeat(2));
    assert.deepEqual(two.text.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 503']);
    assert.deepEqual(
      [...http.counts].filter(([name]) => name.startsWith('requests_')),
      [
        ['requests_total', 4],
        ['requests_refused_total.not_found', 1],
        ['requests_refused_total.unsupported', 1],
        ['requests_refused_total.unavailable', 1],
      ],
    );
  });
});

test('senders that leave within a request are counted once, however they leave', async () => {
  await withListener({}, async (http) => {
    const starts = ['POST /ing', request(['Host: h', type, 'Content-Length: 10'], 'abc')];
    let left = 0;
    for (const start of [...starts, request(['Host: h', type, 'Transfer-Encoding: chunked'], '3\r\nabc\r\n')])
      for (const leave of ['end', 'resetAndDestroy'] as const) {
        // Of a reset within the headers there is no request to count.
        if (leave === 'resetAndDestroy' && start === starts[0]) continue;
        const socket = connect(http.port, '127.0.0.1').on('error', () => {});
        socket.resume().write(start);
        while ((http.counts.get('connections_open') ?? 0) === 0) await new Promise((go) => setTimeout(go, 5));
        await new Promise((go) => setTimeout(go, 50));
        socket[leave]();
        while (http.counts.get('connections_open') !== 0) await new Promise((go) => setTimeout(go, 5));
        left++;
        assert.equal(http.counts.get('requests_refused_total.aborted'), left, `${leave} ${start}`);
        assert.equal(http.counts.get('requests_total'), left);
      }
    assert.deepEqual(http.delivered, []);
  });
});

test('a body in small chunks takes the memory of its bytes', { timeout: 120_000 }, async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  await withListener({}, async (http) => {
    const socket = connect(http.port, '127.0.0.1').on('error', () => {});
    socket.resume();
    const chunks = Buffer.from(`10\r\n${'x'.repeat(16)}\r\n`.repeat(60_000));
    socket.write(request(['Host: h', type, 'Transfer-Encoding: chunked']));
    collect();
    const before = process.memoryUsage().heapUsed;
    // When the last is written, all but what the sockets hold has been read.
    for (let i = 0; i < 10; i++) await new Promise((written) => socket.write(chunks, written));
    collect();
    const grown = process.memoryUsage().heapUsed - before;
    assert.ok(grown < 32 * 1024 * 1024, `${grown} bytes of objects`);
    socket.destroy();
  });
});

test('a body in chunks of a byte without end is refused; some thousand are not', async () => {
  await withListener({}, async (http) => {
    const chunked = (count: number) =>
      http.raw(
        request(
          ['Host: h', type, 'Connection: close', 'Transfer-Encoding: chunked'],
          `${'1\r\nx\r\n'.repeat(count)}0\r\n\r\n`,
        ),
      );
    assert.match((await chunked(4096)).text, /^HTTP\/1\.1 200 /);
    assert.match((await chunked(5000)).text, /^HTTP\/1\.1 400 /);
    assert.equal(http.counts.get('requests_refused_total.malformed'), 1);
    assert.equal(http.delivered.length, 1);
  });
});

test('headers are bounded in size and number', async () => {
  await withListener({}, async (http) => {
    const large = await http.raw(request(['Host: h', `X-A: ${'a'.repeat(20_000)}`]));
    assert.match(large.text, /^HTTP\/1\.1 431 /);
    const many = await http.raw(
      request([
        'Host: h',
        'Connection: close',
        type,
        'Content-Length: 0',
        ...Array.from({ length: 200 }, (_, i) => `X-${i}: 1`),
      ]),
    );
    assert.match(many.text, /^HTTP\/1\.1 431 /);
    await stillServes(http);
  });
});

test('connections are bounded and counted', async () => {
  await withListener({ connections_max: 1 }, async (http) => {
    const first = connect(http.port, '127.0.0.1').on('error', () => {});
    while (http.counts.get('connections_open') !== 1) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(await http.raw('POST /ingest HTTP/1.1\r\n'), { text: '', closed: true });
    assert.equal(http.counts.get('connections_refused_total.limit'), 1);
    assert.equal(http.counts.get('connections_open'), 1);
    first.destroy();
    while (http.counts.get('connections_open') !== 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await stillServes(http);
    assert.equal(http.counts.get('connections_accepted_total'), 2);
  });
});

test('slow senders are answered 408', async () => {
  await withListener({ headers_timeout_ms: 200, request_timeout_ms: 400 }, async (http) => {
    const header = await http.raw('POST /ingest HTTP/1.1\r\nHost:');
    assert.match(header.text, /^HTTP\/1\.1 408 /);
    const body = await http.raw(request(['Host: h', type, 'Content-Length: 10'], 'abc'));
    assert.match(body.text, /^HTTP\/1\.1 408 /);
    assert.ok(header.closed && body.closed);
    assert.deepEqual(http.delivered, []);
  });
});

test('a peer that leaves within its body leaves no event', async () => {
  await withListener({}, async (http) => {
    await http.raw(request(['Host: h', type, 'Content-Length: 10'], 'abc'), 100);
    await http.raw(request(['Host: h', type, 'Transfer-Encoding: chunked'], '3\r\nabc\r\n'), 100);
    assert.deepEqual(http.delivered, []);
    await stillServes(http);
  });
});

test('pipelined requests are answered in order; endless pipelining is cut off', async () => {
  await withListener({}, async (http) => {
    const one = (text: string) => request(['Host: h', type, `Content-Length: ${text.length}`], text);
    const two = await http.raw(
      one('a') + one('b\nc') + request(['Host: h', 'Connection: close', type, 'Content-Length: 1'], 'd'),
    );
    assert.deepEqual(two.text.match(/"accepted":\d/g), ['"accepted":1', '"accepted":2', '"accepted":1']);
    assert.deepEqual(
      http.delivered.map((d) => d.frames),
      [['a'], ['b', 'c'], ['d']],
    );
    http.onDeliver = () => new Promise(() => {});
    assert.ok((await http.raw(one('a').repeat(100))).closed);
  });
});

test('Expect: 100-continue is answered before the body, or refused without it', async () => {
  await withListener({ body_bytes_max: 1024 }, async (http) => {
    const taken = await http.raw(
      request(['Host: h', type, 'Expect: 100-continue', 'Connection: close', 'Content-Length: 1'], 'a'),
    );
    assert.match(taken.text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
    const refused = await http.raw(request(['Host: h', type, 'Expect: 100-continue', 'Content-Length: 4096']));
    assert.match(refused.text, /^HTTP\/1\.1 413 /);
    assert.ok(refused.closed);
  });
});

async function stillServes(http: Harness): Promise<void> {
  http.delivered.length = 0;
  const answer = await http.post('{"ok":1}', { 'content-type': 'application/json' });
  assert.deepEqual([answer.status, answer.body], [200, { accepted: 1 }]);
}
