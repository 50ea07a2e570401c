import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wallMs } from './wall-clock.js';

test('the wall clock follows the one that is set, and has fractions', (t) => {
  const near = (expected: number) => assert.ok(Math.abs(wallMs() - expected) < 1000, `${wallMs()} is not ${expected}`);
  near(Date.now());
  assert.ok(Array.from({ length: 100 }, wallMs).some((ms) => ms % 1 !== 0));
  for (const setMs of [Date.now() - 3_600_000, Date.now() + 86_400_000]) {
    t.mock.timers.enable({ apis: ['Date'], now: setMs });
    near(setMs);
    t.mock.timers.reset();
  }
  near(Date.now());
});
