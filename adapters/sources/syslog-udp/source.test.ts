import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { test } from 'node:test';
import { SourceHarness } from '../../../test/contract/source-harness.js';
import { source } from './source.js';

test('syslog-udp: every datagram is one event; what waits when the source is stopped is handed over', async () => {
  const harness = new SourceHarness(source, { receive_buffer_bytes: 4 << 20, gro: true });
  await harness.start();
  const socket = createSocket('udp4');
  const send = (text: string) => new Promise((resolve) => socket.send(text, harness.port, '127.0.0.1', resolve));
  const events = 2000;
  for (let n = 0; n < events; n++) await send(`<13>line one of #${n}#\nline two`);
  await harness.stop();
  assert.equal(harness.frames.length, events);
  assert.equal(new Set(harness.frames.map(String)).size, events);
  assert.equal(harness.count('datagrams_total'), events);
  assert.equal(harness.count('kernel_drops_total') + harness.count('lost_datagrams_total'), 0);
  socket.close();
});

test('syslog-udp: full rings leave datagrams to the socket, and what it drops is counted', async () => {
  const harness = new SourceHarness(source, { receive_buffer_bytes: 64 << 10, gro: false }, { ringBytes: 1 << 17 });
  await harness.start();
  const socket = createSocket('udp4');
  const send = (text: string) => new Promise((resolve) => socket.send(text, harness.port, '127.0.0.1', resolve));
  const events = 3000;
  for (let n = 0; n < events; n++) await send(`<13>#${n}# ${'d'.repeat(500)}`);
  await harness.until(() => harness.frames.length + harness.count('kernel_drops_total') === events);
  assert.ok(harness.count('kernel_drops_total') > 0);
  await harness.stop();
  socket.close();
});
