/**
 * Sinks that are configured no more, and for how long the journal keeps what they had not got: so that a sink taken out by
 * mistake, or for an hour, resumes where it was. What is kept for them never holds back senders: a full journal gives it up.
 *
 *   <journal>/cursor-<sink>   where it was   removed-<sink>   since when
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { JournalPosition } from '../contracts.js';
import { listCursors } from '../journal/cursor.js';
import { readChecked, writeChecked } from '../journal/files.js';
import type { Journal } from '../journal/journal.js';

type Needs = (lane: number) => JournalPosition | null;

export class Removed {
  readonly #journal: Journal;
  readonly #log: Logger;
  readonly #keepMs: number;
  /** By sink: until when its events are kept, and which. */
  readonly #sinks = new Map<string, { readonly untilMs: number; readonly needs: Needs }>();

  constructor(journal: Journal, log: Logger, keepMs: number) {
    this.#journal = journal;
    this.#log = log;
    this.#keepMs = keepMs;
  }

  /** Compares the cursors there are with the sinks there are. `quietly`: who is missing comes again in a moment, with other settings. */
  update(configured: readonly string[], quietly = false): void {
    for (const sink of configured) this.#forget(sink);
    for (const sink of listCursors(this.#journal.directory)) {
      if (configured.includes(sink) || this.#sinks.has(sink)) continue;
      const untilMs = this.#removedMs(sink) + this.#keepMs;
      if (untilMs <= Date.now()) continue;
      this.#sinks.set(sink, { untilMs, needs: this.#positions(sink) });
      if (quietly) continue;
      const until = new Date(untilMs).toISOString();
      this.#log.info({ sink, until }, `${sink} is not configured: the journal keeps what it had not got until then`);
    }
  }

  /** What is still kept. A full journal gives all of it up, as does time. */
  holding(): Needs[] {
    if (this.#sinks.size === 0) return [];
    const full = this.#journal.overLimit();
    for (const [sink, { untilMs }] of this.#sinks) {
      if (!full && untilMs > Date.now()) continue;
      this.#sinks.delete(sink);
      this.#note(sink, 0);
      const why = full ? 'the journal is full' : 'its time is over';
      this.#log.warn({ sink }, `${sink} was removed: the journal keeps nothing more for it, because ${why}`);
    }
    return [...this.#sinks.values()].map(({ needs }) => needs);
  }

  get count(): number {
    return this.#sinks.size;
  }

  #forget(sink: string): void {
    this.#sinks.delete(sink);
    rmSync(this.#markPath(sink), { force: true });
  }

  /** When it was first found missing; noted, so that restarts do not prolong it. */
  #removedMs(sink: string): number {
    const stored = readChecked(this.#markPath(sink)) as { sinceMs: number } | null | 'damaged';
    if (stored !== null && stored !== 'damaged') return stored.sinceMs;
    const sinceMs = Date.now();
    this.#note(sink, sinceMs);
    return sinceMs;
  }

  #note(sink: string, sinceMs: number): void {
    try {
      writeChecked(this.#markPath(sink), { sinceMs });
    } catch (error) {
      this.#log.error({ err: error, sink }, `cannot note in ${this.#journal.directory} since when a sink is removed`);
    }
  }

  #positions(sink: string): Needs {
    const cursor = this.#journal.cursor(sink);
    const positions = new Map(cursor.lanes().map((lane) => [lane, cursor.durableOfBoth(lane)]));
    cursor.close();
    return (lane) => positions.get(lane) ?? null;
  }

  #markPath(sink: string): string {
    return join(this.#journal.directory, `removed-${encodeURIComponent(sink)}`);
  }
}
