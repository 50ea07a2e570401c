import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { every } from '../../../engine/every.js';
import { listLanes, listSegments, segmentPath } from '../../../engine/journal/segments.js';
import { segmentTail } from '../../../native/journal.js';
import { type CompactResult, type CompactSettings, isDiskFull } from './compact.js';
import { type Manifest, readManifest } from './manifest.js';
import { beyond } from './retention.js';

const checkMs = 2000;
const pauseMsMax = 60_000;
/** After a compaction that waits for a dictionary, until the next look. */
const waitMs = 60_000;
const heapBytes = 256 * 2 ** 20;

export interface CompactorSettings extends CompactSettings {
  readonly log: Logger;
  /** Compact when this much waits in the journal … */
  readonly hotBytes: number;
  /** … or anything has waited this long. */
  readonly intervalMs: number;
  /** When so much waits, it waits for dictionaries no longer: a full journal would hold the senders back. */
  readonly patienceBytes: number;
}

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs the compaction process when there is enough to do. */
export class Compactor {
  readonly #settings: CompactorSettings;
  #manifest: Manifest | null;
  #child: ChildProcess | null = null;
  #end = (): void => {};
  #lastMs = performance.now();
  /** Why the last compaction failed; empty when it did not. */
  problem = '';
  #failedInRow = 0;
  #nextMs = 0;
  #hotBytes = 0;
  runs = 0;
  failures = 0;
  events = 0;

  constructor(settings: CompactorSettings) {
    this.#settings = settings;
    this.#manifest = readManifest(settings.store);
  }

  get manifest(): Manifest | null {
    return this.#manifest;
  }

  start(): void {
    this.#end = every(checkMs, () => {
      try {
        this.#check();
      } catch (error) {
        this.#failed((error as Error).message, {});
      }
    });
  }

  /** Bytes of the journal that are in no file yet; while the disk does not tell, as it told last. */
  get hotBytes(): number {
    try {
      this.#hotBytes = this.#countHot();
    } catch {
      // who looks whether there is enough to do says what is wrong
    }
    return this.#hotBytes;
  }

  #countHot(): number {
    let bytes = 0;
    for (const lane of listLanes(this.#settings.journal)) {
      const from = this.#manifest?.lanes[lane] ?? { segment: 0, offset: 0 };
      const segments = listSegments(this.#settings.journal, lane);
      for (const segment of segments) {
        if (segment < from.segment) continue;
        const path = segmentPath(this.#settings.journal, lane, segment);
        const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
        // The file being written may have been used before, and be larger than what is in it yet.
        const end = size > 0 && segment === segments.at(-1) ? segmentTail(path).committed : size;
        bytes += Math.max(0, end - (segment === from.segment ? from.offset : 0));
      }
    }
    return bytes;
  }

  /** Stops looking; a running compaction is ended: what it had not counted, the next one does again. */
  async stop(): Promise<void> {
    this.#end();
    const child = this.#child;
    if (child === null) return;
    await new Promise<void>((resolve) => {
      child.once('close', () => resolve());
      child.kill('SIGTERM');
    });
  }

  #check(): void {
    const pauses = performance.now() < this.#nextMs;
    if (this.#child !== null || (pauses && this.#failedInRow > 0)) return;
    const hot = this.#countHot();
    const withoutDictionaries = hot >= this.#settings.patienceBytes;
    if (pauses && !withoutDictionaries) return;
    const waited = performance.now() - this.#lastMs >= this.#settings.intervalMs;
    if (hot >= this.#settings.hotBytes || (waited && hot > 0) || this.#isAnyBeyond()) this.#run(withoutDictionaries);
  }

  /** Files whose time is over are deleted when no event comes any more, too. */
  #isAnyBeyond(): boolean {
    return beyond(this.#manifest?.files ?? [], this.#settings.retention).length > 0;
  }

  /** What failed and, where it can be told, what to do. */
  #failure(): string {
    const failed = 'compaction failed; the events stay in the journal';
    return isDiskFull(new Error(this.problem)) ? `${failed}: make room on the disk of ${this.#settings.store}` : failed;
  }

  #run(withoutDictionaries: boolean): void {
    const { store, journal, retention, memoryBytes } = this.#settings;
    const main = fileURLToPath(new URL('./compact-main.js', import.meta.url));
    const settings: CompactSettings = { store, journal, retention, memoryBytes, withoutDictionaries };
    const heap = `--max-old-space-size=${heapBytes / 2 ** 20}`;
    const child = spawn(process.execPath, [heap, main, JSON.stringify(settings)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    let output = '';
    let errors = '';
    // Where no process can be made (too many open files, too little memory) there are no pipes, and nothing that closes.
    child.stdout?.on('data', (text) => (output += text));
    child.stderr?.on('data', (text) => (errors = (errors + text).slice(-4000)));
    child.on('error', (error) => {
      errors = error.message;
      if (child.pid === undefined) this.#ended(child, { code: null, signal: null, output, errors });
    });
    child.on('close', (code, signal) => this.#ended(child, { code, signal, output, errors }));
  }

  #ended(child: ChildProcess, { code, signal, output, errors }: Ending): void {
    if (this.#child !== child) return;
    this.#child = null;
    this.#lastMs = performance.now();
    try {
      this.#manifest = readManifest(this.#settings.store) ?? this.#manifest; // also of one that failed: what it counted before may leave the journal
      if (code === 0) this.#done(JSON.parse(output) as CompactResult);
      else if (code !== 75 && signal !== 'SIGTERM')
        this.#failed(errors || `the process ended with ${signal ?? code}`, { code, signal });
    } catch (error) {
      this.#failed((error as Error).message, { code, signal });
    }
  }

  #done({ waitsFor, ...result }: CompactResult): void {
    const { log, store } = this.#settings;
    this.problem = '';
    this.#failedInRow = 0;
    this.runs++;
    this.events += result.events;
    log.info({ ...result, store }, 'compacted');
    if (waitsFor !== null) this.#tellOfWaiting(waitsFor);
  }

  #failed(errors: string, how: Pick<Ending, 'code' | 'signal'> | Record<string, never>): void {
    const { log, store } = this.#settings;
    this.failures++;
    // Each try writes and deletes what it cannot keep: on a disk that stays full, not without pause.
    this.#nextMs = performance.now() + Math.min(checkMs * 2 ** ++this.#failedInRow, pauseMsMax);
    const [first = ''] = errors.split('\n');
    this.problem = first;
    log.error({ store, ...how, errors: errors.trim() }, this.#failure());
  }

  #tellOfWaiting(why: string): void {
    this.#nextMs = performance.now() + waitMs;
    this.failures++;
    this.problem = why;
    const { store, patienceBytes, log } = this.#settings;
    const most = Number.isFinite(patienceBytes) ? `, until ${Math.round(patienceBytes)} bytes wait` : '';
    log.error({ store, why }, `compaction waits for a dictionary, and the events in the journal${most}`);
  }
}
