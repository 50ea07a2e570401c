import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createRingInspector } from '../../native/io.js';
import { patienceMs, until } from '../../test/support/until.js';
import type { ListenerSpec } from '../contracts.js';
import { IoStats } from './io-stats.js';
import { NativeReceivers } from './receivers.js';
import { createDoorbell, createRing } from './rings.js';

const spec = (scheme: string): ListenerSpec => ({
  index: 0,
  url: `${scheme}://127.0.0.1:0`,
  scheme,
  host: '127.0.0.1',
  port: 0,
  options: {},
});

function world(options: { ringBytes?: number; threads?: number; workers?: number; partialBytesMax?: number } = {}) {
  const { ringBytes = 1 << 20, threads = 1, workers = 1 } = options;
  const rings = Array.from({ length: threads }, () => Array.from({ length: workers }, () => createRing(ringBytes)));
  const stats = new IoStats(threads + 1, 2);
  const receivers = new NativeReceivers({
    listeners: 2,
    messageBytesMax: 8192,
    ...(options.partialBytesMax === undefined ? {} : { partialBytesMax: options.partialBytesMax }),
    rings,
    doorbells: Array.from({ length: workers }, createDoorbell),
    stats,
  });
  const inspectors = rings.flat().map(createRingInspector);
  const frames: Buffer[] = [];
  /** Takes chunks until `done`. */
  async function take(done: () => boolean, perTurn = Number.POSITIVE_INFINITY): Promise<void> {
    for (const until = Date.now() + patienceMs; !done(); await delay(1)) {
      assert.ok(Date.now() < until, `timed out with ${frames.length} frames; ${JSON.stringify(stats.read(0))}`);
      for (const inspector of inspectors) {
        for (let i = 0; i < perTurn; i++) {
          const chunk = inspector.next();
          if (chunk === null) break;
          for (const frame of chunk.frames) frames.push(frame);
        }
        inspector.release();
      }
    }
  }
  return { receivers, stats, frames, take, inspectors };
}

test('TCP: events in odd pieces over many connections arrive once each, in order', async () => {
  const { receivers, stats, frames, take } = world({ threads: 2, workers: 2, ringBytes: 1 << 18 });
  const port = receivers.listenTcp(spec('syslog+tcp'), { framing: 'syslog', connectionsMax: 100, idleTimeoutMs: 0 });
  const connections = 8;
  const events = 2000;
  for (let c = 0; c < connections; c++) {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    for (let i = 0; i < events; i++) {
      const message = `<13>1 - - - - - - ${c}:${i} ${'x'.repeat(i % 300)}`;
      text += i % 2 === 0 ? `${message}\n` : `${message.length} ${message}`;
    }
    for (let at = 0, step = 1; at < text.length; at += step, step = (step * 7 + c) % 5000 || 1)
      socket.write(text.slice(at, at + step));
    socket.end();
  }
  await take(() => frames.length >= connections * events, 2);
  const next = new Array<number>(connections).fill(0);
  for (const frame of frames) {
    const [c = 0, i] = /(\d+):(\d+)/.exec(frame.toString())!.slice(1).map(Number);
    assert.equal(i, next[c]);
    next[c]!++;
  }
  assert.equal(frames.length, connections * events);
  await take(() => stats.value(0, 'connections_open') === 0);
  assert.equal(stats.value(0, 'connections_accepted_total'), connections);
  assert.equal(stats.value(0, 'connections_closed_by_peer_total'), connections);
  assert.equal(stats.value(0, 'partial_frame_bytes'), 0);
  await receivers.close(0);
  receivers.stop();
});

test('UDP: datagrams arrive once each; an empty one is only counted', async () => {
  const { receivers, stats, frames, take } = world({ threads: 2, workers: 2 });
  const port = receivers.listenUdp(spec('syslog+udp'), { receiveBufferBytes: 1 << 22, gro: true });
  const socket = createSocket('udp4');
  const send = (text: string) => new Promise((resolve) => socket.send(text, port, '127.0.0.1', resolve));
  for (let i = 0; i < 1000; i++) {
    await send(`<13>event ${i}`);
    // No faster than they are read: the kernel is to drop none.
    if (i % 100 === 99) await take(() => stats.value(0, 'datagrams_total') > i);
  }
  await send('');
  await send('y'.repeat(9000));
  await take(() => frames.length >= 1001 && stats.value(0, 'empty_datagrams_total') === 1);
  assert.equal(new Set(frames.map(String)).size, 1001);
  assert.equal(frames.at(-1)?.length, 8192);
  assert.equal(stats.value(0, 'truncated_frames_total'), 1);
  assert.equal(stats.value(0, 'datagrams_total'), 1002);
  assert.equal(stats.value(0, 'kernel_drops_total'), 0);
  socket.close();
  await receivers.close(0);
  receivers.stop();
});

test('TCP: a full ring stops reading and loses nothing; a line without end takes bounded memory', async () => {
  const { receivers, stats, frames, take } = world({ ringBytes: 1 << 17 });
  const port = receivers.listenTcp(spec('ndjson+tcp'), { framing: 'line', connectionsMax: 100, idleTimeoutMs: 0 });
  const socket = connect(port, '127.0.0.1');
  const events = 20_000;
  for (let i = 0; i < events; i++) socket.write(`{"n":${i},"pad":"${'p'.repeat(200)}"}\n`);
  await until('the ring is full', () => stats.value(0, 'ring_full_total') > 0);
  await take(() => frames.length >= events, 3);
  assert.deepEqual(
    frames.map((frame) => JSON.parse(frame.toString()).n),
    Array.from({ length: events }, (_, i) => i),
  );
  frames.length = 0;
  const endless = Buffer.alloc(1 << 20, 'z');
  for (let i = 0; i < 64; i++) await new Promise((resolve) => socket.write(endless, resolve));
  socket.end('\n{"n":"last"}');
  await take(() => frames.length >= 2);
  assert.deepEqual([frames[0]?.length, frames[1]?.toString()], [8192, '{"n":"last"}']);
  assert.equal(stats.value(0, 'discarded_bytes_total'), 64 * (1 << 20) - 8192 + 1);
  await receivers.close(0);
  receivers.stop();
});

test('TCP: limits, idle time-out and the ceiling of partial frames close connections, counted', async () => {
  const { receivers, stats, frames, take } = world({ partialBytesMax: 20_000 });
  const port = receivers.listenTcp(spec('syslog+tcp'), { framing: 'syslog', connectionsMax: 4, idleTimeoutMs: 3000 });
  const sockets = Array.from({ length: 6 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  await take(() => stats.value(0, 'connections_refused_total') === 2);
  for (const socket of sockets) socket.write('a'.repeat(6000));
  await take(() => stats.value(0, 'connections_closed_memory_total') === 1);
  await take(() => stats.value(0, 'connections_closed_idle_total') === 3);
  // What they had sent is kept.
  await take(() => frames.length === 4);
  assert.equal(stats.value(0, 'connections_open'), 0);
  await receivers.close(0);
  receivers.stop();
});

test('listening where somebody listens says what to do', async () => {
  const { receivers } = world();
  const settings = { framing: 'syslog', connectionsMax: 4, idleTimeoutMs: 0 } as const;
  const port = receivers.listenTcp(spec('syslog+tcp'), settings);
  assert.throws(() => receivers.listenTcp({ ...spec('syslog+tcp'), index: 1, port }, settings), {
    code: 'LISTEN_ADDRESS_IN_USE',
  });
  await receivers.close(0);
  receivers.stop();
});
