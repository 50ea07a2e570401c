/** Limits on single senders and on all of them: who is beyond is held back or counted, the others are served. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { source as syslogTcp } from '../../adapters/sources/syslog-tcp/source.js';
import { source as syslogTls } from '../../adapters/sources/syslog-tls/source.js';
import { source as syslogUdp } from '../../adapters/sources/syslog-udp/source.js';
import type { ListenerSpec, SourceType } from '../../engine/contracts.js';
import { projectRoot } from '../../native/load.js';
import { type HarnessSettings, SourceHarness } from './source-harness.js';

const pem = (name: string) => join(projectRoot, 'test/data/tls', name);

/** However it is closed: TLS calls it an error before the handshake. */
const closed = (socket: Duplex) => new Promise((resolve) => socket.once('close', resolve));

interface Kind {
  readonly source: SourceType;
  readonly options: ListenerSpec['options'];
  /** A connection from that address of the loopback. */
  open(port: number, from?: string): Duplex;
}

const kinds: readonly Kind[] = [
  {
    source: syslogTcp,
    options: {},
    open: (port, from = '127.0.0.1') => connect({ port, host: '127.0.0.1', localAddress: from }),
  },
  {
    source: syslogTls,
    options: { certificate: pem('certificate.pem'), key: pem('key.pem') },
    open: (port, from = '127.0.0.1') =>
      connectTls({
        socket: connect({ port, host: '127.0.0.1', localAddress: from }).on('error', () => {}),
        rejectUnauthorized: false,
      }).resume(),
  },
];

for (const { source, options, open } of kinds) {
  const harnessed = (
    name: string,
    own: ListenerSpec['options'],
    settings: HarnessSettings,
    body: (h: SourceHarness, dial: (from?: string) => Duplex) => Promise<void>,
  ) =>
    test(`${source.name}: ${name}`, { timeout: 240_000 }, async () => {
      const h = new SourceHarness(source, { ...options, ...own }, settings);
      const sockets: Duplex[] = [];
      await h.start();
      try {
        await body(h, (from) => {
          const socket = open(h.port, from).on('error', () => {});
          sockets.push(socket);
          return socket;
        });
      } finally {
        for (const socket of sockets) socket.destroy();
        await h.stop();
      }
    });
  const texts = (h: SourceHarness) => h.frames.map(String);

  harnessed(
    'a sender beyond its rate waits and loses nothing; another one goes on',
    { rate_bytes: 65_536, rate_burst_ms: 500 },
    { ringBytes: 1 << 20 },
    async (h, dial) => {
      const lines = 4000;
      const [greedy, modest] = [dial(), dial('127.0.0.2')];
      await h.until(() => h.count('connections_open') === 2);
      for (let n = 0; n < lines; n++) greedy.write(`<13>greedy #${n}# ${'x'.repeat(60)}\n`);
      greedy.end();
      await h.until(() => h.count('rate_pauses_total') > 0);
      modest.end('<13>modest\n');
      await h.until(() => texts(h).includes('<13>modest'));
      assert.ok(h.frames.length < lines, 'the greedy one is not through');
      await h.until(() => h.frames.length === lines + 1);
      const numbers = texts(h).flatMap((text) => /#(\d+)#/.exec(text)?.[1] ?? []);
      assert.deepEqual(numbers.map(Number), [...Array(lines).keys()]);
      assert.equal(h.count('lost_bytes_total'), 0);
    },
  );

  harnessed(
    'connections of one address are limited, of others not',
    { address_connections_max: 2 },
    {},
    async (h, dial) => {
      const first = [dial(), dial()];
      await h.until(() => h.count('connections_open') === 2);
      await closed(dial());
      await h.until(() => h.count('connections_refused_total.address') === 1);
      dial('127.0.0.2').write('<13>other\n');
      await h.until(() => texts(h).includes('<13>other'));
      first[0]?.destroy();
      await h.until(() => h.count('connections_open') === 2);
      dial().write('<13>again\n');
      await h.until(() => texts(h).includes('<13>again'));
      assert.equal(h.count('connections_refused_total'), 1);
    },
  );

  harnessed('connections of the process are limited', {}, { connectionsMax: 2 }, async (h, dial) => {
    dial();
    dial();
    await h.until(() => h.count('connections_open') === 2);
    await closed(dial());
    await h.until(() => h.count('connections_refused_total.total') === 1);
    assert.equal(h.count('handshake_failures_total'), 0);
  });

  harnessed(
    'a message that does not end is cut off, an idle connection and a slow one in time are not',
    { frame_timeout_ms: 3000 }, // longer than this process may stand still on a busy machine
    {},
    async (h, dial) => {
      const idle = dial();
      const steady = dial();
      const slow = dial();
      idle.write('<13>whole\n');
      slow.write('<13>no end');
      const drops = setInterval(() => slow.writable && slow.write('.'), 50);
      let sent = 0;
      const messages = setInterval(() => steady.write(`<13>a\n<13>b${sent++}`), 50);
      await h.until(() => h.count('connections_closed_slow_total') === 1);
      clearInterval(drops);
      clearInterval(messages);
      await h.until(() => texts(h).some((text) => /^<13>no end\.*$/.test(text)));
      assert.equal(h.count('connections_open'), 2);
      assert.ok(texts(h).includes('<13>whole'));
    },
  );

  harnessed('without memory nothing is read nor accepted; with it all arrives', {}, {}, async (h, dial) => {
    const socket = dial();
    socket.write('<13>before\n');
    await h.until(() => h.frames.length === 1);
    h.hold(true);
    for (let n = 0; n < 3000; n++) socket.write(`<13>#${n}# ${'m'.repeat(200)}\n`);
    await closed(dial());
    await h.until(() => h.count('connections_refused_total.memory') === 1);
    await delay(300);
    h.take();
    const held = h.frames.length;
    assert.ok(held < 3000, `${held} frames were read`);
    h.hold(false);
    await h.until(() => h.frames.length === 3001);
    dial().write('<13>after\n');
    await h.until(() => texts(h).includes('<13>after'));
  });
}

test('syslog-udp: datagrams beyond the rate are counted, each; another sender goes on', {
  timeout: 240_000,
}, async () => {
  const h = new SourceHarness(syslogUdp, {
    receive_buffer_bytes: 8 << 20,
    gro: true,
    rate_datagrams: 50,
    rate_burst_ms: 2000,
  });
  await h.start();
  const greedy = createSocket('udp4');
  const modest = createSocket('udp4');
  try {
    await new Promise<void>((resolve) => greedy.bind(0, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => modest.bind(0, '127.0.0.2', resolve));
    const send = (socket: typeof greedy, text: string) =>
      new Promise((resolve) => socket.send(text, h.port, '127.0.0.1', resolve));
    for (let n = 0; n < 3000; n++) {
      await send(greedy, `<13>greedy ${n}`);
      // No faster than they are read: the kernel is to drop none.
      if (n % 100 === 99) await h.until(() => h.count('datagrams_total') > n);
    }
    for (let n = 0; n < 60; n++) await send(modest, `<13>modest ${n}`);
    await h.until(() => h.count('datagrams_total') === 3060);
    await h.until(() => h.frames.length + h.count('dropped_datagrams_total.rate') === 3060);
    const texts = h.frames.map(String);
    assert.equal(texts.filter((text) => text.startsWith('<13>modest')).length, 60);
    assert.ok(texts.length >= 160, 'the burst passes');
    assert.ok(h.count('dropped_datagrams_total.rate') > 1000);
    assert.equal(h.count('kernel_drops_total'), 0);
  } finally {
    greedy.close();
    modest.close();
    await h.stop();
  }
});

test('syslog-tls: a rate by certificate is one for all addresses that show it', { timeout: 240_000 }, async () => {
  const options = { certificate: pem('certificate.pem'), key: pem('key.pem'), client_ca: pem('certificate.pem') };
  const h = new SourceHarness(
    syslogTls,
    { ...options, rate_by: 'certificate', rate_bytes: 65_536, rate_burst_ms: 500 },
    { ringBytes: 1 << 20 },
  );
  await h.start();
  const client = { cert: readFileSync(pem('certificate.pem')), key: readFileSync(pem('key.pem')) };
  const dial = (localAddress: string) =>
    connectTls({
      socket: connect({ port: h.port, host: '127.0.0.1', localAddress }).on('error', () => {}),
      rejectUnauthorized: false,
      ...client,
    }).on('error', () => {});
  try {
    const first = dial('127.0.0.1');
    for (let n = 0; n < 2000; n++) first.write(`<13>first #${n}# ${'x'.repeat(60)}\n`);
    await h.until(() => h.count('rate_pauses_total') > 0);
    const second = dial('127.0.0.2');
    second.write('<13>second 1\n');
    // Its first read is taken, then it waits as the first one does.
    await h.until(() => h.count('rate_pauses_total') > 1);
    first.end();
    second.end('<13>second 2\n');
    await h.until(() => h.frames.length === 2002);
  } finally {
    await h.stop();
  }
});
