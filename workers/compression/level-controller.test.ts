import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LevelController, type LevelMeasure, levelLadder } from './level-controller.js';

const windowMs = 100;
/** Time of a level beside level 1, as this worker meets it. */
const trueCost: Record<number, number> = { [-5]: 0.5, [-3]: 0.6, [-1]: 0.75, 1: 1, 3: 1.6, 6: 4 };
interface Simulated {
  readonly levels: number[];
  /** Windows with a backlog. */
  late: number;
}

/** A worker: what comes in as a share of what it could do at level 1; what it cannot do waits, up to a full ring. */
class SimulatedWorker {
  readonly #controller: LevelController;
  readonly #measures = new Map<number, LevelMeasure>();
  #nowMs = 0;
  #waiting = 0;

  constructor(
    bounds = { min: -5, max: 6 },
    readonly saves = 0.1,
    readonly packingShare = 0.8,
  ) {
    this.#controller = new LevelController(bounds);
  }

  run(seconds: number, load: (second: number) => number): Simulated {
    const out: Simulated = { levels: [], late: 0 };
    const { packingShare } = this;
    for (let i = 0; i < (seconds * 1000) / windowMs; i++) {
      const { level } = this.#controller;
      const eventCost = 1 - packingShare + packingShare * (trueCost[level] as number);
      const work = (load((i * windowMs) / 1000) + this.#waiting) * eventCost;
      const busy = Math.min(1, work);
      this.#waiting = Math.min(2, Math.max(0, work - 1) / eventCost);
      this.#measures.set(level, {
        nanosecondsPerByte: trueCost[level] as number,
        share: 0.2 * (1 - this.saves) ** levelLadder.indexOf(level as 1),
      });
      this.#nowMs += windowMs;
      const packing = (busy * packingShare * (trueCost[level] as number)) / eventCost;
      const observed = { busy, packing, backlog: this.#waiting / 2 };
      out.levels.push(this.#controller.observe(this.#nowMs, observed, (each) => this.#measures.get(each)));
      if (this.#waiting > 0) out.late++;
    }
    return out;
  }
}

function steps(levels: readonly number[]): number {
  return levels.filter((level, i) => i > 0 && level !== levels[i - 1]).length;
}

const steady: { name: string; load: number; level: number }[] = [
  { name: 'idle: the most thorough', load: 0.02, level: 6 },
  { name: 'a little', load: 0.1, level: 6 },
  { name: 'a third', load: 0.3, level: 3 },
  { name: 'half', load: 0.5, level: 1 },
  { name: 'busy, but not too much: normal', load: 0.8, level: 1 },
  { name: 'a little too much for the normal level', load: 1.05, level: -1 },
  { name: 'far too much', load: 3, level: -5 },
];

for (const { name, load, level } of steady) {
  test(`steady load ${load * 100} %: ${name}`, () => {
    const worker = new SimulatedWorker();
    worker.run(60, () => load);
    const later = worker.run(600, () => load);
    assert.equal(later.levels.at(-1), level);
    assert.ok(steps(later.levels) <= 4, `${steps(later.levels)} steps in ten minutes of the same load`);
  });
}

test('from 30 % to 120 % and back: falls within a second, stays, catches up, comes back', () => {
  const worker = new SimulatedWorker();
  assert.equal(worker.run(60, () => 0.3).levels.at(-1), 3);
  const pressed = worker.run(60, () => 1.2);
  const firstSecond = pressed.levels.slice(0, 1000 / windowMs);
  assert.ok((firstSecond.at(-1) as number) < 1, `level ${firstSecond.at(-1)} after a second`);
  const after = pressed.levels.slice(20);
  assert.ok(steps(after) <= 2, `no going to and fro: ${after.join(' ')}`);
  assert.ok(pressed.late <= 20, `the backlog is worked off: ${pressed.late} windows`);
  const back = worker.run(60, () => 0.3);
  assert.equal(back.levels.at(-1), 3);
  assert.ok(steps(back.levels) <= 4);
});

test('a load that swings quicker than it can follow is met from below', () => {
  const worker = new SimulatedWorker();
  const run = worker.run(600, (second) => (second % 10 < 5 ? 0.1 : 1.1));
  // Ten seconds each way, sixty times: without the growing patience it would step at each.
  assert.ok(steps(run.levels.slice(3000)) <= 60, `${steps(run.levels.slice(3000))} steps in the second half`);
});

test('levels that save nothing are not stayed at', () => {
  const worker = new SimulatedWorker({ min: -5, max: 6 }, 0.001);
  const run = worker.run(120, () => 0.05);
  assert.ok((run.levels.at(-1) as number) <= 3);
});

test('a level that saves nothing is passed over when there is room for the next', () => {
  const controller = new LevelController({ min: 1, max: 6 });
  const shares: Record<number, number> = { 1: 0.165, 3: 0.168, 6: 0.154 };
  const measured = (level: number) => ({ nanosecondsPerByte: level, share: shares[level] as number });
  const seen = new Set<number>();
  for (let ms = 0; ms < 60_000; ms += 100)
    seen.add(controller.observe(ms, { busy: 0.05, packing: 0.04, backlog: 0 }, measured));
  assert.deepEqual([[...seen], controller.level], [[1, 3, 6], 6]);
});

test('where compression is a small part of the work, more bytes would free no time: it stays at the normal level', () => {
  const { levels } = new SimulatedWorker(undefined, 0.1, 0.04).run(60, (second) => (second < 30 ? 0.3 : 1.2));
  assert.equal(levels.at(250), 6);
  assert.deepEqual([...new Set(levels.slice(310))], [1]);
});

test('keeps to its bounds', () => {
  for (const bounds of [
    { min: 1, max: 3 },
    { min: -1, max: 1 },
    { min: 6, max: 6 },
    { min: 4, max: 5 },
  ]) {
    const worker = new SimulatedWorker(bounds);
    for (const load of [0.01, 2, 0.01]) {
      if (bounds.min === 4) continue;
      for (const level of worker.run(30, () => load).levels) assert.ok(level >= bounds.min && level <= bounds.max);
    }
    const { level } = new LevelController(bounds);
    assert.ok(level >= bounds.min && level <= bounds.max, 'from the start');
  }
});
