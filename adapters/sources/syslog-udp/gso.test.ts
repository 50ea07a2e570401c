import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { SourceHarness } from '../../../test/contract/source-harness.js';
import { source } from './source.js';

/** Sends one super-datagram that the kernel takes for datagrams of `segment` bytes (UDP_SEGMENT, Linux 4.18). */
const sender = `
import socket, sys
port, segment, size, times = map(int, sys.argv[1:5])
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
out.connect(('127.0.0.1', port))
out.setsockopt(17, 103, segment)
for time in range(times):
    body = b''.join(b'<13>%03d %05d '.ljust(segment, b'.') % (time % 1000, at // segment) for at in range(0, size, segment))
    out.send(body[:size])
`;

for (const gro of [true, false]) {
  test(`a super-datagram of the sender is its single messages, gro=${gro}`, { timeout: 600_000 }, async (t) => {
    if (spawnSync('python3', ['--version']).status !== 0) {
      t.diagnostic('python3 is not installed: nothing sent');
      return;
    }
    const harness = new SourceHarness(source, { receive_buffer_bytes: 8 << 20, gro });
    await harness.start();
    try {
      for (const [segment, size] of [
        [200, 200 * 60], // whole segments
        [333, 333 * 40 + 57], // the last one is shorter
        [1400, 1400 * 44], // near the most one send may have
        [40, 40], // a single one
      ] as const) {
        harness.frames.length = 0;
        const args = ['-c', sender, harness.port, segment, size, 50].map(String);
        // Beside it what comes is taken: no buffer has to hold all of it.
        const sent = spawn('python3', args, { stdio: ['ignore', 'ignore', 'inherit'] });
        const ended = once(sent, 'close');
        const whole = Math.floor(size / segment);
        const each = [...Array(whole).fill(segment), ...(size % segment === 0 ? [] : [size % segment])];
        await harness.until(() => harness.frames.length >= 50 * each.length);
        assert.deepEqual(await ended, [0, null]);
        assert.deepEqual(
          harness.frames.map((frame) => frame.length),
          Array.from({ length: 50 }, () => each).flat(),
        );
        assert.deepEqual(
          harness.frames.map((frame) => Number(frame.toString().slice(8, 13))),
          Array.from({ length: 50 }, () => each.map((_, i) => i)).flat(),
        );
      }
      assert.equal(harness.count('kernel_drops_total'), 0);
    } finally {
      await harness.stop();
    }
  });
}
