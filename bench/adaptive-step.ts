/** The compression level under a load that steps from 30 % to 120 % of what one worker can do, and back. */
import { type Figures, single } from './lib/figures.js';
import { measureCapacity, type StepPlan, stepLoad } from './lib/load-step.js';

/** `adaptive_step_fall_ms`: the whole step when the level did not fall; `_changes`: one way down and one way up the ladder are eight at most. */
export async function benchAdaptiveStep(seconds: StepPlan['seconds'], folder: string): Promise<Figures> {
  const capacity = await measureCapacity(seconds.capacity, folder);
  const seen = await stepLoad(capacity, { seconds, calmLoad: 0.3, stepLoad: 1.2, folder });
  const round = (ms: number, otherwise: string) => (Number.isNaN(ms) ? otherwise : Math.round(ms));
  return {
    adaptive_step_fall_ms: single(Number.isNaN(seen.fallMs) ? seconds.step * 1000 : Math.round(seen.fallMs), 'ms', {
      levels: seen.levels.join(' '),
      capacity_events_per_second: Math.round(seen.capacity),
      overloaded: String(seen.overloaded),
    }),
    adaptive_step_changes: single(seen.changes, 'changes', { back_after_ms: round(seen.backMs, 'not in time') }),
    adaptive_step_lost: single(seen.lost + Math.abs(seen.unaccounted), 'events', { sent: seen.sent }),
  };
}
