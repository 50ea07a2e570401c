/**
 * Watches the journal while the engine runs: is it at its limit, can it be written and synced, is it still there? Says every change
 * once in the log, and tells readiness. What the disk refuses is never a reason to stop: senders are held back until it is well again.
 */
import { getSystemErrorName } from 'node:util';
import type { Logger } from 'pino';
import type { WhenFull } from './config/settings.js';
import { every } from './every.js';
import type { Journal } from './journal/journal.js';
import type { SegmentPlace } from './journal/space.js';

const watchMs = 500;
const roomWhileDropping = 1.25;
/** Watches after which more is given up although what was given up before is still there: a sink keeps it. */
const waitsMax = 20;

export interface JournalWatchSettings {
  readonly journal: Journal | null;
  readonly whenFull: WhenFull;
  readonly log: Logger;
  /** What workers do from now on: commit nothing, drop what comes, or (null) store it. */
  readonly hold: (how: 'block' | 'drop_newest' | null) => void;
  readonly ageMsMax: number;
  /** Gives segments up; answers the events dropped, by sink. */
  readonly drop: (segments: readonly SegmentPlace[]) => ReadonlyMap<string, number>;
  /** Sum of the workers' counters of a name of native/src/pipeline/pipeline_stats.h. */
  readonly total: (name: string) => number;
}

type Policy = Pick<JournalWatchSettings, 'whenFull' | 'ageMsMax'>;

export class JournalWatch {
  /** errno by worker whose lane cannot be written now. */
  readonly laneErrors = new Map<number, number>();
  full = false;
  readonly #settings: JournalWatchSettings;
  #end = (): void => {};
  #policy: Policy;
  #held: 'block' | 'drop_newest' | null = null;
  #problem = '';
  #syncFailing = false;
  #tornBytes = 0;
  #givenUp: readonly SegmentPlace[] = [];
  #waited = 0;

  constructor(settings: JournalWatchSettings) {
    this.#settings = settings;
    this.#policy = { whenFull: settings.whenFull, ageMsMax: settings.ageMsMax };
  }

  /** What is given up, and when, is different from now on. */
  take(policy: Policy): void {
    this.#policy = policy;
  }

  start(): void {
    if (this.#settings.journal !== null) this.#end = every(watchMs, () => this.#watch());
  }

  stop(): void {
    this.#end();
  }

  /** Whether what comes now is stored, as far as is known. */
  get takes(): boolean {
    return !this.full && this.laneErrors.size === 0 && !this.#syncFailing;
  }

  /** Why events are not taken now; none: they are. */
  notReady(): string[] {
    const reasons: string[] = [];
    if (this.full && this.#policy.whenFull !== 'drop_newest')
      reasons.push('the journal is at PENSTOCK_JOURNAL_BYTES_MAX: senders are held back until a sink takes some of it');
    if (this.full && this.#policy.whenFull === 'drop_newest')
      reasons.push('the journal is at PENSTOCK_JOURNAL_BYTES_MAX: what comes is dropped until a sink takes some of it');
    for (const [worker, errno] of this.laneErrors)
      reasons.push(
        `the journal lane of worker ${worker} cannot be written (${errorName(errno)})${remedyOf(errno, this.#settings.journal)}`,
      );
    if (this.#syncFailing)
      reasons.push('the journal cannot be synced to the disk: nothing is acknowledged until it can');
    if (this.#problem !== '') reasons.push(`the journal: ${this.#problem}`);
    return reasons;
  }

  /** A worker's lane cannot be written (errno), or can again (0). */
  laneState(worker: number, errno: number): void {
    const { log, journal } = this.#settings;
    if (errno === 0) {
      this.laneErrors.delete(worker);
      log.info({ worker }, 'the journal can be written again');
      return;
    }
    this.laneErrors.set(worker, errno);
    const error = errorName(errno);
    log.error(
      { worker, error, dir: journal?.directory },
      `the journal cannot be written; senders are held back until it can${remedyOf(errno, journal)}`,
    );
  }

  #watch(): void {
    const { journal, log } = this.#settings;
    if (journal === null) return;
    if (journal.watch()) log.error({ dir: journal.directory }, 'the journal was deleted while in use; it is made anew');
    // Also those that come while the disk is full.
    if ([...this.laneErrors.values()].some((errno) => noRoom.has(errorName(errno)))) journal.shedSpares();
    this.#giveUpOldest(journal);
    this.#watchSize(journal);
    this.#watchDisk(journal);
  }

  /** Waits until what was given up last is deleted before it gives up more. */
  #giveUpOldest(journal: Journal): void {
    const { log, drop } = this.#settings;
    const { whenFull, ageMsMax } = this.#policy;
    if (whenFull !== 'drop_oldest' && ageMsMax === 0) return;
    if (journal.hasAny(this.#givenUp) && ++this.#waited < waitsMax) return;
    this.#waited = 0;
    this.#givenUp = journal.excess(whenFull === 'drop_oldest', ageMsMax);
    for (const [sink, events] of drop(this.#givenUp))
      log.warn({ sink, events }, 'gave up what waited longest in the journal: it is at its limit, or too old');
  }

  #watchSize(journal: Journal): void {
    const { log, hold } = this.#settings;
    const { whenFull } = this.#policy;
    // What is given up is deleted a moment later: in between there is some room above the limit.
    const full = journal.overLimit(whenFull === 'drop_oldest' ? roomWhileDropping : 1);
    const how = !full ? null : whenFull === 'drop_newest' ? 'drop_newest' : 'block';
    if (how === this.#held) return;
    this.#held = how;
    this.full = full;
    hold(how);
    const what = whenFull === 'drop_newest' ? 'what comes is dropped' : 'senders are held back';
    if (full) log.warn(`the journal is at its limit; ${what} until a sink takes some of it`);
    else log.info('the journal has room again');
  }

  #watchDisk(journal: Journal): void {
    const { log, total } = this.#settings;
    const problem = journal.problem();
    if (problem !== this.#problem) {
      if (problem !== '') log.error({ problem }, 'the disk refuses what the journal needs; trying again');
      else log.info('the disk takes what the journal needs again');
      this.#problem = problem;
    }
    const errno = total('sync_errno');
    const torn = total('journal_torn_bytes');
    if ((errno !== 0) !== this.#syncFailing) {
      this.#syncFailing = errno !== 0;
      if (this.#syncFailing)
        log.error('the journal cannot be synced to the disk; nothing is acknowledged until it can');
      else log.info('the journal can be synced to the disk again');
    }
    if (torn > this.#tornBytes) {
      log.warn({ bytes: torn - this.#tornBytes }, 'cut what an earlier run had not finished writing to the journal');
      this.#tornBytes = torn;
    }
  }
}

const noRoom = new Set(['ENOSPC', 'EDQUOT']);

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'make room on its disk',
  EDQUOT: 'raise the disk quota, or make room within it',
  EROFS: 'mount its disk writable',
  EIO: 'look at its disk (dmesg)',
  EACCES: 'give the user of this process the right to write there',
  EMFILE: 'raise the limit of open files (ulimit -n, LimitNOFILE=)',
};

/** Completes what is said of a lane that cannot be written: where, and what to do. */
function remedyOf(errno: number, journal: Journal | null): string {
  const remedy = remedies[errorName(errno)];
  return journal === null ? '' : ` (${journal.directory})${remedy === undefined ? '' : `: ${remedy}`}`;
}

/** ENOSPC rather than 28. */
export function errorName(errno: number): string {
  return getSystemErrorName(-errno);
}
