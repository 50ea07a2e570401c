import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AdaptiveLinger } from './adaptive-linger.js';

function after(linger: AdaptiveLinger, sink: string, ms: number, times = 200): number {
  for (let i = 0; i < times; i++) linger.observe(sink, ms);
  return linger.ms;
}

test('events wait longer for their batch where delivery is slow, within bounds', () => {
  const linger = new AdaptiveLinger(5, 50);
  assert.equal(linger.ms, 5);
  assert.equal(after(linger, 'kafka', 4), 5);
  assert.equal(Math.round(after(linger, 'kafka', 100)), 25);
  assert.equal(after(linger, 'kafka', 60_000), 50);
  assert.equal(after(linger, 'kafka', 4, 500), 5, 'and comes back');
});

test('the quickest sink decides', () => {
  const linger = new AdaptiveLinger(5, 50);
  after(linger, 'slow', 10_000);
  assert.equal(after(linger, 'quick', 8), 5);
  linger.forget('quick');
  assert.equal(linger.ms, 50);
});

test('equal bounds switch it off', () => {
  assert.equal(after(new AdaptiveLinger(5, 5), 'kafka', 1000), 5);
});
