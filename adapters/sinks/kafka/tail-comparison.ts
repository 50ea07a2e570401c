import { createHash } from 'node:crypto';
import { VarintReader } from '../../../engine/journal/varint.js';
import { crc32c } from '../../../native/journal.js';
import type { BatchItem } from './batch-item.js';
import { type RecordView, readRecords } from './record-cut.js';
import { storedCount } from './stamp.js';

const logAppendTime = 8;
const controlBatch = 32;

interface Wanted {
  readonly item: BatchItem;
  readonly index: number;
  readonly digest: string;
}

/**
 * Which records of some batches are among the batches of a partition: told by the stamp where the broker still has the very batch,
 * else by the record's value, which carries the event's id (`event.id`) and so is not there twice by chance.
 */
export class TailComparison {
  /** Earliest record timestamp, ms since the epoch. */
  readonly earliestMs: number;
  readonly #present = new Map<BatchItem, Uint8Array>();
  /** By checksum and length of the value. */
  readonly #wanted = new Map<string, Wanted[]>();
  readonly #byStamp = new Map<string, BatchItem>();

  constructor(items: readonly BatchItem[]) {
    this.earliestMs = Math.min(...items.map((item) => Number(item.batch.bytes.readBigInt64BE(27))));
    for (const item of items) {
      this.#present.set(item, new Uint8Array(item.batch.count));
      this.#byStamp.set(`${item.stamp!.producerId}:${item.stamp!.epoch}:${item.stamp!.baseSequence}`, item);
      for (const [index, record] of readOrNone(item.batch.bytes).entries()) {
        const value = identityOf(record);
        const name = nameOf(value);
        const wanted = { item, index, digest: digestOf(value) };
        const others = this.#wanted.get(name);
        if (others === undefined) this.#wanted.set(name, [wanted]);
        else others.push(wanted);
      }
    }
  }

  /** One batch of the partition. */
  visit(batch: Buffer): void {
    const attributes = batch.readInt16BE(21);
    if (batch[16] !== 2 || (attributes & controlBatch) !== 0) return;
    const stamp = `${batch.readBigInt64BE(43)}:${batch.readInt16BE(51)}:${batch.readInt32BE(53)}`;
    const same = this.#byStamp.get(stamp);
    if (same !== undefined && same.batch.count === batch.readInt32BE(23) + 1) {
      this.#present.get(same)!.fill(1);
      return;
    }
    const newestMs = Number(batch.readBigInt64BE(35));
    if ((attributes & logAppendTime) === 0 && newestMs < this.earliestMs) return;
    for (const record of readOrNone(batch)) this.#visitRecord(record);
  }
  /** One flag a record: 1 where it was found. */
  present(item: BatchItem): Uint8Array {
    return this.#present.get(item) ?? new Uint8Array(item.batch.count);
  }

  #visitRecord(record: RecordView): void {
    const value = identityOf(record);
    const candidates = this.#wanted.get(nameOf(value));
    if (candidates === undefined) return;
    const digest = digestOf(value);
    for (const { item, index, digest: wanted } of candidates) {
      const flags = this.#present.get(item)!;
      if (wanted !== digest || flags[index] === 1) continue;
      flags[index] = 1;
      return; // one record stands for one event
    }
  }
}

/** A batch that cannot be decoded has no records that could be compared; it may still be told by its stamp. */
function readOrNone(batch: Buffer): readonly RecordView[] {
  try {
    return storedCount(batch) > 0 ? readRecords(batch) : [];
  } catch {
    return [];
  }
}
/** Its value; with a null value (a tombstone), or when it is not what a record should be, everything it has. */
function identityOf({ rest }: RecordView): Buffer {
  const reader = new VarintReader(rest);
  try {
    reader.bytes(); // key
    return reader.bytes() ?? rest;
  } catch {
    return rest;
  }
}
function nameOf(value: Buffer): string {
  return `${crc32c(value)}:${value.length}`;
}
function digestOf(value: Buffer): string {
  return createHash('sha256').update(value).digest('base64');
}
