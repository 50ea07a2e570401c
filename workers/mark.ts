/** How far a worker's lane and its count of committed events have got; told between groups, when the two agree. */
import { readdirSync } from 'node:fs';
import { type Pipeline, pipelineLayout } from '../native/pipeline.js';
import type { WorkerMark, WorkerPlan } from './plan.js';

export function workerMark(plan: WorkerPlan, pipeline: Pick<Pipeline, 'committedPlace'>): WorkerMark {
  const counter = pipelineLayout().stats.indexOf('events_committed');
  const committedEvents = Number(new BigUint64Array(plan.stats)[counter]);
  if (plan.lane === null) return { committedEvents, position: null };
  const { lane, directory } = plan.lane;
  const [segment, offset] = pipeline.committedPlace();
  if (segment > 0) return { committedEvents, position: { lane, segment, offset } };
  // Nothing committed by this pipeline yet, which begins with a segment of its own: all there is comes before.
  const segments = readdirSync(directory).filter((name) => name.endsWith('.seg'));
  const newest = Math.max(0, ...segments.map((name) => Number.parseInt(name, 16)));
  return { committedEvents, position: { lane, segment: newest, offset: Number.MAX_SAFE_INTEGER } };
}

/** The marks of all workers as one. */
export function totalMark(marks: readonly WorkerMark[]): {
  readonly committedEvents: number;
  /** The last batch of each lane. */
  readonly positions: readonly NonNullable<WorkerMark['position']>[];
} {
  return {
    committedEvents: marks.reduce((sum, mark) => sum + mark.committedEvents, 0),
    positions: marks.flatMap(({ position }) => position ?? []),
  };
}
