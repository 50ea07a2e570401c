import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { withListener } from './testing.js';

test('an address with many bodies that do not end keeps nobody else out', async () => {
  await withListener({ body_bytes_max: 65536, bodies_bytes_max: 1024 * 1024 }, async (http) => {
    const sockets: Socket[] = [];
    const open = (localAddress: string) => {
      const socket = connect({ port: http.port, host: '127.0.0.1', localAddress }).on('error', () => {});
      sockets.push(socket);
      return socket;
    };
    const head = (bytes: number) => `POST /ingest HTTP/1.1\r\nHost: h\r\nContent-Length: ${bytes}\r\n\r\n`;
    for (let i = 0; i < 20; i++)
      open('127.0.0.1')
        .resume()
        .write(head(65_000) + 'x'.repeat(64_000));
    while (!http.counts.get('requests_refused_total.memory')) await new Promise((resolve) => setTimeout(resolve, 5));
    const other = open('127.0.0.2');
    const answered = new Promise<Buffer>((resolve) => other.once('data', resolve));
    other.write(head(65_000) + 'y'.repeat(65_000));
    assert.match((await answered).toString(), /^HTTP\/1\.1 200 /);
    for (const socket of sockets) socket.destroy();
  });
});
