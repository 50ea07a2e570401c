import assert from 'node:assert/strict';
import { test } from 'node:test';
import pino from 'pino';
import { queueDepths } from './queue-depths.js';
import { type QueueDepth, QueueWatch } from './queue-watch.js';

type Seen = readonly [stage: QueueDepth['stage'], sink: string, percent: number];

function watchOf(marks: { high: number; low: number }) {
  const lines: { level: number; msg: string }[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  let depths: readonly QueueDepth[] = [];
  const watch = new QueueWatch({ depths: () => depths, marks: () => marks, log });
  const see = (...percents: readonly Seen[]) => {
    depths = percents.map(([stage, sink, percent]) => ({
      stage,
      sink,
      depthBytes: percent,
      capacityBytes: 100,
      fill: percent / 100,
    }));
    watch.check();
    return watch.readings();
  };
  return { see, lines, marks };
}

test('a queue is high from the high mark on until it is below the low one; each change is one line', () => {
  const { see, lines } = watchOf({ high: 80, low: 40 });
  const states = [0, 79, 80, 60, 95, 40, 39, 60, 79, 100].map((percent) => see(['journal', '', percent])[0]);
  assert.deepEqual(
    states.map((state) => state?.high),
    [false, false, true, true, true, true, false, false, false, true],
  );
  assert.equal(states.at(-1)?.raised, 2);
  assert.deepEqual(
    lines.map(({ msg }) => /above the high|below the low/.exec(msg)?.[0]),
    ['above the high', 'below the low', 'above the high'],
  );
});

test('each stage and each sink has a state of its own; new marks count at once', () => {
  const { see, lines, marks } = watchOf({ high: 50, low: 20 });
  const high = (...percents: readonly Seen[]) => see(...percents).map((reading) => reading.high);
  assert.deepEqual(high(['ring', '', 60], ['in_flight', 'a', 60], ['in_flight', 'b', 10]), [true, true, false]);
  assert.deepEqual(high(['ring', '', 10], ['in_flight', 'a', 30], ['in_flight', 'b', 10]), [false, true, false]);
  marks.low = 40;
  assert.deepEqual(high(['ring', '', 10], ['in_flight', 'a', 30], ['in_flight', 'b', 10]), [false, false, false]);
  assert.ok(lines.some(({ msg }) => msg.startsWith('in_flight of a: above')));
});

test('of the rings the fullest counts; without a journal there is no such stage', () => {
  const rings = [10, 90].map((depthBytes, worker) => ({ producer: 0, worker, depthBytes, capacityBytes: 100 }));
  const batches = { name: 'batches', bytes: 400, lowerBy: '' };
  const sinks = [{ id: 'a', inFlightBytes: 3, inFlightBytesMax: 4 }];
  const [ring, open, inFlight] = queueDepths({ rings, openBatchBytes: 100, batches, journal: null, sinks });
  assert.deepEqual([ring?.depthBytes, ring?.capacityBytes, ring?.fill], [100, 200, 0.9]);
  assert.deepEqual([open?.stage, open?.fill], ['batches', 0.25]);
  assert.deepEqual([inFlight?.stage, inFlight?.sink, inFlight?.fill], ['in_flight', 'a', 0.75]);
});
