import assert from 'node:assert';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { projectRoot } from '../../../../native/load.js';
import { freePorts } from '../../../../test/support/ports.js';
import { initProducerId } from './apis/init-producer-id.js';
import { Connection, type ConnectionSettings } from './connection.js';

const settings: ConnectionSettings = {
  clientId: 'test',
  tls: null,
  sasl: null,
  connectTimeoutMs: 60_000,
  requestTimeoutMs: 60_000,
};
/** ApiVersions answer that offers InitProducerId v4 only. */
const versions = Buffer.from('0000020016000000040000000000 00'.replaceAll(' ', ''), 'hex');

function response(correlationId: number, body: Buffer): Buffer {
  const frame = Buffer.alloc(8 + body.length);
  frame.writeInt32BE(4 + body.length, 0);
  frame.writeInt32BE(correlationId, 4);
  body.copy(frame, 8);
  return frame;
}

/** A peer that answers ApiVersions properly and leaves the second request to `answer`. */
async function open(
  t: TestContext,
  answer: (socket: Socket) => void,
  overrides = {},
  sockets = new Set<Socket>(),
): Promise<Connection> {
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    let requests = 0;
    socket.on('error', () => {});
    socket.on('data', () => {
      if (requests++ === 0) socket.write(response(0, versions));
      else answer(socket);
    });
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
  return Connection.open({ host: '127.0.0.1', port }, { ...settings, ...overrides });
}
const good = Buffer.from('00 00000000 0000 0000000000000007 0000 00'.replaceAll(' ', ''), 'hex');

test('a request gets its answer', async (t) => {
  const connection = await open(t, (socket) => socket.write(response(1, good)));
  assert.strictEqual((await connection.call(initProducerId, {})).producerId, 7n);
  assert.strictEqual(connection.requestsInFlight, 0);
  connection.close();
});

test('whatever a hostile or broken peer does, the call ends and the connection is closed', async (t) => {
  const cases: [string, (socket: Socket) => void, RegExp][] = [
    ['silence', () => {}, /did not answer InitProducerId within 1000 ms/],
    [
      'hang up',
      (socket) => socket.end(),
      /closed the connection at the first request: does it want SASL \(sasl_mechanism=\) or TLS \(kafkas:\/\/\)\?/,
    ],
    ['reset', (socket) => socket.resetAndDestroy(), /ECONNRESET|closed/],
    ['another correlation id', (socket) => socket.write(response(9, good)), /not the oldest request/],
    [
      'an endless response',
      (socket) => socket.write(Buffer.from('7fffffff', 'hex')),
      /broker 127\.0\.0\.1:\d+: a response of 2147483647 bytes is announced/,
    ],
    ['a negative length', (socket) => socket.write(Buffer.from('80000000', 'hex')), /announced/],
    ['a response cut short', (socket) => socket.write(response(1, good.subarray(0, 6))), /ends early/],
    ['HTTP', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), /announced/],
    ['one drop a time', (socket) => socket.write(Buffer.of(0)), /did not answer/],
  ];
  for (const [what, answer, expected] of cases) {
    const waits = expected.source.includes('did not answer');
    const connection = await open(t, answer, waits ? { requestTimeoutMs: 1000 } : {});
    await assert.rejects(connection.call(initProducerId, {}), expected, what);
    assert.match((await connection.closed).message, expected, what);
    await assert.rejects(connection.call(initProducerId, {}), expected, `${what}: later calls`);
  }
});

test('a connection that does not come about says what to do', async () => {
  const tls = { minVersion: 'TLSv1.2' } as const;
  const to = async (listener: Server, secure: boolean): Promise<string> => {
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const failed = Connection.open({ host: '127.0.0.1', port }, { ...settings, tls: secure ? tls : null });
    const message = await failed.then(
      () => 'connected',
      (error: Error) => error.message,
    );
    await new Promise((resolve) => listener.close(resolve));
    return message;
  };
  assert.match(
    await to(
      createServer((socket) => socket.destroy()),
      true,
    ),
    /: is this a port for TLS\?/,
  );
  const pem = (name: string) => readFileSync(join(projectRoot, 'test/data/tls', name));
  const secured = createTlsServer({ cert: pem('certificate.pem'), key: pem('key.pem') });
  secured.on('tlsClientError', () => {});
  assert.match(await to(secured, true), /: name the authority that signed the certificate of the broker: ca=FILE/);
  const [free] = await freePorts(1);
  const refused = Connection.open({ host: '127.0.0.1', port: free as number }, { ...settings, tls: null });
  await assert.rejects(refused, /ECONNREFUSED .*: is the broker running/);
});

test('a broker that closes what is idle is not suspected of SASL', async (t) => {
  const sockets = new Set<Socket>();
  const connection = await open(t, () => {}, {}, sockets);
  for (const socket of sockets) socket.end();
  assert.match((await connection.closed).message, /^broker 127\.0\.0\.1:\d+ closed the connection$/);
});

test('silence has an end although the clock is set back', { timeout: 120_000 }, async (t) => {
  const setBack = () => t.mock.timers.enable({ apis: ['Date'], now: Date.now() - 24 * 3_600_000 });
  const connection = await open(t, setBack, { requestTimeoutMs: 1000 });
  await assert.rejects(connection.call(initProducerId, {}), /did not answer/);
});

test('a broker that throttles is given its time', { timeout: 120_000 }, async (t) => {
  const connection = await open(t, () => {}, { requestTimeoutMs: 500 });
  const begun = performance.now();
  const before = assert.rejects(connection.call(initProducerId, {}), /did not answer InitProducerId within 500 ms/);
  connection.throttle(2000);
  const after = assert.rejects(connection.call(initProducerId, {}), /did not answer/);
  await Promise.all([before, after]);
  assert.ok(performance.now() - begun >= 2500, `${performance.now() - begun} ms`);
});

test('an answer that nobody asked for closes the connection', async (t) => {
  const connection = await open(t, (socket) => socket.write(Buffer.concat([response(1, good), response(2, good)])));
  await connection.call(initProducerId, {});
  assert.match((await connection.closed).message, /not the oldest request/);
});

test('no more than 64 requests wait', async (t) => {
  const connection = await open(t, () => {}, { requestTimeoutMs: 60_000 });
  const waiting = Array.from({ length: 64 }, () => connection.call(initProducerId, {}).catch(() => 'closed'));
  await assert.rejects(connection.call(initProducerId, {}), /too many requests/);
  connection.close();
  assert.deepStrictEqual(new Set(await Promise.all(waiting)), new Set(['closed']));
});

test('a broker without a version we speak is named', async (t) => {
  const connection = await open(t, () => {});
  const api = { ...initProducerId, versions: [5, 6] as const };
  await assert.rejects(connection.call(api, {}), /does not speak InitProducerId version 5 to 6 \(it speaks 0 to 4\)/);
  connection.close();
});
