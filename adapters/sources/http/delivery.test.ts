import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Feeder } from '../../../engine/contracts.js';
import { RingFull } from '../../../engine/errors.js';
import { deliverAll } from './delivery.js';
import { Refusal } from './refusal.js';

const ready = () => true;
const pieces = (count: number) => Array.from({ length: count }, (_, i) => ({ bytes: Uint8Array.of(i), count: 10 }));
const body = (count: number) => ({ framing: 'line', format: 'json', pieces: pieces(count) }) as const;

/** A feeder with room for `room` pieces at a time, each durable after `ms`; `deliver` may fail a piece by its number. */
function feederOf(room: number, ms: number, failing: (piece: number) => Error | undefined = () => undefined) {
  const taken: number[] = [];
  let held = 0;
  const feeder = {
    async deliver(_connection: number, _framing: string, bytes: Uint8Array) {
      if (held >= room) throw new RingFull();
      held++;
      taken.push(bytes[0]!);
      await new Promise((resolve) => setTimeout(resolve, ms));
      held--;
      const error = failing(bytes[0]!);
      if (error) throw error;
    },
  } as unknown as Feeder;
  return { feeder, taken };
}

test('every piece goes once and in order, whatever room there is', async () => {
  for (const room of [1, 2, 3, 100]) {
    const { feeder, taken } = feederOf(room, 2);
    assert.equal(await deliverAll(body(20), { feeder, connection: 0, ready }), 200);
    assert.deepEqual(
      taken,
      Array.from({ length: 20 }, (_, i) => i),
      `room for ${room}`,
    );
  }
});

test('no room from the start is 429 with nothing accepted', async () => {
  const { feeder } = feederOf(0, 1);
  await assert.rejects(deliverAll(body(3), { feeder, connection: 0, ready }), refusal(429, 0));
});

test('no room in the middle is 429 with what is durable', async () => {
  let calls = 0;
  const feeder = {
    deliver: () => (++calls > 3 ? Promise.reject(new RingFull()) : Promise.resolve()),
  } as unknown as Feeder;
  await assert.rejects(deliverAll(body(9), { feeder, connection: 0, ready }), refusal(429, 30));
});

test('a failure tells how much of the start is durable', async () => {
  const { feeder, taken } = feederOf(100, 2, (piece) => (piece === 5 ? new Error('disk') : undefined));
  await assert.rejects(deliverAll(body(20), { feeder, connection: 0, ready }), refusal(503, 50));
  assert.ok(taken.length <= 9, 'what follows the failed piece is at most what was in flight');
});

test('an engine that stops taking events answers what is durable', async () => {
  const { feeder } = feederOf(100, 1);
  let left = 3;
  await assert.rejects(deliverAll(body(9), { feeder, connection: 0, ready: () => left-- > 0 }), refusal(503, 30));
});

function refusal(status: number, accepted: number) {
  return (error: unknown) => {
    assert.ok(error instanceof Refusal);
    assert.deepEqual([error.status, error.accepted], [status, accepted]);
    return true;
  };
}
