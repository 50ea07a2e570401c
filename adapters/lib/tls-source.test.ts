import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { ListenerSpec } from '../../engine/contracts.js';
import { projectRoot } from '../../native/load.js';
import { SourceHarness } from '../../test/contract/source-harness.js';
import { refuseCertificate } from '../../test/support/tls-alert.js';
import { source } from '../sources/syslog-tls/source.js';
import { tlsSettings } from './tls-options.js';

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
    assert.equal(h.count('handshake_failures_total.certificate'), 4);
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
    assert.equal(h.count('handshake_failures_total.timeout'), 2);
    assert.equal(h.count('handshake_failures_total.not_tls'), 1);
    // Who shakes hands in time is served as ever.
    await sendLine(h.port, 'in time');
    await h.until(() => h.frames.length === 1);
    await delay(2200);
    assert.equal(h.count('handshake_failures_total'), 3);
  });
});

test('older than TLS 1.2 is refused', async () => {
  await withTls({}, async (h) => {
    await sendLine(h.port, 'old', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    await h.until(() => h.count('handshake_failures_total.unsupported') === 1 && h.count('connections_open') === 0);
    assert.equal(h.frames.length, 0);
  });
});

test('a sender that does not trust the certificate, and one that goes, are told apart', async () => {
  await withTls({}, async (h) => {
    await refuseCertificate(h.port);
    await h.until(() => h.count('handshake_failures_total.alert') === 1);
    const leaver = connect(h.port, '127.0.0.1').on('error', () => {});
    leaver.end(Buffer.from([0x16]));
    await h.until(() => h.count('handshake_failures_total.closed') === 1);
    assert.equal(h.count('handshake_failures_total'), 2);
  });
});

test('a handshake is not begun again; what was sent before is kept, others are served', async () => {
  await withTls({}, async (h) => {
    const options = { port: h.port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.2' } as const;
    const again = connectTls(options);
    await once(again, 'secureConnect');
    again.write('before\n');
    await h.until(() => h.frames.length === 1);
    // Node tells it by the callback or as the socket's error, as the client's library takes it.
    const refusal = new Promise<Error | null>((resolve) => {
      again.on('error', resolve);
      again.renegotiate({}, resolve);
    });
    assert.match(String(await refusal), /no.renegotiation/i);
    again.destroy();
    await sendLine(h.port, 'after');
    await h.until(() => h.frames.length === 2 && h.count('connections_open') === 0);
    assert.deepEqual(h.frames.map(String), ['before', 'after']);
  });
});

test('no session is taken up again: every connection shows its certificate', async () => {
  await withTls({ client_ca: path('certificate.pem') }, async (h) => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const options = {
        port: h.port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
        minVersion: version,
        maxVersion: version,
        ...pair(''),
      };
      const first = connectTls(options).on('error', () => {});
      let tickets = 0;
      first.on('session', (session) => (tickets += session.length > 0 && version === 'TLSv1.3' ? 1 : 0));
      await once(first, 'secureConnect');
      const session = first.getSession();
      first.end('first\n');
      await once(first.resume(), 'close');
      const second = connectTls({ ...options, ...(session && { session }) }).on('error', () => {});
      await once(second, 'secureConnect');
      assert.equal(second.isSessionReused(), false);
      assert.equal(tickets, 0);
      second.end('second\n');
      await once(second.resume(), 'close');
    }
    await h.until(() => h.frames.length === 4);
  });
});

test('records of a byte and of 16 KiB, and what comes with the end of the handshake', async () => {
  await withTls({}, async (h) => {
    const socket = connectTls({ port: h.port, host: '127.0.0.1', rejectUnauthorized: false }).on('error', () => {});
    socket.write('at once\n'); // goes with the client's last message of the handshake
    await h.until(() => h.frames.length === 1);
    socket.setNoDelay(true);
    for (const character of `${'s'.repeat(600)}\n`) socket.write(character);
    socket.end(`${`${'b'.repeat(999)}\n`.repeat(2000)}no end`);
    await h.until(() => h.frames.length === 2003 && h.count('connections_open') === 0);
    const sizes = h.frames.map((frame) => frame.length);
    assert.deepEqual(sizes, [7, 600, ...Array(2000).fill(999), 6]);
    assert.equal(h.count('connections_closed_by_peer_total'), 1);
  });
});

test('a crowd of handshakes and who is through beside it are all served', async () => {
  // Time enough on a machine that has little of it.
  await withTls({ handshake_timeout_ms: 200_000 }, async (h) => {
    const steady = connectTls({ port: h.port, host: '127.0.0.1', rejectUnauthorized: false }).on('error', () => {});
    await once(steady, 'secureConnect');
    const crowd = Array.from({ length: 300 }, (_, n) => sendLine(h.port, `crowd ${n}`));
    let sent = 0;
    const messages = setInterval(() => steady.write(`steady ${sent++}\n`), 5);
    await h.until(() => h.frames.filter((frame) => frame.toString().startsWith('crowd')).length === 300);
    clearInterval(messages);
    await Promise.all(crowd);
    steady.end();
    await h.until(() => h.frames.length === 300 + sent && h.count('connections_open') === 0);
    assert.equal(h.count('handshake_failures_total'), 0);
  });
});

test('a wrong certificate is told with the listener and what to do, before anything is opened', () => {
  for (const [options, code] of [
    [{ certificate: path('certificate.pem'), key: path('other-key.pem') }, 'TLS_FILES_INVALID'],
    [{ certificate: path('SOURCES.md'), key: path('key.pem') }, 'TLS_FILES_INVALID'],
    [{ ...files, client_ca: path('SOURCES.md') }, 'TLS_FILES_INVALID'],
    [{ ...files, client_ca: path('none.pem') }, 'TLS_FILE_UNREADABLE'],
    [{ certificate: path('certificate.pem') }, 'TLS_FILE_MISSING'],
  ] as const) {
    const listener = { index: 0, url: 'syslog+tls://:6514', scheme: 'syslog+tls', host: '', port: 6514, options };
    assert.throws(
      () => tlsSettings(listener),
      (error: { code?: string; message: string }) => error.code === code && error.message.includes(listener.url),
    );
  }
});
