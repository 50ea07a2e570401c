/** The circuit breakers of the sinks there are. */
import type { Logger } from 'pino';
import { CircuitBreaker } from './breaker.js';

export class Breakers {
  readonly #breakers = new Map<string, CircuitBreaker>();

  constructor(
    private settings: { readonly failures: number; readonly afterMs: number; readonly probeMs: number },
    private readonly log: Logger,
    /** A breaker changed: batches may go, or no more. */
    private readonly onChange: (sinkId: string) => void,
  ) {}

  of(sinkId: string): CircuitBreaker {
    let breaker = this.#breakers.get(sinkId);
    if (breaker === undefined) {
      breaker = new CircuitBreaker({
        ...this.settings,
        onChange: (state) => {
          if (state === 'open') this.log.warn({ sink: sinkId }, `${sinkId} is down: it is tried now and then`);
          if (state === 'closed') this.log.info({ sink: sinkId }, `${sinkId} takes events again`);
          this.onChange(sinkId);
        },
      });
      this.#breakers.set(sinkId, breaker);
    }
    return breaker;
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
