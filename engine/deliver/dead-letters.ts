import { mkdirSync, statSync } from 'node:fs';
import { LaneWriter } from '../../native/journal.js';
import type { JournalPosition } from '../contracts.js';
import type { RefusedPart } from '../errors.js';
import { deadLetterBatch, deadLetterDirectory, deadLetterKey, readDeadLetters } from '../journal/dead-letter.js';
import { type DeadLetterLimit, DeadLetterSpace } from '../journal/dead-letter-space.js';
import { listSegments, makeLane, segmentHeaderBytes, segmentPath } from '../journal/segments.js';

const segmentBytes = 64 * 2 ** 20;
/** More than a sink can be sent before the saved cursor passes it: what is looked at at a start, and remembered. */
const recentBytes = 256 * 2 ** 20;
const rememberedMax = 1_000_000;

/**
 * Keeps what a sink refuses for ever, so that nothing vanishes: the events with the reason (engine/journal/dead-letter.ts), in
 * journal segments of their own, readable by everything that reads a journal.
 *
 *   <journal>/dead-letter/<sink>/lane-000/….seg
 *
 * What is refused of one batch is one group, which carries the batch's position: after a crash before the cursor passed the
 * batch, the sink refuses its events again, and they are found to be here.
 */
export class DeadLetters {
  readonly #journal: string;
  readonly #directory: string;
  readonly #sinkId: string;
  readonly #space: DeadLetterSpace;
  #writer: LaneWriter | null = null;
  #stored: Set<string> | null = null;
  events = 0;
  batches = 0;

  constructor(
    journal: string,
    sinkId: string,
    private readonly identity: { readonly node: number; readonly boot: number },
    limit: DeadLetterLimit = { bytesMax: 0, whenFull: 'block' },
  ) {
    this.#journal = journal;
    this.#directory = deadLetterDirectory(journal, sinkId);
    this.#sinkId = sinkId;
    this.#space = new DeadLetterSpace(this.#directory, limit, segmentBytes);
  }

  /** What they take on disk, and the events deleted because there were too many. */
  space(): { readonly bytes: number; readonly deletedEvents: number } {
    return this.#space.figures();
  }

  /** Durable when it returns. `parts`: all that is refused of one batch. Throws when the disk does not take it, or there is no room. */
  add(parts: readonly RefusedPart[]): void {
    const stored = this.#keys();
    const group = parts.flatMap((part) => {
      const kept = deadLetterBatch(this.#sinkId, part, (key) => stored.has(key));
      return kept === null ? [] : [{ ...kept, route: part.batch.route, partition: part.batch.partition }];
    });
    if (group.length > 0) {
      this.#space.makeRoom(group.reduce((sum, { bytes }) => sum + bytes.length, 0));
      const lane = this.#lane();
      const errno = lane.commitGroup(group) || lane.sync();
      if (errno !== 0) throw new Error(`cannot store a dead letter in ${this.#directory}: errno ${errno}`);
    }
    for (const key of group.flatMap(({ keys }) => keys)) this.#remember(key);
    this.batches++;
    this.events += parts.reduce((sum, part) => sum + part.batch.events, 0);
  }

  close(): void {
    this.#writer?.close();
    this.#writer = null;
  }

  #lane(): LaneWriter {
    if (this.#writer === null) {
      mkdirSync(this.#directory, { recursive: true });
      this.#writer = new LaneWriter(makeLane(this.#directory, 0), {
        segmentBytes: this.#space.segmentBytes,
        ...this.identity,
      });
    }
    return this.#writer;
  }

  /** Which dead letters are here; of earlier runs, those of the last segments. */
  #keys(): Set<string> {
    if (this.#stored !== null) return this.#stored;
    this.#stored = new Set();
    for (const { reason, record } of readDeadLetters(this.#journal, this.#sinkId, this.#recent()))
      this.#remember(deadLetterKey(reason, record));
    return this.#stored;
  }

  #remember(key: string): void {
    this.#stored?.add(key);
    if (this.#stored && this.#stored.size > rememberedMax)
      this.#stored.delete(String(this.#stored.values().next().value));
  }

  /** Where the last `recentBytes` begin. Runs that ended soon leave small segments. */
  #recent(): JournalPosition | null {
    let bytes = 0;
    for (const segment of listSegments(this.#directory, 0).reverse()) {
      bytes += statSync(segmentPath(this.#directory, 0, segment)).size;
      if (bytes > recentBytes) return { lane: 0, segment, offset: segmentHeaderBytes };
    }
    return null;
  }
}
