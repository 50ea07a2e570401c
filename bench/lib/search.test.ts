import assert from 'node:assert/strict';
import { test } from 'node:test';
import { highestRate } from './search.js';

const search = { from: 50_000, most: 3_200_000, within: 1.08 };
const limit = (limit: number, asked: number[] = []) =>
  highestRate(search, async (rate) => asked.push(rate) > 0 && rate <= limit);

test('finds the limit to within the factor asked for', async () => {
  for (const actual of [50_000, 137_000, 399_999, 400_000, 2_000_000]) {
    const found = await limit(actual);
    assert.ok(found <= actual && actual < found * 1.09, `${actual}: ${found}`);
  }
});

test('says 0 when the first rate fails, and the last one when none does', async () => {
  const asked: number[] = [];
  assert.equal(await limit(10_000, asked), 0);
  assert.deepEqual(asked, [50_000]);
  assert.equal(await limit(1e9), 3_200_000);
});
