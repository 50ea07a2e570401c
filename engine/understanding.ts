/**
 * What workers understand events with: format packs, schemas of listeners, and what enriches events. Files, of which a reload takes over all
 * or none; those that enrich are also taken over by themselves.
 */
import type { Logger } from 'pino';
import type { EnrichmentPlan } from '../native/enrich.js';
import type { ListenerPlan } from '../native/pipeline.js';
import type { Change, WorkerMark } from '../workers/plan.js';
import type { Settings } from './config/settings.js';
import { type Enrichment, loadEnrichment } from './enrich/enrichment.js';
import { EnrichmentWatch } from './enrich/enrichment-watch.js';
import { OperatingError } from './errors.js';
import { Formats } from './formats/formats.js';
import type { ListenerChange, Listeners } from './listeners.js';
import type { EngineReadings } from './readings.js';
import { InputSchemas } from './validation/input-schemas.js';

interface Knowledge {
  readonly formats: Formats;
  readonly inputSchemas: InputSchemas;
  readonly enrichment: Enrichment | null;
}

export interface Taken {
  readonly marks: readonly WorkerMark[];
  readonly changed: boolean;
}

export class Understanding {
  readonly #log: Logger;
  /** Hands a change to the workers. */
  readonly #tell: (change: Change) => Promise<readonly WorkerMark[]>;
  readonly #watch: EnrichmentWatch;
  #now: Knowledge;

  /** @throws OperatingError, ConfigError */
  constructor(settings: Settings, log: Logger, tell: (change: Change) => Promise<readonly WorkerMark[]>) {
    this.#log = log;
    this.#tell = tell;
    this.#now = {
      formats: Formats.load(settings.formats),
      inputSchemas: InputSchemas.load(settings.listeners),
      enrichment: null,
    };
    this.#watch = new EnrichmentWatch({
      log,
      current: () => this.#now.enrichment,
      take: async (enrichment) => {
        this.#now = { ...this.#now, enrichment }; // with the message, before anybody waits: what was told last is what is in use
        await tell({ enrichment: enrichment.plan });
      },
    });
  }

  /** What enriches events is read before the workers start. */
  async open({ enrich }: Settings): Promise<void> {
    this.#now = { ...this.#now, enrichment: await loadEnrichment(enrich) };
  }

  watch({ enrich }: Settings): void {
    this.#watch.start(enrich.pollMs);
  }

  stop(): void {
    this.#watch.stop();
  }

  /** What the workers begin with. */
  plans(listeners: readonly ListenerPlan[]): {
    listeners: ListenerPlan[];
    formats: Uint8Array | null;
    enrichment: EnrichmentPlan | null;
  } {
    const { formats, inputSchemas, enrichment } = this.#now;
    return {
      listeners: inputSchemas.pin(formats.pin(listeners)),
      formats: formats.plan,
      enrichment: enrichment?.plan ?? null,
    };
  }

  /** All files as they are now; nothing is touched. @throws OperatingError, ConfigError */
  async read(settings: Settings): Promise<Knowledge> {
    return {
      formats: await Formats.reload(settings.formats),
      inputSchemas: InputSchemas.load(settings.listeners, this.#now.inputSchemas),
      enrichment: await loadEnrichment(settings.enrich, this.#now.enrichment),
    };
  }

  /**
   * Tells the workers what is new and opens and closes listeners: both, or nothing is changed. `marks`: how far each worker had got before
   * it knew. `changed`: files are others than before. @throws OperatingError
   */
  async take(next: Knowledge, listeners: Listeners, change: ListenerChange): Promise<Taken> {
    const before = this.#now;
    const open = new Set([...change.kept, ...change.added].map(({ spec }) => spec.index));
    const marks = await this.#use(next, change.plans, open).catch((error) => {
      listeners.discard(change);
      throw error;
    });
    try {
      await listeners.apply(change);
    } catch (error) {
      const kept = new Set(listeners.open.map(({ spec }) => spec.index));
      await this.#use(before, listeners.plansWithout(change), kept).catch((err) =>
        this.#log.error({ err }, 'workers may go on with what was to be taken over: reload again'),
      );
      throw error;
    }
    const samePacks = next.formats.same(before.formats);
    if (!samePacks) this.#log.info({ packs: next.formats.count }, 'format packs taken over');
    const changed = !samePacks || !next.inputSchemas.same(before.inputSchemas) || !sameFiles(next, before);
    return { marks, changed };
  }

  readings(): EngineReadings['enrichment'] {
    const { enrichment } = this.#now;
    return {
      files: enrichment?.files ?? [],
      lists: [enrichment?.indicators ?? [], enrichment?.assets ?? []].flat(),
      ruleNames: enrichment?.ruleNames ?? [],
      ...this.#watch.figures,
    };
  }

  /** `open`: slots of listeners that are; a closed one may have had a pack that is gone. */
  async #use(
    knowledge: Knowledge,
    plans: readonly ListenerPlan[],
    open: ReadonlySet<number>,
  ): Promise<readonly WorkerMark[]> {
    const { formats, inputSchemas, enrichment } = knowledge;
    const listeners = inputSchemas.pin(formats.pin(plans, open));
    this.#now = knowledge;
    try {
      return await this.#tell({ listeners, formats: formats.plan, enrichment: enrichment?.plan ?? null });
    } catch (cause) {
      const remedy = 'see the log for what holds it up, then reload again';
      throw new OperatingError('WORKERS_SILENT', (cause as Error).message, remedy, { cause });
    }
  }
}

/** Whether events are enriched from the same files, unwritten to since. */
function sameFiles(a: Knowledge, b: Knowledge): boolean {
  const told = ({ enrichment }: Knowledge) => enrichment?.files.map(({ path, signature }) => `${signature} ${path}`);
  return told(a)?.join('\n') === told(b)?.join('\n');
}
