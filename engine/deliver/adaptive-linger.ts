/** An event waits for its batch at most this part of what delivering it takes anyway. */
const partOfLatency = 1 / 4;
const smoothing = 1 / 16;

/**
 * How long events wait for their batch to fill: `minMs` while sinks answer quickly; longer, up to `maxMs`, where the quickest of them takes
 * so long that fewer and larger batches cost its events little. A sink that is slow alone, or down, changes nothing for the others.
 */
export class AdaptiveLinger {
  readonly #latencyMs = new Map<string, number>();

  constructor(
    readonly minMs: number,
    readonly maxMs: number,
  ) {}

  /** The same with other bounds. */
  within(minMs: number, maxMs: number): AdaptiveLinger {
    const other = new AdaptiveLinger(minMs, maxMs);
    for (const [sink, ms] of this.#latencyMs) other.#latencyMs.set(sink, ms);
    return other;
  }

  /** A sink acknowledged a batch `ms` after its last event was received. */
  observe(sink: string, ms: number): void {
    const before = this.#latencyMs.get(sink) ?? ms;
    this.#latencyMs.set(sink, before + (ms - before) * smoothing);
  }

  /** The sink is no more. */
  forget(sink: string): void {
    this.#latencyMs.delete(sink);
  }

  get ms(): number {
    const quickest = Math.min(...this.#latencyMs.values()); // Infinity: none has acknowledged anything
    if (!Number.isFinite(quickest)) return this.minMs;
    return Math.min(this.maxMs, Math.max(this.minMs, quickest * partOfLatency));
  }
}
