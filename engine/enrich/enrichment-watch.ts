/** Notices that files events are enriched from became others, and loads them, off the way of events. */
import type { Logger } from 'pino';
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
  #refused = '';
  /** Files taken over, and tries that failed. */
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
      const changed = (await changedFiles(before)).join('\n');
      if (changed !== '' && changed === this.#seen && changed !== this.#refused) await this.#load(before, changed);
      this.#seen = changed;
    } finally {
      this.#looking = false;
    }
  }

  async #load(before: Enrichment, changed: string): Promise<void> {
    const { log, take, current } = this.#settings;
    try {
      const next = await loadEnrichment(before.settings, before);
      if (current() !== before) return; // a reload came in between: it has read the files itself
      await take(next);
      this.figures.swaps++;
      log.info(
        { files: next.files.filter((file) => !before.files.includes(file)).map(({ path }) => path) },
        'files of enrichment taken over',
      );
    } catch (error) {
      this.figures.failures++;
      this.#refused = changed;
      log.error({ err: error }, 'a file of enrichment was not taken over; what was in use goes on');
    }
  }
}
