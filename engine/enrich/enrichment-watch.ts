/** Notices that files events are enriched from became others, and loads them, off the way of events. */
import type { Logger } from 'pino';
import { OperatingError } from '../errors.js';
import { changedFiles, type Enrichment, loadEnrichment } from './enrichment.js';

export interface EnrichmentWatchSettings {
  readonly log: Logger;
  /** What is in use. */
  readonly current: () => Enrichment | null;
  /** Hands new files to the workers; resolves when they have them. */
  readonly take: (enrichment: Enrichment) => Promise<void>;
}

export class EnrichmentWatch {
  readonly #settings: EnrichmentWatchSettings;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  /** What was different at the last look: taken when it still is the same at the next, that is, written to its end. */
  #seen = '';
  /** Files that were not taken as they are: not tried again until they become others. */
  #refused = new Map<string, string>();
  /** Times that files were taken over, and databases, lists or rules that were not. */
  readonly figures = { swaps: 0, failures: 0 };

  constructor(settings: EnrichmentWatchSettings) {
    this.#settings = settings;
  }

  /** `everyMs` 0: never looks. */
  start(everyMs: number): void {
    this.stop();
    if (everyMs === 0) return;
    this.#timer = setInterval(() => void this.look(), everyMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One look. */
  async look(): Promise<void> {
    const before = this.#settings.current();
    if (this.#looking || before === null) return;
    this.#looking = true;
    try {
      const changed = await changedFiles(before);
      const now = changed.map(({ path, signature }) => `${path} ${signature}`).join('\n');
      const news = changed.some(({ path, signature }) => this.#refused.get(path) !== signature);
      if (news && now === this.#seen)
        await this.#load(before, new Map(changed.map((file) => [file.path, file.signature])));
      this.#seen = now;
    } finally {
      this.#looking = false;
    }
  }

  async #load(before: Enrichment, changed: ReadonlyMap<string, string>): Promise<void> {
    const { log, take, current } = this.#settings;
    try {
      const next = await loadEnrichment(before.settings, before, (error, paths) => this.#refuse(error, paths, changed));
      if (current() !== before) return; // a reload came in between: it has read the files itself
      const files = next.files.filter((file) => !before.files.includes(file)).map(({ path }) => path);
      if (files.every((path) => !changed.has(path))) return;
      await take(next);
      this.figures.swaps++;
      log.info(
        { files: files.filter((path) => changed.has(path)), skipped: skippedOf(next) },
        'files of enrichment taken over',
      );
    } catch (error) {
      this.#refuse(error, [...changed.keys()], changed);
    }
  }

  /** The others are taken all the same. */
  #refuse(error: unknown, paths: readonly string[], changed: ReadonlyMap<string, string>): void {
    this.figures.failures++;
    for (const path of paths) this.#refused.set(path, changed.get(path) ?? '');
    // Said in the text: of equal texts the log writes one.
    const what = error instanceof OperatingError ? { code: error.code, remedy: error.remedy } : { err: error };
    this.#settings.log.error(what, `${(error as Error).message}: what was in use goes on`);
  }
}

function skippedOf({ indicators, assets }: Enrichment): number {
  return (indicators?.skipped ?? 0) + (assets?.skipped ?? 0);
}
