import { mkdirSync } from 'node:fs';
import { LaneWriter } from '../../native/journal.js';
import type { StoredBatch } from '../contracts.js';
import type { RefusedPart } from '../errors.js';
import { deadLetterBatch, deadLetterDirectory, positionText } from '../journal/dead-letter.js';
import { LaneReader } from '../journal/lane-reader.js';
import { readBatchRecords } from '../journal/records.js';
import { listSegments, makeLane, segmentHeaderBytes } from '../journal/segments.js';

const segmentBytes = 64 * 2 ** 20;
/** Batches whose dead letters are remembered: more than can be delivered and not yet passed by the saved cursor. */
const rememberedMax = 100_000;

/**
 * Keeps what a sink refuses for ever, so that nothing vanishes: the events with the reason (engine/journal/dead-letter.ts), in
 * journal segments of their own, readable by everything that reads a journal.
 *
 *   <journal>/dead-letter/<sink>/lane-000/….seg
 *
 * What is refused of one batch is one group, which carries the batch's position: after a crash before the cursor passed the
 * batch, the sink refuses it again, and it is found to be here.
 */
export class DeadLetters {
  readonly #directory: string;
  readonly #sinkId: string;
  #writer: LaneWriter | null = null;
  #stored: Set<string> | null = null;
  events = 0;
  batches = 0;

  constructor(
    journal: string,
    sinkId: string,
    private readonly identity: { readonly node: number; readonly boot: number },
  ) {
    this.#directory = deadLetterDirectory(journal, sinkId);
    this.#sinkId = sinkId;
  }

  /** Durable when it returns. `parts`: all that is refused of `batch`. Throws when the disk does not take it. */
  add(batch: StoredBatch, parts: readonly RefusedPart[]): void {
    const lane = this.#lane();
    const stored = this.#positions();
    const position = positionText(batch.position);
    if (!stored.has(position)) {
      const group = parts.map((part) => {
        const { count, route, partition } = part.batch;
        return { bytes: deadLetterBatch(this.#sinkId, part), count, route, partition };
      });
      const errno = lane.commitGroup(group) || lane.sync();
      if (errno !== 0) throw new Error(`cannot store a dead letter in ${this.#directory}: errno ${errno}`);
      stored.add(position);
      if (stored.size > rememberedMax) stored.delete(String(stored.values().next().value));
    }
    this.batches++;
    this.events += parts.reduce((sum, part) => sum + part.batch.count, 0);
  }

  close(): void {
    this.#writer?.close();
    this.#writer = null;
  }

  #lane(): LaneWriter {
    if (this.#writer === null) {
      mkdirSync(this.#directory, { recursive: true });
      this.#writer = new LaneWriter(makeLane(this.#directory, 0), { segmentBytes, ...this.identity });
    }
    return this.#writer;
  }

  /** Positions of batches whose dead letters are here; of an earlier run, those of the last two segments. */
  #positions(): Set<string> {
    if (this.#stored !== null) return this.#stored;
    const stored = new Set<string>();
    const from = listSegments(this.#directory, 0).at(-2);
    const place = from === undefined ? null : { lane: 0, segment: from, offset: segmentHeaderBytes };
    const reader = new LaneReader(this.#directory, 0, place);
    for (let batches = reader.read(); batches.length > 0; batches = reader.read()) {
      for (const { bytes } of batches) {
        const headers = readBatchRecords(bytes)[0]?.headers ?? [];
        stored.add(String(headers.find(([name]) => name === 'penstock.dead_letter.position')?.[1]));
      }
    }
    reader.close();
    this.#stored = stored;
    return stored;
  }
}
