import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { SourceHarness } from '../../../test/contract/source-harness.js';
import { source } from './source.js';
import { withListener } from './testing.js';

test('what one connection sends keeps its order, through however many bodies and workers', {
  timeout: 600_000,
}, async () => {
  const harness = new SourceHarness(source, {}, { ringBytes: 1 << 20 });
  await harness.start();
  const clients = 4;
  const bodies = 12;
  const perBody = 3000;
  try {
    let done = 0;
    const posting = Array.from({ length: clients }, async (_, client) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let body = 0; body < bodies; body++) {
        const lines = Array.from(
          { length: perBody },
          (_, i) => `${client} ${body * perBody + i} ${'x'.repeat(i % 300)}`,
        );
        await post(agent, harness.port, lines.join('\n'));
      }
      agent.destroy();
      done++;
    });
    await harness.until(() => done === clients);
    await Promise.all(posting);
    harness.take();
    const next = new Array<number>(clients).fill(0);
    for (const frame of harness.frames) {
      const [client = 0, number] = frame.toString().split(' ').map(Number);
      assert.equal(number, next[client]);
      next[client]!++;
    }
    assert.deepEqual(next, new Array(clients).fill(bodies * perBody));
  } finally {
    await harness.stop();
  }
});

test('pipelined requests hand over in their order, though the first takes longer to decompress', async () => {
  await withListener({}, async (http) => {
    const large = gzipSync(Array.from({ length: 100_000 }, (_, i) => `first ${i} ${Math.sin(i)}`).join('\n'));
    const head = (length: number, more: string) =>
      `POST /ingest HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nContent-Length: ${length}\r\n${more}\r\n`;
    const bytes = Buffer.concat([
      Buffer.from(head(large.length, 'Content-Encoding: gzip\r\n')),
      large,
      Buffer.from(`${head(6, 'Connection: close\r\n')}second`),
    ]);
    const { text } = await http.raw(bytes, 20_000);
    assert.deepEqual(text.match(/"accepted":\d+/g), ['"accepted":100000', '"accepted":1']);
    const frames = http.delivered.flatMap((delivered) => delivered.frames);
    assert.equal(frames.length, 100_001);
    assert.equal(frames.at(-1), 'second');
  });
});

function post(agent: Agent, port: number, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'text/plain' };
    const sent = request({ agent, port, host: '127.0.0.1', path: '/ingest', method: 'POST', headers }, (response) => {
      response
        .resume()
        .on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`${response.statusCode}`))));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
