/** Watches a worker's own load and says which level it compresses at now. */
import type { CompressionFigures } from '../../engine/telemetry/compression-block.js';
import { LevelController, type LevelMeasure } from './level-controller.js';

const windowMs = 100;

/** What the worker is asked when a window ends. */
export interface LoadSource {
  /** Microseconds that it has slept so far because there was nothing to do. */
  sleptUs(): number;
  /** What its fullest ring holds unread, over what it may hold. */
  backlog(): number;
}

export class WorkerLevel {
  readonly #controller: LevelController | null;
  #fixed: number;
  #beganMs: number;
  #sleptUs = 0;
  #packingNs = 0;
  #heldMs = 0;
  #changes = 0;

  constructor(
    compression: { readonly level: number | 'auto'; readonly levelMin: number; readonly levelMax: number },
    readonly source: LoadSource,
    readonly figures: CompressionFigures,
    nowMs = performance.now(),
  ) {
    const { level, levelMin, levelMax } = compression;
    this.#controller = level === 'auto' ? new LevelController({ min: levelMin, max: levelMax }) : null;
    this.#fixed = level === 'auto' ? 0 : level;
    this.#beganMs = nowMs;
    this.#sleptUs = source.sleptUs();
    figures.setWorker('level', this.level);
  }

  get level(): number {
    return this.#controller?.level ?? this.#fixed;
  }

  /** Whether it follows the load. */
  get follows(): boolean {
    return this.#controller !== null;
  }

  compressed(nanoseconds: number): void {
    this.#packingNs += nanoseconds;
  }

  /** The worker waited for something else than work: the journal is full or refuses. */
  held(ms: number): void {
    this.#heldMs += ms;
  }

  /** Between batches. @param measured of a level, with the events of now */
  look(measured: (level: number) => LevelMeasure | undefined, nowMs = performance.now()): void {
    const tookMs = nowMs - this.#beganMs;
    if (tookMs < windowMs) return;
    const sleptUs = this.source.sleptUs();
    const idleMs = (sleptUs - this.#sleptUs) / 1000 + this.#heldMs;
    const busy = Math.min(1, Math.max(0, 1 - idleMs / tookMs));
    const packing = Math.min(busy, this.#packingNs / 1e6 / tookMs);
    // What piles up while the journal holds the worker back says nothing of its CPU.
    const backlog = this.#heldMs > 0 ? 0 : this.source.backlog();
    this.#beganMs = nowMs;
    this.#sleptUs = sleptUs;
    this.#packingNs = 0;
    this.#heldMs = 0;
    const before = this.level;
    if (this.#controller?.observe(nowMs, { busy, packing, backlog }, measured) !== before && this.#controller)
      this.#changes++;
    this.figures.setWorker('level', this.level);
    this.figures.setWorker('busy', busy);
    this.figures.setWorker('packing', packing);
    this.figures.setWorker('backlog', backlog);
    this.figures.setWorker('levelChanges', this.#changes);
  }
}
