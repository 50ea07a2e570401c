import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SampleSchedule } from './sample-schedule.js';

/** Routes taken from `nowMs` on, one after the other, until nobody's turn is left. */
function routes(schedule: SampleSchedule, nowMs: number, ready: readonly number[]): number[] {
  const taken: number[] = [];
  const next = () =>
    schedule.next(nowMs, (route) =>
      ready.includes(route) ? { route, bytes: Buffer.alloc(0), sizes: new Uint32Array() } : null,
    );
  for (let samples = next(); samples !== null; samples = next()) taken.push(samples.route);
  return taken;
}

test('every route has its turn in each interval, however busy the others are', () => {
  const schedule = new SampleSchedule(10_000);
  assert.deepEqual(routes(schedule, 0, [0, 2, 63]), [0, 2, 63]);
  assert.deepEqual(routes(schedule, 999, [1]), [], 'it looks once a second');
  assert.deepEqual(routes(schedule, 1_000, [0, 1, 2]), [1], 'one that comes later does not wait for the others');
  assert.deepEqual(routes(schedule, 10_500, [0, 1, 2]), [0, 2]);
  assert.deepEqual(routes(schedule, 11_500, [0, 1, 2]), [1]);
});
