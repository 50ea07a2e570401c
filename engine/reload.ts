/**
 * Reload: the configuration is read again and taken over while events flow, whole or not at all.
 */
import type { Logger } from 'pino';
import { flagsNeedingRestart, type LoadedSettings } from './config/load.js';
import type { Engine } from './engine.js';
import { ConfigError, OperatingError } from './errors.js';
import type { ReloadReadings } from './readings.js';
import { setLogLevel } from './telemetry/log.js';

/**
 * applied: taken over. unchanged: the same settings and the same files (but for the listeners' certificates, which were read again). invalid: mistakes in it. needs_restart: a setting changed that cannot
 * while the process runs. failed: something could not be opened. But for `applied`, what ran goes on as it was.
 */
export const reloadResults = ['applied', 'unchanged', 'invalid', 'needs_restart', 'failed'] as const;
export type ReloadResult = (typeof reloadResults)[number];

export type ReloadFigures = ReloadReadings;

export interface ReloaderSettings {
  readonly engine: Engine;
  /** What the engine was started with. */
  readonly loaded: LoadedSettings;
  /** Reads it again. @throws ConfigError */
  readonly load: () => LoadedSettings;
  readonly log: Logger;
}

export class Reloader {
  readonly #settings: ReloaderSettings;
  readonly #count = Object.fromEntries(reloadResults.map((result) => [result, 0])) as Record<ReloadResult, number>;
  #loaded: LoadedSettings;
  #lastSuccessMs = Date.now();
  #lastSucceeded = true;
  #last: Promise<unknown> = Promise.resolve();
  #waiting: Promise<ReloadResult> | null = null;

  constructor(settings: ReloaderSettings) {
    this.#settings = settings;
    this.#loaded = settings.loaded;
    settings.engine.reloads = this.#figures();
  }

  /** Never rejects. Calls that come while one waits for its turn are one with it. */
  reload(reason: string): Promise<ReloadResult> {
    this.#waiting ??= this.#last.then(() => {
      this.#waiting = null;
      return this.#once(reason);
    });
    this.#last = this.#waiting;
    return this.#waiting;
  }

  async #once(reason: string): Promise<ReloadResult> {
    const { engine, log } = this.#settings;
    log.info({ reason }, 'reading the configuration again');
    const result = await this.#take();
    this.#count[result]++;
    this.#lastSucceeded = result === 'applied' || result === 'unchanged';
    if (this.#lastSucceeded) this.#lastSuccessMs = Date.now();
    engine.reloads = this.#figures();
    const { fingerprint } = this.#loaded;
    if (this.#lastSucceeded) log.info({ result, fingerprint }, `configuration: ${result}`);
    else
      log.error(
        { result, fingerprint },
        `the configuration was not taken over (${result}); what ran goes on as it was`,
      );
    return result;
  }

  async #take(): Promise<ReloadResult> {
    const { engine, load, log } = this.#settings;
    try {
      const next = load();
      const fixed = flagsNeedingRestart(this.#loaded, next);
      for (const flag of fixed) log.error({ flag }, `${flag} changed, which needs a restart`);
      if (fixed.length > 0) return 'needs_restart';
      const otherFiles = await engine.apply(next.settings); // certificates may be others although no setting is
      if (sameValues(this.#loaded, next)) return otherFiles ? 'applied' : 'unchanged';
      setLogLevel(log, next.settings.logLevel);
      this.#loaded = next;
      return 'applied';
    } catch (error) {
      return explain(error, log);
    }
  }

  #figures(): ReloadFigures {
    const { fingerprint } = this.#loaded;
    const count = { ...this.#count };
    return { fingerprint, lastSuccessMs: this.#lastSuccessMs, lastSucceeded: this.#lastSucceeded, count };
  }
}

/** Throws what stands against a change, if anything does. */
export function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new OperatingError('RELOAD_NEEDS_RESTART', problems.join('; '), 'restart to take the change over');
}

function explain(error: unknown, log: Logger): ReloadResult {
  if (error instanceof ConfigError) {
    // Texts differ, so that the log counts none of them as a repetition.
    for (const { flag, value, allowed, origin } of error.problems)
      log.error({ flag, value, origin }, `${flag}=${value} (${origin}): ${allowed}`);
    return 'invalid';
  }
  const { message } = error as Error;
  if (!(error instanceof OperatingError)) log.error({ err: error }, message);
  else log.error({ code: error.code, remedy: error.remedy }, message);
  return error instanceof OperatingError && error.code === 'RELOAD_NEEDS_RESTART' ? 'needs_restart' : 'failed';
}

function sameValues(a: LoadedSettings, b: LoadedSettings): boolean {
  return [...b.values].every(([flag, value]) => a.values.get(flag) === value);
}
