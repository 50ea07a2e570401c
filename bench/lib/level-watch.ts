/** Follows the compression level of an engine's one worker while its load changes. */
import type { Engine } from './engine.js';
import type { Metrics } from './metrics.js';
import { until } from './process.js';

export interface Watched {
  /** From when the additional senders were connected until the level was lower than before them; NaN: it never was. */
  readonly fallMs: number;
  /** From when they had sent all until the level was back at 1 or above; NaN: not in time. */
  readonly backMs: number;
  /** Of the level, from their first connection until it was back. */
  readonly changes: number;
  /** Every level in that time, in turn, beginning with the one before. */
  readonly levels: readonly number[];
  /** Whether the worker had more to do than it could at any time while they sent: else there was nothing to yield to. */
  readonly overloaded: boolean;
}

const everyMs = 20;
const connectTimeoutMs = 60_000;
const normalTimeoutMs = 180_000;
const normalLevel = 1;
/** From docs/compression.md: a worker that is this busy, or has this much waiting, has more to do than it can. */
const busyPressed = 0.92;
const backlogPressed = 0.5;

export class LevelWatch {
  #fallMs = Number.NaN;
  #backMs = Number.NaN;
  #changesBefore = 0;
  #changes = 0;
  #levels: number[] = [];
  #overloaded = false;

  constructor(readonly engine: Engine) {}

  /** Until the level is 1 or above: where others use the machine it may have yielded to them. */
  async untilNormal(): Promise<void> {
    const normal = async () => levelOf(await this.engine.metrics()) >= normalLevel;
    await until('the level is normal', normal, normalTimeoutMs, this.engine.child, everyMs);
  }

  /** Watches while `senders` send; they may take a while to connect. */
  async during<T>(senders: Promise<T>): Promise<T> {
    const before = await this.engine.metrics();
    const level = levelOf(before);
    this.#levels = [level];
    this.#changesBefore = changesOf(before);
    let over = false;
    const end = senders.finally(() => {
      over = true;
    });
    const connected = async () => over || connectionsOf(await this.engine.metrics()) > connectionsOf(before);
    await until('the additional senders are connected', connected, connectTimeoutMs, this.engine.child, everyMs);
    const began = performance.now();
    const ended = async () => {
      const metrics = await this.#look();
      if (Number.isNaN(this.#fallMs) && levelOf(metrics) < level) this.#fallMs = performance.now() - began;
      this.#overloaded ||=
        metrics.sum('penstock_worker_busy_ratio') >= busyPressed ||
        metrics.sum('penstock_worker_backlog_ratio') >= backlogPressed;
      return over;
    };
    await until('the additional senders are done', ended, Number.POSITIVE_INFINITY, this.engine.child, everyMs);
    return end;
  }

  /** Until the level is 1 or above, or the time is over. */
  async untilBack(withinMs: number): Promise<void> {
    const began = performance.now();
    const back = async () => {
      const metrics = await this.#look();
      if (levelOf(metrics) >= normalLevel) this.#backMs = performance.now() - began;
      return !Number.isNaN(this.#backMs) || performance.now() - began >= withinMs;
    };
    await until('the level is back', back, Number.POSITIVE_INFINITY, this.engine.child, everyMs);
  }

  seen(): Watched {
    return {
      fallMs: this.#fallMs,
      backMs: this.#backMs,
      changes: this.#changes - this.#changesBefore,
      levels: this.#levels,
      overloaded: this.#overloaded,
    };
  }

  async #look(): Promise<Metrics> {
    const metrics = await this.engine.metrics();
    const level = levelOf(metrics);
    if (level !== this.#levels.at(-1)) this.#levels.push(level);
    this.#changes = changesOf(metrics);
    return metrics;
  }
}

function levelOf(metrics: Metrics): number {
  return metrics.sum('penstock_worker_compression_level');
}

function changesOf(metrics: Metrics): number {
  return metrics.sum('penstock_worker_compression_level_changes_total');
}

function connectionsOf(metrics: Metrics): number {
  return metrics.sum('penstock_listener_connections_accepted_total');
}
