/** The real process among thousands of idle connections and senders that mean harm: nothing is lost of who sends as it should. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../native/load.js';
import { PenstockProcess } from '../support/penstock-process.js';
import { Random } from '../support/random.js';

const mebibyte = 1024 * 1024;
const residentMax = 600 * mebibyte;

/** As many idle connections as descriptors allow on either side, 10,000 at most. */
function idleConnections(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const descriptors = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? 1024);
  return Math.min(9_900, descriptors - 600);
}

/** Streams that claim what is not so, or never end. */
function lies(random: Random): Buffer[] {
  const garbage = Buffer.from(Array.from({ length: 50_000 }, () => random.between(0, 255)));
  const counts = ['-5', '0', '007', '99999999999999999999', '4294967296', '2147483647', '65536', '1', ' 12', '12\t'];
  return [
    garbage,
    Buffer.alloc(20_000),
    Buffer.from(counts.map((count) => `${count} <13>1 - - - - - - lie\n`).join('')),
    Buffer.from('999999 <13>a frame that is much shorter than it says'),
    Buffer.from(`2147483647 <13>${'x'.repeat(300_000)}`),
    Buffer.concat(Array.from({ length: 2_000 }, (_, i) => Buffer.from(`${i} `))),
    Buffer.from([0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0x0a]),
    Buffer.from('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'latin1'),
    Buffer.from(
      'POST /ingest HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET',
    ),
    Buffer.from(`GET ${'/'.repeat(100_000)} HTTP/1.1\r\n`),
    Buffer.from(`<13>${'['.repeat(60_000)}\n{"a":${'['.repeat(30_000)}\n`),
  ];
}

test('idle connections by the thousand, garbage and lies: bounded memory, and every honest event', {
  timeout: 900_000,
}, async (t) => {
  const penstock = await PenstockProcess.start({ listen: ['syslog+tcp', 'http', 'syslog+udp'] });
  const [tcp = 0, http = 0, udp = 0] = penstock.ports;
  const sockets = new Set<Socket>();
  const dial = (port: number) => {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.resume().once('close', () => sockets.delete(socket));
    sockets.add(socket);
    return socket;
  };
  const descriptors = () => readdirSync(`/proc/${penstock.child.pid}/fd`).length;
  try {
    const before = descriptors();
    const idle = idleConnections();
    for (let opened = 0; opened < idle; opened += 100) {
      await Promise.all(Array.from({ length: Math.min(100, idle - opened) }, () => once(dial(tcp), 'connect')));
    }
    await penstock.untilMetric('penstock_listener_connections_open', idle);

    const random = new Random(11);
    const datagrams = createSocket('udp4');
    const honest = dial(tcp);
    const events = 20_000;
    let residentMost = 0;
    for (let n = 0; n < events; n++) {
      if (!honest.write(`<13>1 - - - honest - - event ${n}\n`)) await once(honest, 'drain');
      if (n % 1_000 !== 0) continue;
      for (const bytes of lies(random)) {
        for (const port of [tcp, http]) {
          const socket = dial(port);
          socket.write(bytes);
          // Some leave at once, some stay with what they began.
          if (random.between(0, 2) > 0) socket.end();
        }
        datagrams.send(bytes.subarray(0, 60_000), udp, '127.0.0.1');
      }
      const endless = dial(tcp);
      for (let piece = 0; piece < 8; piece++) endless.write(Buffer.alloc(mebibyte, 'z'));
      residentMost = Math.max(residentMost, await penstock.metric('process_resident_memory_bytes'));
    }
    // Lies count as events too: that the honest sender's connection is closed says that all it sent was read.
    const read = once(honest, 'close');
    honest.end();
    await read;
    await penstock.untilMetric('penstock_events_received_total', events);
    residentMost = Math.max(residentMost, await penstock.metric('process_resident_memory_bytes'));
    t.diagnostic(`${idle} idle connections, ${Math.round(residentMost / mebibyte)} MiB resident at the most`);
    assert.ok(residentMost < residentMax, `${Math.round(residentMost / mebibyte)} MiB`);
    assert.equal((await fetch(`http://127.0.0.1:${penstock.adminPort}/health/ready`)).status, 200);

    for (const socket of sockets) socket.destroy();
    datagrams.close();
    const open = () => penstock.metric('penstock_listener_connections_open');
    await penstock.until('no connection is open', async () => (await open()) === 0);
    assert.equal(await penstock.metric('penstock_listener_partial_frame_bytes'), 0);
    await penstock.until(`descriptors are as before (${before})`, () => descriptors() <= before + 20);
    assert.equal(await penstock.metric('penstock_unaccounted_events'), 0);

    assert.equal(await penstock.stop(), 0);
    assert.doesNotMatch(penstock.output, /UNACCOUNTED/);
    const sql = "SELECT count(*) AS n, count(DISTINCT message) AS d FROM events WHERE message LIKE 'event %'";
    const args = ['query', '--data', join(penstock.directory, 'data'), '--format', 'csv', sql];
    const query = spawnSync(join(projectRoot, 'bin/penstock'), args, { encoding: 'utf8' });
    assert.match(query.stdout, new RegExp(`^${events},${events}$`, 'm'), query.stdout + query.stderr);
  } finally {
    for (const socket of sockets) socket.destroy();
    await penstock.dispose();
  }
});
