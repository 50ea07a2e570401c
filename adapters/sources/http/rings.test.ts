import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SourceHarness } from '../../../test/contract/source-harness.js';
import { source } from './source.js';

const smallestRingBytes = 1 << 20;

/** Posts while what arrives is taken out of the rings, and so made durable. */
async function post(harness: SourceHarness, body: string, type: string): Promise<{ status: number; text: string }> {
  let answer: { status: number; text: string } | undefined;
  const posting = fetch(`http://127.0.0.1:${harness.port}/ingest`, {
    method: 'POST',
    body,
    headers: { 'content-type': type },
  }).then(async (response) => {
    answer = { status: response.status, text: await response.text() };
  });
  await harness.until(() => answer !== undefined);
  await posting;
  return answer!;
}

test('a body larger than the rings goes through them, each event once', { timeout: 600_000 }, async () => {
  const harness = new SourceHarness(source, {}, { ringBytes: smallestRingBytes });
  await harness.start();
  try {
    const events = Array.from({ length: 30_000 }, (_, n) => `{"n":${n},"pad":"${'p'.repeat(n % 400)}"}`);
    for (const [type, body] of [
      ['application/x-ndjson', events.join('\n')],
      ['application/json', `[${events.join(',')}]`],
    ]) {
      assert.ok(body!.length > 4 * smallestRingBytes);
      harness.frames.length = 0;
      const answer = await post(harness, body!, type!);
      assert.deepEqual(answer, { status: 200, text: '{"accepted":30000}\n' });
      harness.take();
      assert.deepEqual(harness.frames.map(String), events, 'in the order they were sent');
    }
  } finally {
    await harness.stop();
  }
});

test('an event nobody stores is not acknowledged', async () => {
  const harness = new SourceHarness(source, {}, { ringBytes: smallestRingBytes });
  await harness.start();
  try {
    let answered = false;
    const posting = fetch(`http://127.0.0.1:${harness.port}/ingest`, {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    }).then((response) => {
      answered = true;
      return response.status;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(answered, false);
    await harness.until(() => answered);
    assert.equal(await posting, 200);
    assert.deepEqual(harness.frames.map(String), ['{"a":1}']);
  } finally {
    await harness.stop();
  }
});
