/**
 * The journal directory as the engine holds it: locked, with its identity, its lanes, its cursors and its size.
 *
 *   <directory>/lock  identity  boot  priority  lane-000/0006553f10000000.seg …  cursor-<sink> …
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { committedRings } from '../../native/journal.js';
import type { LanePlan } from '../../native/pipeline.js';
import type { JournalPosition } from '../contracts.js';
import { SinkCursor } from './cursor.js';
import { readChecked, writeChecked } from './files.js';
import { type JournalIdentity, loadIdentity, readIdentity, saveIdentity } from './identity.js';
import { type DamagedPlace, LaneReader } from './lane-reader.js';
import { type JournalLock, lockJournal } from './lock.js';
import { keepOnDisk, memoryBytes, sweepLost } from './memory-segments.js';
import { refuseNewer } from './newer.js';
import { hasPriorityMark, markPriority } from './priority-mark.js';
import { Quarantine } from './quarantine.js';
import {
  laneOf,
  listLanes,
  listSegments,
  listSpares,
  makeLane,
  segmentHeaderBytes,
  segmentPath,
  segmentsPerBoot,
  spareNumber,
} from './segments.js';
import { measureSpace, oldestSegments, retireDelivered, type SegmentPlace, type SpaceFigures } from './space.js';
import { Leftovers } from './spares.js';

const measureIntervalMs = 250;
const segmentBytesMin = 4096;
const reserveBytesDefault = 16 * 2 ** 20;
const memoryPercentDefault = { high: 80, low: 40 };

export interface JournalOptions {
  readonly directory: string;
  /** Size at which a segment is closed; smaller where few of them would fill the journal. */
  readonly segmentBytes: number;
  /** Lanes that this run writes. */
  readonly lanes?: number;
  /** Total of all segments at which workers stop (policy `block`); 0: no limit. */
  readonly bytesMax: number;
  /** The operator says that the journal came from another machine on purpose. */
  readonly adopt?: boolean;
  /** Space that a lane reserves ahead at a time; 0: none. */
  readonly reserveBytes?: number;
  /** Files of delivered segments that a lane keeps, to make new ones of; default 0. */
  readonly sparesMax?: number;
  /** Segments are in memory, up to so many bytes of all lanes; default 0: none is. */
  readonly memoryBytes?: number;
  /** Of these: from the first on segments go to the disk, until less than the second is taken. */
  readonly memoryPercent?: { readonly high: number; readonly low: number };
  /** What was in memory could not be written to the disk when the process ended. */
  readonly onUnsaved?: (error: unknown) => void;
  /** Events have priority from the start. */
  readonly priority?: boolean;
  /** A reader skipped damage; `kept` names the file in quarantine/ that has the bytes now. */
  readonly onDamage?: (position: JournalPosition, bytes: number, kept: string | null) => void;
}

export interface JournalFigures extends SpaceFigures {
  readonly bytesMax: number;
  readonly corruptBytes: number;
  readonly corruptPlaces: number;
  readonly tornTails: number;
  readonly quarantinedBytes: number;
  /** Of `bytes`, those in memory. */
  readonly memoryBytes: number;
  /** See `problem`. */
  readonly problem: string;
}

export class Journal {
  readonly directory: string;
  readonly identity: JournalIdentity;
  /** Seconds since the epoch at this start; greater at every start. */
  readonly boot: number;
  #options: JournalOptions;
  readonly #quarantine: Quarantine;
  readonly #cursors: SinkCursor[] = [];
  #priority: boolean;
  #lock: JournalLock;
  #lanes: number[] = [];
  /** By what was asked. */
  readonly #problems = new Map<string, string>();
  readonly #readers = new Set<LaneReader>();
  /** What readers that are gone met. */
  readonly #met = { corruptBytes: 0, corruptPlaces: 0, tornTails: 0 };
  /** The last segment of each lane when this run began; it writes new ones only. */
  readonly #lastSegmentBefore = new Map<number, number>();
  #space: SpaceFigures;
  /** By a clock that nobody sets. */
  #measuredMs = Number.NEGATIVE_INFINITY;
  readonly #segmentBytes: number;
  readonly #leftovers: Leftovers;
  /** Segments that the last run had in memory when it was killed. */
  readonly lostSegments: number;
  readonly #atExit = (): void => this.#keepMemory();

  /** Locks and opens the directory. @throws OperatingError */
  constructor(options: JournalOptions) {
    this.#options = options;
    this.directory = options.directory;
    this.#lock = lockJournal(options.directory);
    this.#leftovers = new Leftovers(options.directory);
    try {
      refuseNewer(options.directory);
      this.#quarantine = new Quarantine(options.directory);
      this.identity = loadIdentity(options.directory, options.adopt);
      this.boot = nextBoot(options.directory);
      this.#priority = hasPriorityMark(options.directory);
      if (options.priority) this.prioritise();
      this.lostSegments = sweepLost(options.directory);
      this.#space = measureSpace(options.directory);
      this.#segmentBytes = segmentBytesWithin(options, listLanes(options.directory).length);
      for (const lane of this.lanes()) {
        const last = listSegments(options.directory, lane).at(-1);
        if (last !== undefined) this.#lastSegmentBefore.set(lane, last);
      }
    } catch (error) {
      this.#lock.release();
      throw error;
    }
    if (options.memoryBytes) process.once('exit', this.#atExit); // however it ends, but for a kill
  }

  /** Events have priority in this run, or had in an earlier one: their batches are delivered apart from the rest. */
  get priority(): boolean {
    return this.#priority;
  }

  /** Events have priority from now on; called before the first of them is stored. @throws the system's error */
  prioritise(): void {
    markPriority(this.directory);
    this.#priority = true;
  }

  /** What a pipeline needs to write a lane; makes the lane's directory. */
  lanePlan(lane: number): LanePlan {
    const { reserveBytes = reserveBytesDefault, sparesMax = 0, lanes = 1 } = this.#options;
    const { memoryBytes: memory = 0, memoryPercent: { high, low } = memoryPercentDefault } = this.#options;
    const segmentBytes = this.#segmentBytes;
    return {
      directory: makeLane(this.directory, lane),
      lane,
      segmentBytes,
      reserveBytes,
      sparesMax,
      memoryBytes: Math.floor(memory / lanes),
      memoryHighPercent: high,
      memoryLowPercent: low,
    };
  }

  /** Lanes there are, also those of an earlier run with more workers. */
  lanes(): number[] {
    this.#lanes = this.#try('lanes', () => listLanes(this.directory), this.#lanes);
    return this.#lanes;
  }

  /** What the disk refuses now, besides the lanes, whose workers tell of them; '' when all is well. */
  problem(): string {
    const [first] = this.#problems.values();
    return first ?? this.#cursors.find((cursor) => cursor.problem !== '')?.problem ?? this.#leftovers.problem;
  }

  /**
   * Looks whether the directory is still the one that was opened, and makes it anew when somebody deleted it: true then. The lanes'
   * writers and the cursors make their own files anew.
   */
  watch(): boolean {
    return this.#try(
      'lock',
      () => {
        if (this.#lock.holds()) return false;
        const lock = lockJournal(this.directory);
        const there = readIdentity(this.directory);
        if (there !== null && there.node !== this.identity.node) {
          lock.release();
          throw new Error('there is another journal in its place, which is left alone');
        }
        this.#lock.release();
        this.#lock = lock;
        saveIdentity(this.directory, this.identity);
        saveBoot(this.directory, this.boot);
        if (this.#priority) markPriority(this.directory);
        return true;
      },
      false,
    );
  }

  /** False for what an earlier run left: its events are backlog, not received by this process. */
  writtenByThisRun(position: JournalPosition): boolean {
    return position.segment > (this.#lastSegmentBefore.get(laneOf(position.lane)) ?? -1);
  }

  /** The place in a lane behind everything that earlier runs left; null: they left nothing. */
  endOfEarlierRuns(lane: number): JournalPosition | null {
    const last = this.#lastSegmentBefore.get(laneOf(lane));
    return last === undefined ? null : { lane, segment: last + 1, offset: segmentHeaderBytes };
  }

  /**
   * Chunks of each ring that the last run to write a lane stored there, by ring, and that run's boot number; null: nobody wrote
   * it. To be asked before this run writes.
   */
  committedChunks(lane: number): { boot: number; chunks: ReadonlyMap<number, number> } | null {
    for (const segment of listSegments(this.directory, lane).reverse()) {
      const committed = committedRings(segmentPath(this.directory, lane, segment));
      if (committed) return committed;
    }
    return null;
  }

  /** A reader of one lane, `from` a position on (null: the oldest). Its figures count into the journal's. */
  reader(lane: number, from: JournalPosition | null): LaneReader {
    const reader = new LaneReader(this.directory, lane, from, undefined, (place) => this.#damaged(place));
    this.#readers.add(reader);
    return reader;
  }

  /** Ends a reader, which keeps memory; its figures still count. */
  release(reader: LaneReader): void {
    reader.close();
    if (!this.#readers.delete(reader)) return;
    for (const name of ['corruptBytes', 'corruptPlaces', 'tornTails'] as const) this.#met[name] += reader.figures[name];
  }

  cursor(sinkId: string): SinkCursor {
    const cursor = new SinkCursor(this.directory, sinkId);
    this.#cursors.push(cursor);
    return cursor;
  }

  /** Frees what nobody needs; `needed` names everybody's position in a lane. Answers the segments that are segments no more. */
  reclaim(needed: (lane: number) => readonly (JournalPosition | null)[]): number {
    const sparesMax = this.#sparesNow();
    // Files of a run with smaller segments, or that ended soon, are not worth keeping.
    const retired = retireDelivered(this.directory, needed, { sparesMax, bytesMin: this.#segmentBytes / 2 });
    if (retired > 0) this.#measuredMs = Number.NEGATIVE_INFINITY;
    this.#leftovers.delete(sparesMax);
    return retired;
  }

  /** Deletes the spare files: the disk is full. */
  shedSpares(): void {
    this.#leftovers.delete(0);
  }

  /** Segments and spare files together stay below the limit: spares go first. */
  #sparesNow(): number {
    const { sparesMax = 0, bytesMax } = this.#options;
    if (bytesMax <= 0) return sparesMax;
    const { bytes } = this.space();
    const room = Math.max(0, bytesMax - bytes) / (this.#segmentBytes * Math.max(1, this.#lanes.length));
    return Math.min(sparesMax, Math.floor(room));
  }

  get bytesMax(): number {
    return this.#options.bytesMax;
  }

  /** A higher limit; a lower one would need smaller segments than there are. */
  raise(bytesMax: number): void {
    this.#options = { ...this.#options, bytesMax: Math.max(bytesMax, this.#options.bytesMax) };
  }

  /** True while the segments take `bytesMax` or more: workers stop storing, so rings fill and senders are held back. */
  overLimit(times = 1): boolean {
    return this.#options.bytesMax > 0 && this.space().bytes >= this.#options.bytesMax * times;
  }

  /** The segments that are too many or too old: see `oldestSegments`. `ageMsMax` 0: no age is too old. */
  excess(bySize: boolean, ageMsMax: number): SegmentPlace[] {
    const { bytesMax } = this.#options;
    const over = bySize && bytesMax > 0 ? Math.max(0, this.space().bytes - bytesMax + 1) : 0;
    const olderThanMs = ageMsMax > 0 ? Date.now() - ageMsMax : 0;
    if (over === 0 && this.space().oldestAgeSeconds * 1000 < (ageMsMax || Number.POSITIVE_INFINITY)) return [];
    return this.#try('oldest', () => oldestSegments(this.directory, over, olderThanMs), []);
  }

  /** Whether any of these is there. */
  hasAny(segments: readonly SegmentPlace[]): boolean {
    return segments.some(({ lane, segment }) => existsSync(segmentPath(this.directory, lane, segment)));
  }

  /** Measured at most four times a second. */
  space(): SpaceFigures {
    const now = performance.now();
    if (now - this.#measuredMs >= measureIntervalMs) {
      this.#space = this.#try('space', () => measureSpace(this.directory), this.#space);
      this.#measuredMs = now;
    }
    return this.#space;
  }

  figures(): JournalFigures {
    const sum = (name: 'corruptBytes' | 'corruptPlaces' | 'tornTails'): number =>
      [...this.#readers].reduce((total, { figures }) => total + figures[name], this.#met[name]);
    return {
      ...this.space(),
      bytesMax: this.#options.bytesMax,
      corruptBytes: sum('corruptBytes'),
      corruptPlaces: sum('corruptPlaces'),
      tornTails: sum('tornTails'),
      quarantinedBytes: this.#quarantine.bytes,
      memoryBytes: this.#options.memoryBytes ? this.#try('memory', () => memoryBytes(this.directory), 0) : 0,
      problem: this.problem(),
    };
  }

  /** Gives the directory back; what is in memory is written to the disk first. Writers, readers and cursors are closed by who opened them. */
  close(): void {
    process.off('exit', this.#atExit);
    this.#keepMemory();
    this.#lock.release();
  }

  /** Asks the file system; while that fails, what it said last counts. */
  #try<T>(what: string, ask: () => T, otherwise: T): T {
    try {
      const answer = ask();
      this.#problems.delete(what);
      return answer;
    } catch (error) {
      this.#problems.set(
        what,
        `${this.directory}: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`,
      );
      return otherwise;
    }
  }

  #keepMemory(): void {
    if (!this.#options.memoryBytes) return;
    try {
      keepOnDisk(this.directory);
    } catch (error) {
      this.#options.onUnsaved?.(error);
    }
  }

  #damaged(place: DamagedPlace): void {
    const kept = this.#quarantine.keep(place);
    this.#options.onDamage?.(place.position, place.bytes.length, kept);
  }
}

/**
 * Space is freed by whole segments, and the one being written is never freed. Were the open segments of all lanes larger than the
 * limit together, a full journal could stay full with everything delivered: so they take a quarter of it at most.
 */
function segmentBytesWithin({ segmentBytes, bytesMax, lanes = 1 }: JournalOptions, lanesThere: number): number {
  if (bytesMax <= 0) return segmentBytes;
  return Math.max(segmentBytesMin, Math.min(segmentBytes, Math.floor(bytesMax / (4 * Math.max(lanes, lanesThere)))));
}

/**
 * Two starts within one second must not share a boot number: event ids and ring positions are told apart by it. Segments tell the
 * number too, should the file be damaged and the clock set back.
 */
function nextBoot(directory: string): number {
  const path = join(directory, 'boot');
  const stored = readChecked(path) as { boot: number } | null | 'damaged';
  const last = stored === null || stored === 'damaged' ? 0 : stored.boot;
  const segments = listLanes(directory).map((lane) => listSegments(directory, lane).at(-1) ?? 0);
  // What is in a spare file is bound to its number: that must not come again.
  const spares = listLanes(directory).flatMap((lane) => listSpares(directory, lane).map(spareNumber));
  const written = Math.floor(Math.max(0, ...segments, ...spares) / segmentsPerBoot);
  const boot = Math.max(Math.floor(Date.now() / 1000), last + 1, written + 1);
  saveBoot(directory, boot);
  return boot;
}

function saveBoot(directory: string, boot: number): void {
  writeChecked(join(directory, 'boot'), { boot });
}
