/**
 * Dictionaries of small frames, from samples to use:
 *
 *   samples of a worker → trained, tried on samples held back → gains enough? → kept beside the journal → kept by every sink → workers
 *
 * In this order: no frame is ever written with a dictionary that a reader could not get. What fails leaves everything as it was, and is
 * tried again with the next samples.
 */
import type { Logger } from 'pino';
import {
  type DictionaryTrial,
  dictionaryId,
  dictionaryName,
  registerDictionary,
  trainDictionary,
} from '../../native/dictionaries.js';
import type { Samples } from '../../native/frames.js';
import type { RouteDictionary } from '../../workers/plan.js';
import type { Sink } from '../contracts.js';
import type { DictionaryFolder } from './dictionary-folder.js';

export interface DictionaryOptions {
  readonly bytesMax: number;
  /** Share of the bytes that a new one is to save beside the one in use: 0 to 1. */
  readonly gainMin: number;
  /** Of the samples' trial. */
  readonly level: number;
}

export interface DictionaryContext {
  readonly options: DictionaryOptions;
  readonly folder: DictionaryFolder;
  readonly log: Logger;
  readonly sinks: () => readonly Pick<Sink, 'spec' | 'keepDictionary'>[];
  /** Source by route, as workers number them; undefined: there is none any more. */
  readonly sourceOf: (route: number) => string | undefined;
  /** Routes of a source now. */
  readonly routesOf: (source: string) => readonly number[];
  readonly tell: (dictionaries: readonly RouteDictionary[]) => Promise<unknown>;
}

export interface DictionaryReadings {
  /** Trained; of these, taken into use; refused because they did not gain enough; and those that failed (no sink, no disk, no samples). */
  readonly trained: number;
  readonly promoted: number;
  readonly declined: number;
  readonly failed: number;
}

const retryMs = 30_000;

export class Dictionaries {
  readonly #inUse = new Map<string, Uint8Array>();
  /** What each sink keeps already; by the sink, not its id: another cluster or topic may follow under the same. */
  readonly #kept = new WeakMap<object, Set<number>>();
  /** Said to be so. */
  readonly #unreadable = new Set<number>();
  #retry: NodeJS.Timeout | undefined;
  /** Sources whose samples wait or are being trained on. */
  readonly #offered = new Set<string>();
  #training: Promise<void> = Promise.resolve();
  #stopped = false;
  #figures = { trained: 0, promoted: 0, declined: 0, failed: 0 };

  constructor(readonly context: DictionaryContext) {}

  get readings(): DictionaryReadings {
    return this.#figures;
  }

  /** Takes up what the last run used, once the sinks have it; a dictionary that cannot be read is trained anew, the others stay. */
  async start(): Promise<void> {
    const { folder, log } = this.context;
    try {
      for (const [source, id] of folder.inUse()) {
        const bytes = this.#read(id);
        if (bytes) this.#inUse.set(source, bytes);
      }
    } catch (error) {
      this.#figures.failed++;
      log.warn(
        { folder: folder.path, err: error },
        'which dictionaries the last run used is not known: they are trained anew',
      );
    }
    await this.refresh();
  }

  /** Sinks or listeners are others than before: both are to have what is in use. Tries again until they do. */
  async refresh(): Promise<void> {
    clearTimeout(this.#retry);
    try {
      for (const [source, bytes] of this.#inUse) await this.#use(source, bytes);
      // What earlier frames need: a topic made anew has it again. Files are many, and read only for a sink that lacks them.
      for (const id of this.context.folder.ids()) {
        const bytes = this.#isKept(id) ? undefined : this.#read(id);
        if (bytes) await this.#announce(id, bytes);
      }
    } catch (error) {
      if (this.#stopped) return;
      this.#figures.failed++;
      this.context.log.warn({ err: error }, 'dictionaries wait until every sink has them: frames are written without');
      await this.#withdraw();
      this.#refreshLater();
    }
  }

  #refreshLater(): void {
    if (this.#stopped) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.refresh(), retryMs);
    this.#retry.unref();
  }

  /** Leaves workers with what every sink has. A worker that does not listen is told again by the retry: a rejection would end the process. */
  async #withdraw(): Promise<void> {
    try {
      await this.context.tell(this.#keptByAll());
    } catch (error) {
      this.context.log.warn({ err: error }, 'not every worker was told which dictionaries the sinks have: tried again');
    }
  }

  /** One of the folder; undefined, and said once, when it cannot be read. */
  #read(id: number): Uint8Array | undefined {
    const { folder, log } = this.context;
    try {
      return folder.read(id);
    } catch (error) {
      if (this.#unreadable.has(id)) return undefined;
      this.#unreadable.add(id);
      this.#figures.failed++;
      log.warn(
        { folder: folder.path, dictionary: dictionaryName(id), err: error },
        'a dictionary cannot be read and is trained anew if it was in use: frames written with it need the copy in the topic of dictionaries',
      );
      return undefined;
    }
  }

  /** To every sink that does not have it yet. */
  async #announce(id: number, bytes: Uint8Array): Promise<void> {
    for (const sink of this.context.sinks()) {
      const kept = this.#keptBy(sink);
      if (kept.has(id)) continue;
      await sink.keepDictionary?.(dictionaryName(id), bytes);
      kept.add(id);
    }
  }

  #keptBy(sink: object): Set<number> {
    const kept = this.#kept.get(sink) ?? new Set();
    this.#kept.set(sink, kept);
    return kept;
  }

  #isKept(id: number): boolean {
    return this.context.sinks().every((sink) => this.#keptBy(sink).has(id));
  }

  /** Of those in use, what no reader lacks. */
  #keptByAll(): RouteDictionary[] {
    const { routesOf } = this.context;
    return [...this.#inUse].flatMap(([source, dictionary]) => {
      if (!this.#isKept(dictionaryId(dictionary))) return [];
      return routesOf(source).map((route) => ({ route, dictionary }));
    });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
  }

  /** One training at a time; more samples of a source whose turn has not come or is not over are not needed. */
  offer(samples: Samples): Promise<void> {
    const source = this.context.sourceOf(samples.route);
    if (this.#stopped || source === undefined || this.#offered.has(source)) return Promise.resolve();
    this.#offered.add(source);
    this.#training = this.#training.then(() => this.#train(source, samples));
    return this.#training;
  }

  async #train(source: string, { bytes, sizes }: Samples): Promise<void> {
    try {
      if (this.#stopped) return;
      const { bytesMax, level } = this.context.options;
      const current = this.#inUse.get(source) ?? null;
      const trial = await trainDictionary({ bytes, sizes }, { bytesMax, current, level });
      this.#figures.trained++;
      if (this.#gains(source, trial)) await this.#promote(source, trial);
      else this.#figures.declined++;
    } catch (error) {
      this.#figures.failed++;
      this.context.log.warn(
        { source, err: error },
        'no new dictionary, or not for every worker: other frames stay as they are',
      );
    } finally {
      this.#offered.delete(source);
    }
  }

  #gains(source: string, { plain, without, current, with: candidate }: DictionaryTrial): boolean {
    const saved = 1 - candidate / current;
    const promoted = saved >= this.context.options.gainMin;
    this.context.log.info({ source, plain, without, current, candidate, promoted }, 'tried a dictionary');
    return promoted;
  }

  async #promote(source: string, { candidate }: DictionaryTrial): Promise<void> {
    const { folder } = this.context;
    const id = dictionaryId(candidate);
    const isNew = !folder.ids().includes(id);
    try {
      await this.#use(source, candidate);
    } catch (error) {
      // One worker did not listen: others write frames with it already, and it is told again.
      if (this.#inUse.get(source) === candidate) {
        this.#saveInUse();
        this.#refreshLater();
        // Else no frame was written with it, and while a sink is away there would be another one at every turn.
      } else if (isNew) folder.forget(id);
      throw error;
    }
    if (this.#stopped) return;
    this.#figures.promoted++;
    this.#saveInUse();
  }

  #saveInUse(): void {
    const { folder } = this.context;
    folder.saveInUse(new Map([...this.#inUse].map(([name, bytes]) => [name, dictionaryId(bytes)])));
  }

  async #use(source: string, bytes: Uint8Array): Promise<void> {
    const { folder, tell, log } = this.context;
    const id = dictionaryId(bytes);
    folder.save(id, bytes);
    await this.#announce(id, bytes);
    if (this.#stopped) return;
    registerDictionary(bytes);
    this.#inUse.set(source, bytes);
    await tell(this.#keptByAll());
    log.info({ source, dictionary: dictionaryName(id), bytes: bytes.length }, 'small frames use a new dictionary');
  }
}
