import type { StoredBatch } from '../contracts.js';
import { keyHash } from '../journal/murmur2.js';
import { batchRecords } from '../journal/record-batch.js';
import { VarintReader } from '../journal/varint.js';

/** Keys that are looked at: with so few, another count than the true one fits all of them once in 65,536 times. */
const keysMin = 16;
const keysMax = 256;
/** Batches decompressed for it. */
const looksMax = 2048;
const partitionsMax = 1 << 16;

export interface Place {
  readonly route: number;
  readonly partition: number;
  /** False: its records have a key, and where that belongs cannot be told. */
  readonly sure: boolean;
}

/**
 * Where batches belong whose entry header is lost, told by the others of the journal: their route, when there is but one; their
 * partition by their key, when the keys and partitions of the others tell how many partitions there are.
 */
export class RepairPlaces {
  readonly #routes = new Set<number>();
  readonly #partitions = new Map<number, number>();
  #looks = 0;

  /** A batch that is whole. */
  note(batch: Pick<StoredBatch, 'route' | 'partition' | 'bytes'>): void {
    this.#routes.add(batch.route);
    if (batch.partition < 0 || this.#partitions.size >= keysMax || this.#looks++ >= looksMax) return;
    const key = firstKey(batch.bytes);
    if (key !== null) this.#partitions.set(keyHash(key), batch.partition);
  }

  /** Null: it may belong to any of several routes. */
  placeOf(batch: Buffer): Place | null {
    if (this.#routes.size > 1) return null;
    const [route = 0] = this.#routes;
    const key = firstKey(batch);
    if (key === null) return { route, partition: -1, sure: true };
    const hash = keyHash(key);
    const count = this.#partitionCount();
    const partition = this.#partitions.get(hash) ?? (count === null ? -1 : hash % count);
    return { route, partition, sure: partition >= 0 };
  }

  /** The greatest number that leaves every hash its partition. */
  #partitionCount(): number | null {
    if (this.#partitions.size < keysMin) return null;
    let count = 0;
    for (const [hash, partition] of this.#partitions) count = greatestCommonDivisor(count, Math.abs(hash - partition));
    return count > Math.max(...this.#partitions.values()) && count <= partitionsMax ? count : null;
  }
}

/** Of the first record, which stands for all: a batch is of one partition. Null: it has none, or cannot be read. */
function firstKey(batch: Buffer): Buffer | null {
  try {
    const reader = new VarintReader(batchRecords(batch));
    reader.varint(); // size
    reader.at++; // attributes
    reader.varint(); // timestamp delta
    reader.varint(); // offset delta
    return reader.bytes();
  } catch {
    return null;
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  let [left, right] = [a, b];
  while (right !== 0) [left, right] = [right, left % right];
  return left;
}
