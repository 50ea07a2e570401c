import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureLossless } from './lossless.js';

const search = { from: 50_000, most: 3_200_000, within: 1.05, pairs: 3 };
const reference = { name: 'one', measure: () => 1 };

test('what a trial bore but the measurement did not is lowered until nothing is lost', async () => {
  let runs = 0;
  const run = async (rate: number) => {
    runs++;
    // From the tenth run on it bears a fifth less.
    const lost = Math.max(0, rate - (runs < 10 ? 300_000 : 240_000));
    return { lost, perSecond: rate, eventsPerCpuSecond: 1000 };
  };
  const { details, value } = await measureLossless(search, run, reference);
  assert.equal(value, 1000);
  assert.equal(details?.lost, 0);
  assert.equal(details?.limited_by, 'loss');
  const rate = Number(details?.datagrams_per_second);
  assert.ok(rate <= 240_000 && rate > 200_000, `${rate}`);
});

test('says so when the generator is what limits', async () => {
  const run = async (rate: number) => ({ lost: 0, perSecond: Math.min(rate, 150_000), eventsPerCpuSecond: 1 });
  const { details } = await measureLossless(search, run, reference);
  assert.equal(details?.limited_by, 'generator');
  assert.equal(details?.datagrams_per_second, 150_000);
});

test('refuses when even the lowest rate loses', async () => {
  const run = async (rate: number) => ({ lost: 1, perSecond: rate, eventsPerCpuSecond: 1 });
  await assert.rejects(measureLossless(search, run, reference), /lost at 50000\/s already/);
});
