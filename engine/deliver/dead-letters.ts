import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LaneWriter } from '../../native/journal.js';
import type { StoredBatch } from '../contracts.js';
import type { DeliveryError } from '../errors.js';
import { makeLane } from '../journal/segments.js';

const segmentBytes = 64 * 2 ** 20;

/**
 * Keeps what a sink refuses for ever, so that nothing vanishes: the batches, byte for byte, in journal segments of their own
 * (readable by everything that reads a journal), and one line of JSON per batch that says why.
 *
 *   <directory>/<sink>/lane-000/….seg   reasons.ndjson
 */
export class DeadLetters {
  readonly #directory: string;
  readonly #sinkId: string;
  #writer: LaneWriter | null = null;
  events = 0;
  batches = 0;

  constructor(
    directory: string,
    sinkId: string,
    private readonly identity: { readonly node: number; readonly boot: number },
  ) {
    this.#directory = join(directory, encodeURIComponent(sinkId));
    this.#sinkId = sinkId;
  }

  /** Durable when it returns. Throws when the disk does not take it. */
  add(batch: StoredBatch, reason: DeliveryError): void {
    const { bytes, count, route, partition } = batch;
    const errno = this.#lane().commitGroup([{ bytes, count, route, partition }]) || this.#lane().sync();
    if (errno !== 0) throw new Error(`cannot store a dead letter in ${this.#directory}: errno ${errno}`);
    const line = {
      '@timestamp': new Date().toISOString(),
      sink: this.#sinkId,
      code: reason.code,
      message: reason.message,
      route: batch.route,
      partition: batch.partition,
      events: batch.count,
      position: batch.position,
    };
    appendFileSync(join(this.#directory, 'reasons.ndjson'), `${JSON.stringify(line)}\n`);
    this.batches++;
    this.events += batch.count;
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
}
