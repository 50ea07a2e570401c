/**
 * The ledger, checked while the engine runs: at every boundary the counters of both sides, and for every sink its own counters
 * against what the journal holds, counted on the disk. Never trusts a difference of a counter with itself.
 */
import type { Logger } from 'pino';
import type { JournalPosition } from '../contracts.js';
import { every } from '../every.js';
import { laneOf } from '../journal/segments.js';
import type { LedgerReadings } from '../readings.js';
import { type Boundary, boundaries, difference } from './boundaries.js';
import { type LedgerBook, readBook, writeBook } from './ledger-book.js';
import { SinkCount, type SinkPlace } from './sink-count.js';

const checkMs = 1000;
/** How often one that has not counted everything goes on. Slower than batches come, it would keep their segments from being freed. */
const catchUpMs = 100;
/** What the end may take to count the rest. */
const finishMs = 2000;
/** How often what is journaled is written down. */
const bookMs = 5000;

/** What a check found about one sink. */
export interface CountedSink {
  /** Left by earlier runs; null while it is being counted. */
  readonly opening: number | null;
  /** Waiting in the journal, counted there. */
  readonly waiting: number;
}

export interface LedgerState {
  /** Events that the last check could not account for. */
  readonly unaccounted: number;
  readonly checks: number;
  readonly breaches: number;
  /** By sink id; empty without a journal. */
  readonly sinks: ReadonlyMap<string, CountedSink>;
}

export interface LedgerWatchSettings {
  readonly readings: () => LedgerReadings;
  readonly log: Logger;
  /** Of the journal; null: sinks take batches from the workers. */
  readonly journal: {
    readonly directory: string;
    endOfEarlierRuns(lane: number): JournalPosition | null;
    places(sinkId: string): readonly SinkPlace[];
    /** Events before the sink's places, since its cursor was made. */
    passed(sinkId: string): number;
  } | null;
}

export class LedgerWatch {
  readonly #settings: LedgerWatchSettings;
  readonly #counts = new Map<string, SinkCount>();
  /** Sinks whose events the last check had not counted to the end. */
  readonly #behind = new Set<string>();
  #catchUpTimer: NodeJS.Timeout | undefined;
  #earlier: readonly Boundary[] = [];
  #end = (): void => {};
  /** What the run before left; null: nothing to compare with, or compared. */
  #book: LedgerBook | null = null;
  /** By sink: events that had been journaled when an earlier run ended, and are in the journal no more. */
  readonly #gone = new Map<string, number>();
  #bookedMs = 0;
  /** What the book says, as this run wrote it. */
  #written = '';
  #unaccounted = 0;
  #checks = 0;
  #breaches = 0;

  /** Made before anything is delivered: what is in the journal now was left by earlier runs. */
  constructor(settings: LedgerWatchSettings, sinkIds: readonly string[]) {
    this.#settings = settings;
    const { journal } = settings;
    if (journal === null) return;
    for (const id of sinkIds) {
      const earlier = (lane: number) => journal.endOfEarlierRuns(lane);
      this.#counts.set(id, new SinkCount(journal.directory, journal.places(id), journal.passed(id), earlier));
    }
    this.#book = readBook(journal.directory);
    // The journal need not keep everything for sinks that are gone.
    this.#forget((id) => !sinkIds.includes(id));
  }

  /** A sink that came while events flow; `since`: what was committed by then. Called when it begins. */
  add(
    sinkId: string,
    since: { readonly committedEvents: number; readonly positions: readonly JournalPosition[] },
  ): void {
    const { journal } = this.#settings;
    if (journal === null) return;
    // Behind the last batch by then, wherever that ends.
    const earlier = (lane: number) => {
      const last = since.positions.find((position) => position.lane === laneOf(lane));
      return last === undefined ? journal.endOfEarlierRuns(lane) : { ...last, offset: last.offset + 1 };
    };
    const count = new SinkCount(
      journal.directory,
      journal.places(sinkId),
      journal.passed(sinkId),
      earlier,
      since.committedEvents,
    );
    this.#counts.set(sinkId, count);
  }

  /** A sink that goes; called before it does. */
  remove(sinkId: string): void {
    this.#counts.get(sinkId)?.close();
    this.#counts.delete(sinkId);
    this.#gone.delete(sinkId);
    this.#forget((id) => id === sinkId);
    this.#earlier = this.#earlier.filter(({ name }) => !name.startsWith(`${sinkId}: `));
  }

  start(): void {
    const end = every(checkMs, () => {
      this.check();
      clearTimeout(this.#catchUpTimer);
      this.#goOn();
    });
    this.#end = () => {
      end();
      clearTimeout(this.#catchUpTimer);
    };
  }

  get state(): LedgerState {
    const sinks = [...this.#counts].map(([id, { opening, waiting }]) => [id, { opening, waiting }] as const);
    return { unaccounted: this.#unaccounted, checks: this.#checks, breaches: this.#breaches, sinks: new Map(sinks) };
  }

  /** From where on it still counts a lane; null: from its beginning. Segments before may be deleted. */
  needs(lane: number): JournalPosition | null {
    let least: JournalPosition | null = null;
    for (const count of this.#counts.values()) {
      const position = count.needs(lane);
      if (position === null) return null;
      if (least === null || position.segment < least.segment) least = position;
    }
    return least;
  }

  /** One check; answers what it found, in sentences. */
  check(): readonly string[] {
    const found = new Map<string, number>();
    const note = (what: string, events: number): void => {
      if (events > 0) found.set(what, events);
    };
    try {
      this.#look(note);
    } catch (error) {
      this.#settings.log.error({ err: error }, 'the ledger could not be checked; trying again');
      return [];
    }
    this.#checks++;
    if (Math.abs(Date.now() - this.#bookedMs) >= bookMs) this.#save(false);
    this.#unaccounted = [...found.values()].reduce((sum, events) => sum + events, 0);
    const sentences = [...found].map(([what, events]) => `${what}: ${events}`);
    if (found.size > 0) {
      this.#breaches++;
      this.#settings.log.error(
        { found: sentences },
        'events are not accounted for; this is a defect: please report it',
      );
    }
    return sentences;
  }

  /** The last check, when nothing moves any more: twice, so that nothing is excused by moving counters. */
  finish(): void {
    this.#end();
    for (const until = performance.now() + finishMs; this.#catchUp() && performance.now() < until; );
    this.check();
    this.check();
    this.#save(true);
  }

  close(): void {
    this.#end();
    for (const count of this.#counts.values()) count.close();
  }

  #goOn(): void {
    if (this.#behind.size === 0) return;
    this.#catchUpTimer = setTimeout(() => {
      this.#catchUp();
      this.#goOn();
    }, catchUpMs).unref();
  }

  /** Counts on for sinks whose events are not all counted; true while there are such. */
  #catchUp(): boolean {
    for (const id of this.#behind) {
      const places = this.#settings.journal?.places(id);
      try {
        if (places === undefined || (this.#counts.get(id)?.advance(places) ?? true)) this.#behind.delete(id);
      } catch {
        return false; // the next check tells
      }
    }
    return this.#behind.size > 0;
  }

  #forget(which: (sinkId: string) => boolean): void {
    if (this.#book === null) return;
    const journaled = Object.entries(this.#book.journaled).filter(([id]) => !which(id));
    this.#book = { ...this.#book, journaled: Object.fromEntries(journaled) };
  }

  /** Writes down what is journaled, once all of it is counted. */
  #save(closed: boolean): void {
    const { journal, log } = this.#settings;
    if (journal === null) return;
    const journaled: Record<string, number> = { ...this.#book?.journaled };
    for (const [id, count] of this.#counts) if (count.journaled !== null) journaled[id] = count.journaled;
    this.#bookedMs = Date.now();
    const written = JSON.stringify({ closed, journaled });
    if (written === this.#written) return; // an idle engine leaves the disk alone
    try {
      writeBook(journal.directory, { atMs: this.#bookedMs, closed, journaled });
      this.#written = written;
    } catch (error) {
      log.warn({ err: error }, 'the ledger could not be written down; trying again');
    }
  }

  /** Once all that earlier runs left is counted: is all of it still there? */
  #compareWithBook(id: string, count: SinkCount): void {
    const before = this.#book?.journaled[id];
    if (this.#gone.has(id) || count.journaled === null) return;
    this.#gone.set(id, before === undefined ? 0 : Math.max(0, before - count.journaled));
  }

  #look(note: (what: string, events: number) => void): void {
    const readings = this.#settings.readings();
    const list = boundaries(readings);
    for (const { spec, figures } of readings.sinks) list.push(...this.#sink(spec.id, figures, readings, note));
    for (const earlier of this.#earlier) {
      const now = list.find(({ name }) => name === earlier.name);
      if (now !== undefined) note(now.name, difference(earlier, now));
    }
    this.#earlier = list;
  }

  #sink(
    id: string,
    figures: Readonly<Record<string, number>>,
    readings: LedgerReadings,
    note: (what: string, events: number) => void,
  ): Boundary[] {
    const of = (name: string): number => figures[name] ?? 0;
    const taken = of('taken_events_total');
    const rest =
      of('delivered_events_total') +
      of('dead_lettered_events_total') +
      of('in_flight_events') +
      of('dropped_events_total');
    note(`${id}: taken, and neither delivered nor dead-lettered nor in flight`, Math.abs(taken - rest));
    const count = this.#counts.get(id);
    const places = this.#settings.journal?.places(id);
    if (count === undefined || places === undefined) return [];
    if (!count.advance(places)) {
      this.#behind.add(id);
      return [];
    }
    this.#compareWithBook(id, count);
    note(`${id}: journaled by earlier runs and gone`, this.#gone.get(id) ?? 0);
    if ((readings.journal?.corruptPlaces ?? 0) > 0 || count.damaged) return []; // reported as damage of the journal
    note(`${id}: taken, against what its places in the journal say`, Math.abs(count.taken - taken));
    const committed = (readings.pipeline.totals.events_committed ?? 0) - count.committedBefore;
    note(`${id}: committed and not in the journal`, Math.max(0, committed - count.committed));
    const name = `${id}: in the journal → counted as committed`;
    return [{ name, before: count.committed, after: committed, mayRest: false }];
  }
}
