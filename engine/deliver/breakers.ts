/** The circuit breakers of the sinks there are. */
import type { Logger } from 'pino';
import { CircuitBreaker } from './breaker.js';

/** An outage is said when it begins and when it ends, and in between as often as this: a probe that fails is no news. */
const remindMs = 60_000;

export class Breakers {
  readonly #breakers = new Map<string, CircuitBreaker>();
  readonly #outages = new Map<string, { readonly sinceMs: number; saidMs: number }>();

  constructor(
    private settings: { readonly failures: number; readonly afterMs: number; readonly probeMs: number },
    private readonly log: Logger,
    /** A breaker changed: batches may go, or no more. */
    private readonly onChange: (sinkId: string) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  of(sinkId: string): CircuitBreaker {
    let breaker = this.#breakers.get(sinkId);
    if (breaker === undefined) {
      breaker = new CircuitBreaker({
        ...this.settings,
        now: this.now,
        onChange: (state) => {
          if (state === 'open') this.#down(sinkId);
          if (state === 'closed') this.#up(sinkId);
          this.onChange(sinkId);
        },
      });
      this.#breakers.set(sinkId, breaker);
    }
    return breaker;
  }

  #down(sinkId: string): void {
    const now = this.now();
    const outage = this.#outages.get(sinkId);
    if (outage === undefined) {
      this.#outages.set(sinkId, { sinceMs: now, saidMs: now });
      this.log.warn({ sink: sinkId }, `${sinkId} is down: it is tried now and then`);
    } else if (now - outage.saidMs >= remindMs) {
      outage.saidMs = now;
      const down_s = Math.round((now - outage.sinceMs) / 1000);
      this.log.warn({ sink: sinkId, down_s }, `${sinkId} is still down, for ${down_s} s`);
    }
  }

  #up(sinkId: string): void {
    const outage = this.#outages.get(sinkId);
    this.#outages.delete(sinkId);
    const down_s = outage && Math.round((this.now() - outage.sinceMs) / 1000);
    this.log.info({ sink: sinkId, down_s }, `${sinkId} takes events again`);
  }

  /** Other thresholds, for those that are there too. */
  take(settings: { readonly failures: number; readonly afterMs: number; readonly probeMs: number }): void {
    this.settings = settings;
    for (const breaker of this.#breakers.values()) breaker.take(settings);
  }

  /** The sink was removed, or replaced by another of its name, for which nothing has failed yet. */
  renew(sinkId: string): void {
    this.#breakers.get(sinkId)?.succeeded();
  }
}
