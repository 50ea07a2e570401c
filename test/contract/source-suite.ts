/**
 * What every source of byte streams keeps to: each event arrives once, nothing is lost when rings are full or the source is
 * stopped, and no peer takes more than its share.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { ListenerSpec, SourceType } from '../../engine/contracts.js';
import { until } from '../support/until.js';
import { messageBytesMax, SourceHarness } from './source-harness.js';

export interface StreamSuite {
  readonly source: SourceType;
  readonly options?: ListenerSpec['options'];
  /** A connection to the source, ready to write. */
  connect(port: number): Promise<Duplex>;
  /** Event `n` as the source's framing has it; the number must show in the text as `#n#`. */
  event(n: number): string;
  /** Connections that stay idle. */
  readonly idleConnections: number;
}

export function testStreamSource(suite: StreamSuite): void {
  const { source } = suite;

  const harnessed = (name: string, options: ListenerSpec['options'], body: (h: SourceHarness) => Promise<void>) =>
    test(`${source.name}: ${name}`, { timeout: 240_000 }, async () => {
      const harness = new SourceHarness(source, { ...suite.options, ...options });
      await harness.start();
      try {
        await body(harness);
      } finally {
        await harness.stop();
      }
    });

  harnessed('events in odd pieces arrive once each', {}, async (h) => {
    const events = 3000;
    const socket = await suite.connect(h.port);
    const text = Array.from({ length: events }, (_, n) => suite.event(n)).join('');
    for (let at = 0, step = 1; at < text.length; at += step, step = (step * 31) % 4999 || 1)
      socket.write(text.slice(at, at + step));
    socket.end();
    await h.until(() => h.frames.length >= events);
    await h.until(() => h.count('connections_open') === 0);
    assert.deepEqual(numbers(h.frames), [...Array(events).keys()]);
    assert.equal(h.count('connections_closed_by_peer_total'), 1);
  });

  harnessed('full rings stop the sender and lose nothing', {}, async (h) => {
    const events = 30_000;
    const socket = await suite.connect(h.port);
    for (let n = 0; n < events; n += 100)
      socket.write(Array.from({ length: 100 }, (_, i) => suite.event(n + i)).join(''));
    socket.end();
    await until('the rings are full', () => h.count('ring_full_total') > 0);
    await h.until(() => h.frames.length >= events, 2);
    assert.deepEqual(numbers(h.frames), [...Array(events).keys()]);
  });

  harnessed('stopping hands over what was read, the unfinished frame too', {}, async (h) => {
    const socket = await suite.connect(h.port);
    socket.on('error', () => undefined);
    socket.write(`${suite.event(0)}${suite.event(1)}`);
    socket.write('unfinished #2#');
    await h.until(() => h.count('partial_frame_bytes') === 14);
    await h.close();
    assert.deepEqual(numbers(h.frames), [0, 1, 2]);
    assert.equal(h.count('lost_bytes_total'), 0);
  });

  harnessed('64 MiB without an end: the start is kept, the rest counted, memory bounded', {}, async (h) => {
    const socket = await suite.connect(h.port);
    const piece = Buffer.alloc(1 << 20, 'z');
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 64; i++) if (!socket.write(piece)) await once(socket, 'drain');
    socket.end(`\n${suite.event(7)}`);
    await h.until(() => h.frames.length === 2);
    assert.equal(h.frames[0]?.length, messageBytesMax);
    assert.deepEqual(numbers(h.frames.slice(1)), [7]);
    assert.equal(h.count('truncated_frames_total'), 1);
    assert.ok(process.memoryUsage().rss - before < 200 << 20);
  });

  harnessed('garbage becomes frames, never an error', {}, async (h) => {
    const socket = await suite.connect(h.port);
    let bytes = 0;
    for (let i = 0, seed = 1; i < 200; i++) {
      const garbage = Buffer.alloc(1 + (i % 700));
      for (let at = 0; at < garbage.length; at++) {
        seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
        garbage[at] = seed >>> 24;
      }
      bytes += garbage.length;
      socket.write(garbage);
    }
    socket.end('\n99999999999 <huge\n4294967295 <13>huge');
    await h.until(() => h.count('connections_closed_by_peer_total') === 1);
    h.take();
    assert.ok(h.frames.length > 50);
    assert.ok(h.frames.reduce((sum, frame) => sum + frame.length, 0) > bytes * 0.9);
    assert.equal(h.count('lost_bytes_total'), 0);
  });

  harnessed('a slow sender is waited for', {}, async (h) => {
    const socket = await suite.connect(h.port);
    for (const character of suite.event(5)) {
      socket.write(character);
      await delay(1);
    }
    await h.until(() => h.frames.length === 1);
    assert.deepEqual(numbers(h.frames), [5]);
    socket.destroy();
  });

  harnessed('too many connections are closed, and counted', { connections_max: 2 }, async (h) => {
    const sockets = [await suite.connect(h.port), await suite.connect(h.port)];
    const refused = suite.connect(h.port).catch(() => undefined);
    await h.until(() => h.count('connections_refused_total') === 1);
    assert.equal(h.count('connections_open'), 2);
    (await refused)?.on('error', () => undefined).destroy();
    for (const socket of sockets) socket.destroy();
  });

  harnessed('idle connections are closed, and counted', { idle_timeout_ms: 200 }, async (h) => {
    const sockets = [await suite.connect(h.port), await suite.connect(h.port)];
    for (const socket of sockets) socket.on('error', () => undefined).resume();
    await h.until(() => h.count('connections_closed_idle_total') === 2);
    for (const socket of sockets) socket.destroy();
  });

  harnessed(`${suite.idleConnections} idle connections cost little`, {}, async (h) => {
    const sockets: Duplex[] = [];
    while (sockets.length < suite.idleConnections)
      sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => suite.connect(h.port)))));
    await h.until(() => h.count('connections_open') === suite.idleConnections);
    sockets.at(-1)?.write(suite.event(1));
    await h.until(() => h.frames.length === 1);
    for (const socket of sockets) socket.destroy();
    await h.until(() => h.count('connections_open') === 0);
  });
}

function numbers(frames: readonly Buffer[]): number[] {
  return frames.map((frame) => Number(/#(\d+)#/.exec(frame.toString('latin1'))?.[1]));
}
