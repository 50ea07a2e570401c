/** What each cycle of the crash test does, from the seed and the cycle's number alone. */
import { Random } from '../support/random.js';

export const killKinds = ['steady', 'start', 'backlog', 'rotation', 'drain', 'double', 'doubt', 'compaction'] as const;

/**
 * - steady: while events flow, a random time after it was ready
 * - start: a random time after the process was started, ready or not
 * - backlog: the sink is away, so that much is left; killed, and again while the next run delivers it
 * - rotation: at the moment a new segment file appears
 * - drain: a random time after SIGTERM
 * - double: killed, and the next two runs as well while they start
 * - doubt: the sink stands still with requests in its sockets, and comes back while the next run asks what it has
 * - compaction: while the store compacts; the engine, the compaction or both
 */
export type KillKind = (typeof killKinds)[number];

export interface CyclePlan {
  readonly cycle: number;
  readonly kind: KillKind;
  /** From the moment its kind names to the kill. */
  readonly delayMs: number;
  /** For the kills that follow the first one. */
  readonly laterDelaysMs: readonly [number, number];
  /** Environment of the process in this cycle. */
  readonly env: Readonly<Record<string, string>>;
  /** Of the generators of load. */
  readonly loadSeed: number;
}

const delays: Readonly<Record<KillKind, readonly [number, number]>> = {
  steady: [50, 900],
  start: [20, 1800],
  backlog: [100, 500],
  rotation: [0, 4],
  drain: [0, 400],
  double: [50, 400],
  doubt: [20, 200],
  compaction: [0, 600],
};

/** The first cycles go through every kind, so that a short run has all of them. */
export function planCycle(seed: number, cycle: number, kinds: readonly [KillKind, ...KillKind[]]): CyclePlan {
  const random = new Random(Math.imul(seed, 2_654_435_761) ^ Math.imul(cycle + 1, 40_503));
  for (let i = 0; i < 4; i++) random.next();
  const kind = cycle < 2 * kinds.length ? (kinds[cycle % kinds.length] as KillKind) : random.pick(kinds);
  const [low, high] = delays[kind];
  const durability = random.pick(['flush', 'fsync']);
  return {
    cycle,
    kind,
    delayMs: random.between(low, high),
    laterDelaysMs: [random.between(20, 700), random.between(20, 400)],
    env: {
      PENSTOCK_DURABILITY: durability,
      PENSTOCK_FSYNC_INTERVAL_MS: String(random.pick([1, 10, 50])),
      PENSTOCK_LINGER_MS: String(random.pick([1, 5, 20])),
      PENSTOCK_COMPRESSION: kind === 'rotation' ? 'none' : random.pick(['zstd', 'lz4', 'none']),
      PENSTOCK_WORKERS: String(random.pick([1, 2, 2, 3])),
      PENSTOCK_RECEIVERS: String(random.pick([1, 2])),
      // On, off and on again: what an earlier run gave priority is delivered by one that gives none.
      PENSTOCK_PRIORITY: random.pick(['', 'severity<=warning', 'severity<=warning, source=http']),
    },
    loadSeed: random.between(1, 2 ** 31 - 1),
  };
}

export function describePlan({ cycle, kind, delayMs, env }: CyclePlan): string {
  return `cycle ${cycle}: ${kind} + ${delayMs} ms, ${env.PENSTOCK_DURABILITY}, ${env.PENSTOCK_COMPRESSION}, ${env.PENSTOCK_WORKERS} workers, priority ${env.PENSTOCK_PRIORITY || 'none'}`;
}
