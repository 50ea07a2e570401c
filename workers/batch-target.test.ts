import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchTarget } from './batch-target.js';

test('a batch is closed where its compressed form is expected to have the size asked for', () => {
  const target = new BatchTarget(1000, 10_000);
  assert.equal(target.bytes, 1000, 'before anything is known it may not compress at all');
  target.observe(1000, 250);
  assert.equal(target.bytes, 4000);
  target.observe(4000, 100);
  assert.equal(target.bytes, 4000, 'the least ratio of the last ones counts');
  for (let i = 0; i < 8; i++) target.observe(4000, 100);
  assert.equal(target.bytes, 10_000, 'never more than allowed');
  target.observe(4000, 4100);
  assert.equal(target.bytes, 1000, 'what grew is sent as it is');
});
