import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createRingInspector } from '../../native/io.js';
import { until } from '../../test/support/until.js';
import { RingFull } from '../errors.js';
import { RingFeeder } from './feeder.js';
import { IoStats } from './io-stats.js';
import { createDoorbell, createRing } from './rings.js';

// The feeder alone keeps no event loop alive: sockets and requests do.
const alive = setInterval(() => undefined, 1000);
after(() => clearInterval(alive));

function world(ringBytes = 1 << 17) {
  const ring = createRing(ringBytes);
  const stats = new IoStats(1, 1);
  const doorbells = [createDoorbell()];
  const feeder = new RingFeeder({ listeners: 1, messageBytesMax: 4096, rings: [ring], doorbells, stats });
  return { feeder, stats, inspector: createRingInspector(ring) };
}

test('a body is acknowledged when its chunk is released as durable, and refused when there is no room', async () => {
  const { feeder, inspector, stats } = world();
  const settled: number[] = [];
  const connection = feeder.open(0, 'line', '192.0.2.1');
  const body = Buffer.alloc(30_000, 'x');
  const promises: Promise<unknown>[] = [];
  for (let i = 0; i < 3; i++) {
    promises.push(feeder.deliver(connection, 'line', body, 'json').then(() => settled.push(i)));
  }
  await assert.rejects(
    (async () => {
      for (;;) await Promise.race([feeder.deliver(connection, 'line', body), delay(1)]);
    })(),
    RingFull,
  );
  const first = inspector.next();
  assert.deepEqual([first?.size, first?.peer, first?.format, first?.framing], [30_000, '192.0.2.1', 2, 1]);
  await delay(20);
  assert.deepEqual(settled, []);
  inspector.release();
  await promises[0];
  assert.deepEqual(settled, [0]);
  inspector.next();
  inspector.next();
  inspector.release();
  await Promise.all(promises);
  assert.deepEqual(settled, [0, 1, 2]);
  assert.ok(stats.value(0, 'ring_full_total') > 0);
  feeder.stop();
});

test('a stream is cut into frames; a full ring keeps one write and says when there is room', async () => {
  const { feeder, inspector } = world();
  const stream = feeder.open(0, 'syslog', '2001:db8::1');
  const events = 5000;
  const text = Buffer.from(Array.from({ length: events }, (_, i) => `<13>event ${i} ${'y'.repeat(i % 90)}\n`).join(''));
  const frames: string[] = [];
  const take = () => {
    for (let chunk = inspector.next(); chunk !== null; chunk = inspector.next())
      for (const frame of chunk.frames) frames.push(frame.toString());
    inspector.release();
  };
  const timer = setInterval(take, 5);
  let waits = 0;
  for (let at = 0, step = 7; at < text.length; at += step, step = ((step * 13) % 30_000) + 1) {
    await new Promise<void>((resolve) => {
      if (feeder.write(stream, text.subarray(at, at + step), resolve)) return resolve();
      waits++;
    });
  }
  feeder.close(stream);
  await until('all is taken', () => frames.length >= events);
  clearInterval(timer);
  take();
  assert.ok(waits > 0);
  assert.equal(frames.length, events);
  for (const [i, frame] of frames.entries()) assert.ok(frame.startsWith(`<13>event ${i} `));
  feeder.stop();
});
