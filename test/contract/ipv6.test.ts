/** Every kind of listener on IPv6, and an IPv6 listener for all addresses met by IPv4. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { request } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { source as http } from '../../adapters/sources/http/source.js';
import { source as syslogTcp } from '../../adapters/sources/syslog-tcp/source.js';
import { source as syslogTls } from '../../adapters/sources/syslog-tls/source.js';
import { source as syslogUdp } from '../../adapters/sources/syslog-udp/source.js';
import type { ListenerSpec, SourceType } from '../../engine/contracts.js';
import { projectRoot } from '../../native/load.js';
import { SourceHarness } from './source-harness.js';

const pem = (name: string) => join(projectRoot, 'test/data/tls', name);
const tls = { certificate: pem('certificate.pem'), key: pem('key.pem') };
const line = '<13>1 - - - - - - from afar\n';

interface Case {
  readonly source: SourceType;
  readonly scheme: string;
  readonly options?: ListenerSpec['options'];
  send(port: number, host: string): Promise<unknown>;
}

const cases: readonly Case[] = [
  {
    source: syslogUdp,
    scheme: 'syslog+udp',
    async send(port, host) {
      const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
      await new Promise((resolve) => socket.send(line.trim(), port, host, resolve));
      socket.close();
    },
  },
  {
    source: syslogTcp,
    scheme: 'syslog+tcp',
    send: async (port, host) => once(connect(port, host).end(line), 'close'),
  },
  {
    source: syslogTls,
    scheme: 'syslog+tls',
    options: tls,
    send: async (port, host) =>
      once(
        connectTls({ port, host, rejectUnauthorized: false })
          .on('data', () => {})
          .end(line),
        'close',
      ),
  },
  {
    source: http,
    scheme: 'http',
    send: (port, host) =>
      fetch(`http://${host.includes(':') ? `[${host}]` : host}:${port}/ingest`, { method: 'POST', body: line }),
  },
  {
    source: http,
    scheme: 'https',
    options: tls,
    send: async (port, host) => {
      const sent = request({ port, host, path: '/ingest', method: 'POST', rejectUnauthorized: false, agent: false });
      const [answer] = await once(sent.end(line), 'response');
      answer.resume();
      assert.equal(answer.statusCode, 200);
    },
  },
];

for (const { source, scheme, options = {}, send } of cases) {
  for (const [listen, target] of [
    ['::1', '::1'],
    ['::', '::1'],
    ['::', '127.0.0.1'],
  ] as const) {
    test(`${scheme} on [${listen}] takes an event from ${target}`, { timeout: 240_000 }, async () => {
      const harness = new SourceHarness(source, options, { host: listen, scheme, ringBytes: 1 << 20 });
      await harness.start();
      try {
        let sent = false;
        const sending = send(harness.port, target).then(() => {
          sent = true;
        });
        await harness.until(() => sent && harness.frames.length > 0);
        await sending;
        assert.deepEqual(harness.frames.map(String), [line.trim()]);
        // Datagrams name their senders one by one; an IPv4 sender is shown as IPv4 on a socket for both.
        if (scheme !== 'syslog+udp') assert.deepEqual([...harness.peers], [target]);
      } finally {
        await harness.stop();
      }
    });
  }
}
