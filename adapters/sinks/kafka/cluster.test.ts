import assert from 'node:assert';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { until } from '../../../test/support/until.js';
import { Cluster } from './cluster.js';
import type { KafkaSettings } from './settings.js';

/** ApiVersions answer that offers InitProducerId v4 only. */
const versions = Buffer.from('0000001300000000000002001600000004000000000000', 'hex');

/** A broker that tells its versions when it is let go, and answers nothing else. */
async function broker(t: TestContext) {
  const sockets = new Set<Socket>();
  const waiting: Socket[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.once('data', () => waiting.push(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const abort = new AbortController();
  const settings = {
    bootstrap: [{ host: '127.0.0.1', port: (server.address() as AddressInfo).port }],
    create: null,
    connection: { clientId: 'test', tls: null, sasl: null, connectTimeoutMs: 60_000, requestTimeoutMs: 60_000 },
  } as unknown as KafkaSettings;
  const cluster = new Cluster(settings, abort.signal);
  t.after(() => {
    cluster.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const letGo = () => {
    for (const socket of waiting.splice(0)) socket.write(versions);
  };
  return { cluster, abort, sockets, waiting, letGo };
}

test('all who ask at the same time share one connection', async (t) => {
  const { cluster, sockets, waiting, letGo } = await broker(t);
  const asked = Array.from({ length: 20 }, () => cluster.newProducer().catch(() => 'failed'));
  await until('it is connected', () => waiting.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.strictEqual(sockets.size, 1);
  letGo();
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.strictEqual(sockets.size, 1);
  cluster.close();
  assert.deepStrictEqual(new Set(await Promise.all(asked)), new Set(['failed']));
  await until('it is closed', () => sockets.size === 0);
});

test('a connection that comes about after the end is closed', async (t) => {
  const { cluster, abort, sockets, waiting, letGo } = await broker(t);
  const asked = assert.rejects(cluster.newProducer());
  await until('it is connected', () => waiting.length > 0);
  abort.abort();
  cluster.close();
  letGo();
  await asked;
  await until('it is closed', () => sockets.size === 0);
});
