import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { bytesOfTurn, Meter, MeteredSocket } from './metering.js';

test('all that are metered together get so much a turn, each its share, in order and to the end', async () => {
  const meter = new Meter();
  const ways = [0, 1, 2].map(() => {
    const below = new PassThrough({ highWaterMark: 1 << 20 });
    return { below, socket: new MeteredSocket(below as unknown as Socket, meter), got: [] as Buffer[] };
  });
  const sent = ways.map((_, n) => Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * (n + 3)) % 251)));
  const total = () => ways.reduce((sum, { got }) => sum + Buffer.concat(got).length, 0);
  const ends = ways.map(({ below, socket, got }, n) => {
    socket.on('data', (bytes: Buffer) => got.push(bytes));
    below.end(sent[n]);
    return once(socket, 'end');
  });
  let before = 0;
  while (before < 900_000) {
    await nextTurn();
    const now = total();
    assert.ok(now - before <= bytesOfTurn, `${now - before} bytes in a turn`);
    before = now;
    const each = ways.map(({ got }) => Buffer.concat(got).length);
    if (Math.min(...each) < 250_000)
      assert.ok(Math.max(...each) - Math.min(...each) <= 2 * bytesOfTurn, `shares of ${each}`);
  }
  await Promise.all(ends);
  for (const [n, { got, socket }] of ways.entries()) {
    assert.ok(Buffer.concat(got).equals(sent[n] as Buffer));
    assert.equal(socket.bytesRead, 300_000);
  }
});

test('one that is gone takes no turn, and what it held is let go', async () => {
  const meter = new Meter();
  const below = new PassThrough({ highWaterMark: 1 << 20 });
  const socket = new MeteredSocket(below as unknown as Socket, meter);
  let got = 0;
  socket.on('data', (bytes: Buffer) => {
    got += bytes.length;
    socket.destroy();
  });
  below.write(Buffer.alloc(100_000));
  await once(socket, 'close');
  await nextTurn();
  assert.equal(got, bytesOfTurn);
  assert.equal(below.destroyed, true);
});
