/**
 * A circuit breaker: says when a sink that fails again and again may be tried, so that what is down is asked now and then
 * instead of always, and everybody sees that it is. After Nygard, "Release It!".
 *
 *   closed ── failures, and no success for a while ──► open ── time over ──► half_open ── success ──► closed
 *                                                       ▲                        └─ failure ─┐
 *                                                       └────────────────────────────────────┘
 */
import type { Breaker } from '../contracts.js';

export const breakerStates = ['closed', 'open', 'half_open'] as const;
export type BreakerState = (typeof breakerStates)[number];

export interface BreakerSettings {
  /** Failures in a row before it opens … */
  readonly failures: number;
  /** … and the time without success: the election of a leader must not open it. */
  readonly afterMs: number;
  /** Between two probes of an open one; half of it is left to chance, so that nodes do not probe together. */
  readonly probeMs: number;
  readonly onChange?: (state: BreakerState) => void;
  readonly now?: () => number;
  readonly random?: () => number;
}

export class CircuitBreaker implements Breaker {
  #settings: BreakerSettings;
  readonly #now: () => number;
  #state: BreakerState = 'closed';
  #failures = 0;
  #failingSinceMs = 0;
  /** Open: when the next probe may go. Half open: when the probe counts as lost. */
  #untilMs = 0;
  /** Times it opened. */
  opened = 0;

  constructor(settings: BreakerSettings) {
    this.#settings = settings;
    this.#now = settings.now ?? (() => performance.now());
  }

  /** Other thresholds, from the next failure or probe on. */
  take(thresholds: Pick<BreakerSettings, 'failures' | 'afterMs' | 'probeMs'>): void {
    this.#settings = { ...this.#settings, ...thresholds };
  }

  get state(): BreakerState {
    return this.#state;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#change('closed');
  }

  failed(): void {
    if (this.#failures++ === 0) this.#failingSinceMs = this.#now();
    if (this.#state === 'half_open') this.#open();
    const { failures, afterMs } = this.#settings;
    if (this.#state === 'closed' && this.#failures >= failures && this.#now() - this.#failingSinceMs >= afterMs) {
      this.opened++;
      this.#open();
    }
  }

  waitMs(): number {
    if (this.#state === 'closed') return 0;
    const left = this.#untilMs - this.#now();
    if (left > 0) return left;
    // Whoever asks first when the time is over is the probe; the others wait for what becomes of it.
    this.#untilMs = this.#now() + this.#settings.probeMs;
    this.#change('half_open');
    return 0;
  }

  #open(): void {
    const { probeMs, random = Math.random } = this.#settings;
    this.#untilMs = this.#now() + probeMs * (0.5 + 0.5 * random());
    this.#change('open');
  }

  #change(state: BreakerState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#settings.onChange?.(state);
  }
}
