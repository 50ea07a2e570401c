import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { ListenerSpec } from '../../engine/contracts.js';
import { projectRoot } from '../../native/load.js';
import { SourceHarness } from '../../test/contract/source-harness.js';
import { source } from '../sources/syslog-tls/source.js';

const path = (name: string) => join(projectRoot, 'test/data/tls', name);
const files = { certificate: path('certificate.pem'), key: path('key.pem') };
const pair = (name: string) => ({
  cert: readFileSync(path(`${name}certificate.pem`)),
  key: readFileSync(path(`${name}key.pem`)),
});

async function withTls(options: ListenerSpec['options'], use: (harness: SourceHarness) => Promise<void>) {
  const harness = new SourceHarness(source, { ...files, ...options });
  await harness.start();
  try {
    await use(harness);
  } finally {
    await harness.stop();
  }
}

/** Sends one line; resolves when the connection is closed, whoever closed it. */
async function sendLine(port: number, text: string, options: ConnectionOptions = {}): Promise<void> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  socket.on('error', () => {});
  socket.resume();
  socket.end(`${text}\n`);
  await new Promise((resolve) => socket.once('close', resolve));
}

test('client certificates: required, of the right authority, in every version of TLS', async () => {
  await withTls({ client_ca: path('certificate.pem') }, async (h) => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const only = { minVersion: version, maxVersion: version };
      await sendLine(h.port, `absent ${version}`, only);
      await sendLine(h.port, `stranger ${version}`, { ...only, ...pair('other-') });
      await sendLine(h.port, `known ${version}`, { ...only, ...pair('') });
    }
    await h.until(() => h.frames.length >= 2 && h.count('connections_open') === 0);
    assert.deepEqual(h.frames.map(String), ['known TLSv1.2', 'known TLSv1.3']);
    assert.equal(h.count('handshake_failures_total'), 4);
    assert.equal(h.count('connections_closed_by_peer_total'), 2);
  });
});

test('without client_ca a client certificate is not asked for', async () => {
  await withTls({}, async (h) => {
    await sendLine(h.port, 'no certificate');
    await sendLine(h.port, 'any certificate', pair('other-'));
    await h.until(() => h.frames.length === 2);
    assert.equal(h.count('handshake_failures_total'), 0);
  });
});

test('a handshake that does not end is cut off: no bytes, a byte now and then, garbage', async () => {
  await withTls({ handshake_timeout_ms: 2000 }, async (h) => {
    const silent = connect(h.port, '127.0.0.1').on('error', () => {});
    const dribbling = connect(h.port, '127.0.0.1').on('error', () => {});
    const garbage = connect(h.port, '127.0.0.1').on('error', () => {});
    for (const socket of [silent, dribbling, garbage]) socket.resume();
    // Not events.once: that rejects where the close is a reset.
    const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));
    const allClosed = Promise.all([silent, dribbling, garbage].map(closed));
    garbage.write('GET / HTTP/1.1\r\n\r\n');
    // The start of a true ClientHello record of 512 bytes, then its bytes one by one: it would take minutes.
    dribbling.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc]));
    const drops = setInterval(() => dribbling.writable && dribbling.write(Buffer.from([0])), 50).unref();
    await allClosed;
    clearInterval(drops);
    await h.until(() => h.count('handshake_failures_total') === 3 && h.count('connections_open') === 0);
    // Who shakes hands in time is served as ever.
    await sendLine(h.port, 'in time');
    await h.until(() => h.frames.length === 1);
    await delay(2200);
    assert.equal(h.count('handshake_failures_total'), 3);
  });
});
