import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alternate, fromPairs, median } from './figures.js';

test('the median of an even and an odd number of values', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.ok(Number.isNaN(median([])));
});

test('a figure of pairs carries median, spread and the median of the ratios', () => {
  const figure = fromPairs(
    [
      { value: 90, reference: 30 },
      { value: 100, reference: 50 },
      { value: 110, reference: 55 },
    ],
    'events/s',
    'zstd',
  );
  assert.equal(figure.value, 100);
  assert.equal(figure.spread, 0.1);
  assert.equal(figure.ratio, 2);
});

test('value and reference take turns to be first', async () => {
  const order: string[] = [];
  await alternate(
    3,
    () => order.push('value'),
    () => order.push('reference'),
  );
  assert.deepEqual(order, ['value', 'reference', 'reference', 'value', 'value', 'reference']);
});
