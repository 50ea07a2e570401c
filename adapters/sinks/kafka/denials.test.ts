import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Denials } from './denials.js';

test('a denied topic is given up after the wait, when another takes batches meanwhile', () => {
  const denials = new Denials(1000);
  denials.delivered('b', 0);
  assert.equal(denials.forGood('a', 10), false);
  assert.equal(denials.forGood('a', 1010), false, 'nothing was delivered to b since');
  denials.delivered('b', 1020);
  assert.equal(denials.forGood('a', 1021), true);
  denials.delivered('a', 1030);
  assert.equal(denials.forGood('a', 1040), false, 'it begins anew');
});

test('alone, or with 0, it waits for ever', () => {
  const alone = new Denials(1000);
  alone.forGood('a', 0);
  assert.equal(alone.forGood('a', 1e9), false);
  const forEver = new Denials(0);
  forEver.forGood('a', 0);
  forEver.delivered('b', 5);
  assert.equal(forEver.forGood('a', 1e9), false);
});
