import assert from 'node:assert/strict';
import { test } from 'node:test';
import { every, untilNext } from './every.js';

test('the next call is at the next multiple of the interval; one that came early counts', () => {
  for (const [ms, nowMs, left] of [
    [250, 0, 250],
    [250, 1_000.4, 249.6],
    [250, 1_180, 70],
    [250, 1_249, 251],
    [1_000, 1_999.5, 1_000.5],
    [1_000, 2_001, 999],
  ] as const)
    assert.ok(Math.abs(untilNext(ms, nowMs) - left) < 1e-6, `${ms} at ${nowMs}`);
});

test('it goes on until it is ended, also from within', async () => {
  let calls = 0;
  await new Promise<void>((resolve) => {
    const end = every(4, () => {
      if (++calls < 3) return;
      end();
      resolve();
    });
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(calls, 3);
});
