/** The crash test can fail: each defect it looks for, planted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findKey, KeyCounts, keyText } from './event-keys.js';
import type { Load } from './load.js';
import { killKinds, planCycle } from './plan.js';
import { verify } from './verify.js';

/** Ten events over HTTP (stream 0), of which eight are acknowledged, and ten over TCP (stream 1). */
const load = {
  http: [{ stream: 0, acknowledged: [[0, 3] as [number, number], [5, 10] as [number, number]], sentAgain: 0 }],
  tcp: [{ stream: 1, sent: 10, sentBytes: 1000 }],
} as unknown as Load;

function counts(http: readonly number[], tcp: readonly number[]): KeyCounts {
  const found = new KeyCounts();
  for (const number of http) found.add({ stream: 0, number });
  for (const number of tcp) found.add({ stream: 1, number });
  return found;
}

const acknowledged = [0, 1, 2, 5, 6, 7, 8, 9];
const firstSix = [0, 1, 2, 3, 4, 5];

test('what is promised and no more: no failure, and the loss window is measured', () => {
  const verdict = verify(load, counts([...acknowledged, 3], firstSix), counts([1], [2]));
  assert.deepEqual(verdict.failures, []);
  assert.deepEqual([verdict.acknowledged, verdict.tcpKept, verdict.lossWindowBytesMax], [8, 6, 400]);
});

test('each defect is found', () => {
  const fails = (found: KeyCounts, journaled = new KeyCounts()) => verify(load, found, journaled).failures.join();
  assert.match(fails(counts(acknowledged.slice(1), firstSix)), /^1 acknowledged events are not in the sink: 0\.0$/);
  assert.match(
    fails(counts([...acknowledged, 9], firstSix)),
    /^1 events are in the sink more than once: 0\.9 \(2 times\)$/,
  );
  assert.match(
    fails(counts([...acknowledged, 3, 3], firstSix)),
    /more than once/,
    'also one that was not acknowledged',
  );
  assert.match(
    fails(counts(acknowledged, [0, 1, 3])),
    /^1 TCP connections lost events before others .* 1: 3 without 2$/,
  );
  assert.match(fails(counts(acknowledged, firstSix), counts([], [7])), /^1 events that were in the journal .* 1\.7$/);
});

test('keys are found in whatever bytes surround them', () => {
  const bytes = Buffer.concat([Buffer.from([0, 255]), Buffer.from(`x ${keyText(7, 1234)} ${keyText(8, 0)}`)]);
  const first = findKey(bytes);
  assert.deepEqual(first?.key, { stream: 7, number: 1234 });
  assert.deepEqual(findKey(bytes, first?.end)?.key, { stream: 8, number: 0 });
  assert.equal(findKey(Buffer.from('crash')), null);
});

test('a seed gives the same plan each time, and the first cycles go through every kind', () => {
  const plans = (seed: number) => Array.from({ length: 30 }, (_, cycle) => planCycle(seed, cycle, killKinds));
  assert.deepEqual(plans(5), plans(5));
  assert.notDeepEqual(plans(5), plans(6));
  assert.equal(
    new Set(
      plans(5)
        .slice(0, killKinds.length)
        .map(({ kind }) => kind),
    ).size,
    killKinds.length,
  );
});
