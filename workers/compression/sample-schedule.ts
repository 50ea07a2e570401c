import { routesMax } from '../../engine/telemetry/compression-block.js';
import type { Samples } from '../../native/frames.js';

/** How often to look whether there are samples enough. */
const pollMs = 1_000;

/** Whose samples are taken next: every route waits for an interval of its own, so that a busy one does not keep others from their turn. */
export class SampleSchedule {
  readonly #dueMs = new Float64Array(routesMax);
  #lookMs = 0;

  constructor(readonly intervalMs: number) {}

  /** The samples of a route whose time has come, `taken` by route; null: none has enough. */
  next(nowMs: number, taken: (route: number) => Samples | null): Samples | null {
    if (nowMs < this.#lookMs) return null;
    for (let route = 0; route < routesMax; route++) {
      const samples = nowMs < (this.#dueMs[route] as number) ? null : taken(route);
      if (samples === null) continue;
      this.#dueMs[route] = nowMs + this.intervalMs;
      return samples;
    }
    this.#lookMs = nowMs + pollMs;
    return null;
  }
}
