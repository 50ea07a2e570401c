/**
 * What compression does to the events of one route: by level its time and what it leaves, and whether it is worth trying at all.
 * Plain numbers, made once: nothing is allocated per batch.
 */
import { type LevelMeasure, levelLadder } from './level-controller.js';

/** Batches from which on a route is known to be incompressible without being tried; it is, once in so many. */
const refusalsMax = 64;
/** How much the last batch counts. */
const newest = 0.2;

export class RouteMeasures {
  readonly #measures = new Map<number, { nanosecondsPerByte: number; share: number }>();
  /** Batches in a row that did not shrink enough. */
  #refusals = 0;
  #untilTried = 0;

  measured(level: number): LevelMeasure | undefined {
    return this.#measures.get(level);
  }

  /** The most thorough of the ladder's levels up to `level` that takes `budgetMs` for so many bytes; never below the normal one for that. */
  affordable(level: number, bytes: number, budgetMs: number): number {
    for (let i = levelLadder.length - 1; i >= 0; i--) {
      const each = levelLadder[i] as number;
      if (each <= 1 || each > level) continue;
      const known = this.#measures.get(each);
      if (!known || known.nanosecondsPerByte * bytes <= budgetMs * 1e6) return each;
    }
    return Math.min(level, 1);
  }

  /** Whether the next batch is to be tried, after what came of the last ones. */
  worthTrying(): boolean {
    if (this.#untilTried === 0) return true;
    this.#untilTried--;
    return false;
  }

  /** The batch was, or looked, not worth it: the more of them in a row, the fewer are tried. */
  refused(): void {
    this.#refusals = Math.min(refusalsMax, Math.max(1, 2 * this.#refusals));
    this.#untilTried = this.#refusals - 1;
  }

  /** A batch of `bytes` became `packed` at this level in so many nanoseconds. */
  packed(level: number, bytes: number, packed: number, nanoseconds: number): void {
    this.#refusals = 0;
    const share = packed / bytes;
    const nanosecondsPerByte = nanoseconds / bytes;
    const known = this.#measures.get(level);
    if (!known) {
      this.#measures.set(level, { nanosecondsPerByte, share });
      return;
    }
    known.nanosecondsPerByte += newest * (nanosecondsPerByte - known.nanosecondsPerByte);
    known.share += newest * (share - known.share);
  }
}
