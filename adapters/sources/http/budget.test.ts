import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { Budget } from './budget.js';
import { withListener } from './testing.js';

const takeAll = (budget: Budget, sender: string) => {
  let taken = 0;
  while (budget.take(1, sender)) taken++;
  return taken;
};

test('a sender holds no more than it leaves free; what it gives back it may take again', () => {
  const budget = new Budget(1200, 0);
  assert.equal(takeAll(budget, 'a'), 600);
  assert.equal(takeAll(budget, 'b'), 300);
  assert.equal(takeAll(budget, 'c'), 150);
  budget.give(600, 'a');
  assert.equal(takeAll(budget, 'b'), 225, 'b has 525, and 525 are left');
  budget.give(525, 'b');
  budget.give(150, 'c');
  assert.equal(takeAll(budget, 'd'), 600);
});

test('so much is a sender’s in any case, while there is room', () => {
  const budget = new Budget(1000, 800);
  assert.equal(takeAll(budget, 'a'), 800);
  assert.equal(takeAll(budget, 'b'), 200);
  assert.equal(budget.take(1, 'c'), false);
});

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
