/** A load that steps up and back down again, and what the engine's own choice of a compression level makes of it. */
import { setTimeout as delay } from 'node:timers/promises';
import { withEngine } from '../e2e.js';
import { inputFile } from '../inputs/inputs.js';
import { delivered } from './drained.js';
import { type Engine, send } from './engine.js';
import { LevelWatch, type Watched } from './level-watch.js';

export interface StepPlan {
  /** Of load, whole ones: to measure the capacity, before the step, in it, and after it at most. */
  readonly seconds: { readonly capacity: number; readonly calm: number; readonly step: number; readonly after: number };
  /** Load before and after the step, and in it, over the capacity. */
  readonly calmLoad: number;
  readonly stepLoad: number;
  /** Where inputs are written to. */
  readonly folder: string;
}

export interface StepSeen extends Watched {
  /** Events a second that one worker can do at level 1. */
  readonly capacity: number;
  readonly sent: number;
  readonly lost: number;
  readonly unaccounted: number;
}

const listen = { scheme: 'syslog+tcp', deliver: 'null' } as const;
const oneWorker = { PENSTOCK_WORKERS: '1' };
const connections = 4;

/** What one worker takes in a second at level 1, the level of the bench's engines. */
export async function measureCapacity(seconds: number, folder: string): Promise<number> {
  return withEngine({ ...listen, env: oneWorker }, async (engine) => {
    const began = performance.now();
    const { sent } = await sendTo(engine, folder, { seconds });
    await delivered(engine, sent);
    return (sent * 1000) / (performance.now() - began);
  });
}

/** Steps from a part of the capacity to more than it and back, with the level left to the engine. */
export async function stepLoad(capacity: number, plan: StepPlan): Promise<StepSeen> {
  const env = { ...oneWorker, PENSTOCK_COMPRESSION_LEVEL: 'auto' };
  return withEngine({ ...listen, env }, async (engine) => {
    const { seconds, calmLoad, folder } = plan;
    const done = new AbortController();
    const watch = new LevelWatch(engine);
    const base = sendTo(engine, folder, {
      rate: Math.round(capacity * calmLoad),
      seconds: seconds.calm + seconds.step + seconds.after,
      signal: done.signal,
    });
    await delay(seconds.calm * 1000);
    await watch.untilNormal();
    const extra = await watch.during(
      sendTo(engine, folder, { rate: Math.round(capacity * (plan.stepLoad - calmLoad)), seconds: seconds.step }),
    );
    await watch.untilBack(seconds.after * 1000);
    done.abort();
    const sent = (await base).sent + extra.sent;
    const metrics = await delivered(engine, sent);
    const lost = sent - metrics.sum('penstock_events_delivered_total');
    const unaccounted = metrics.sum('penstock_unaccounted_events');
    return { capacity, sent, lost, unaccounted, ...watch.seen() };
  });
}

function sendTo(
  engine: Engine,
  folder: string,
  { signal, ...load }: { readonly seconds: number; readonly rate?: number; readonly signal?: AbortSignal },
) {
  return send(`syslog+tcp://${engine.address}`, { file: inputFile('syslog', folder), connections, ...load }, signal);
}
