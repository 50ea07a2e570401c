import assert from 'node:assert/strict';
import { createCipheriv, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { projectRoot } from '../../../native/load.js';
import { withListener } from './testing.js';

const pem = (name: string) => join(projectRoot, 'test/data/tls', name);
const files = { certificate: pem('certificate.pem'), key: pem('key.pem') };

/** HKDF-Expand-Label with an empty context (RFC 8446 section 7.1), of at most one block. */
function expand(secret: Buffer, label: string, length: number): Buffer {
  const name = `tls13 ${label}`;
  const info = Buffer.from([0, length, name.length, ...Buffer.from(name), 0, 1]);
  return createHmac('sha256', secret).update(info).digest().subarray(0, length);
}

/** Records of TLS_AES_128_GCM_SHA256, each a KeyUpdate under the keys that the one before it brought (RFC 8446 sections 4.6.3, 5.2). */
function keyUpdates(secret: Buffer, count: number): Buffer {
  const records: Buffer[] = [];
  for (let traffic = secret, i = 0; i < count; i++) {
    const message = Buffer.from([24, 0, 0, 1, 0, 22]); // update_not_requested, in a record of the handshake's type
    const head = Buffer.from([23, 3, 3, 0, message.length + 16]);
    const cipher = createCipheriv('aes-128-gcm', expand(traffic, 'key', 16), expand(traffic, 'iv', 12)).setAAD(head);
    records.push(head, cipher.update(message), cipher.final(), cipher.getAuthTag());
    traffic = expand(traffic, 'traffic upd', 32);
  }
  return Buffer.concat(records);
}

/** What lies between client and listener. `pass`: takes what the client sends, in place of a pipe. */
async function between(port: number, pass?: (client: Socket, upstream: Socket) => void) {
  const upstreams: Socket[] = [];
  const server = createServer((client) => {
    const upstream = connect({ port, host: '127.0.0.1', noDelay: true }).on('error', () => {});
    // A pipe passes on an end alone; a listener that closes with bytes of the client unread resets.
    upstream.once('close', () => client.destroy());
    upstreams.push(upstream);
    client.on('error', () => {});
    upstream.pipe(client);
    if (pass) pass(client, upstream);
    else client.pipe(upstream);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: (server.address() as AddressInfo).port, upstreams, close: () => server.close() };
}

async function connected(port: number): Promise<{ client: TLSSocket; secret: Promise<Buffer> }> {
  const client = connectTls({ port, rejectUnauthorized: false, ciphers: 'TLS_AES_128_GCM_SHA256' });
  client.on('error', () => {}).resume();
  const secret = new Promise<Buffer>((resolve) =>
    client.on('keylog', (line) => {
      const [label, , hex] = line.toString().trim().split(' ');
      if (label === 'CLIENT_TRAFFIC_SECRET_0') resolve(Buffer.from(hex ?? '', 'hex'));
    }),
  );
  // Its tickets tell that the listener has all of the handshake.
  await once(client, 'session');
  return { client, secret };
}

test('a connection that renews its keys without end is closed; one that does so now and then is not', async () => {
  await withListener(
    files,
    async (http) => {
      for (const [count, ends] of [
        [100, false],
        [5000, true],
      ] as const) {
        const { port, upstreams, close } = await between(http.port);
        const { client, secret } = await connected(port);
        const closed = new Promise((resolve) => client.once('close', resolve));
        upstreams[0]?.write(keyUpdates(await secret, count));
        if (ends) await closed;
        else await delay(1000); // some looks
        assert.equal(http.counts.get('connections_closed_error_total') ?? 0, ends ? 1 : 0, `${count} new keys`);
        assert.equal(client.destroyed, ends);
        client.destroy();
        close();
      }
      assert.equal(http.counts.get('handshake_failures_total'), undefined);
    },
    { scheme: 'https' },
  );
});

test('who did so once has its bytes metered from then on: requests go through, and a flood is ended', async () => {
  await withListener(
    files,
    async (http) => {
      for (const flood of [1, 2]) {
        const way = await between(http.port);
        const { client, secret } = await connected(way.port);
        const closed = new Promise((resolve) => client.once('close', resolve));
        way.upstreams[0]?.write(keyUpdates(await secret, 5000));
        await closed;
        assert.equal(http.counts.get('connections_closed_error_total'), flood);
        way.close();
      }
      const { client } = await connected(http.port);
      const lines = 'line\n'.repeat(100_000);
      const head = 'POST /ingest HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nContent-Length: ';
      for (const connection of ['keep-alive', 'close']) {
        const answer = once(client, 'data');
        client.write(`${head}${lines.length}\r\nConnection: ${connection}\r\n\r\n${lines}`);
        assert.match(String((await answer)[0]), /^HTTP\/1\.1 200 [\s\S]*"accepted":100000/);
      }
      if (!client.closed) await once(client, 'close');
      assert.equal(http.delivered.flatMap(({ frames }) => frames).length, 200_000);
      assert.equal(http.delivered[0]?.peer, '127.0.0.1');
      for (let looks = 0; http.counts.get('connections_open') && looks < 500; looks++) await delay(10);
      assert.equal(http.counts.get('connections_open'), 0);
    },
    { scheme: 'https' },
  );
});

test('a request in one record is taken, however long its last byte is on the way', async (t) => {
  await withListener(
    files,
    async (http) => {
      let held: Buffer | null = null;
      const way = await between(http.port, (client, upstream) => {
        client.on('data', (bytes: Buffer) => {
          if (!held) return void upstream.write(bytes);
          const all: Buffer = Buffer.concat([held, bytes]);
          upstream.write(all.subarray(0, -1));
          held = all.subarray(-1);
        });
      });
      const client = connectTls({ port: way.port, rejectUnauthorized: false });
      t.after(() => {
        client.destroy();
        way.close();
      });
      client.on('error', () => {});
      await once(client, 'session');
      held = Buffer.alloc(0);
      // As many bytes as a record may have: nothing of it is HTTP to the listener before the last one.
      const head = 'POST /ingest HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nContent-Length: 16000\r\n';
      client.write(`${head}X: ${'x'.repeat(16_384 - head.length - 7 - 16_000)}\r\n\r\n${'y'.repeat(16_000)}`);
      await delay(1000); // some looks
      assert.deepEqual([held.length, http.delivered.length], [1, 0]);
      assert.equal(client.destroyed, false, 'it is not ended');
      const answer = once(client, 'data');
      way.upstreams[0]?.write(held);
      assert.match(String((await answer)[0]), /^HTTP\/1\.1 200 /);
      assert.equal(http.counts.get('connections_closed_error_total'), undefined);
    },
    { scheme: 'https' },
  );
});
