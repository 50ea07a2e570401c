import type { StoredBatch } from '../../../engine/contracts.js';
import type { DeliveryError } from '../../../engine/errors.js';
import { isBefore } from './send-entries.js';
import { maxTimestampAt, type Stamp, stampHeader } from './stamp.js';
import type { ProduceAnswer, ProducePart } from './wire/apis/produce.js';

/** One batch on its way, or one part of it: handed over by the engine, not yet answered for. */
export interface BatchItem {
  /** What is sent: `source`, or neighbouring records of it in a batch of their own (same position). */
  readonly batch: StoredBatch;
  /** The engine's batch, as the journal holds it. */
  readonly source: StoredBatch;
  /** Index in `source` of the first record of `batch`. */
  readonly first: number;
  readonly resolve: () => void;
  readonly reject: (error: DeliveryError) => void;
  stamp: Stamp | null;
  /** Id of the topic that the stamp is for: a topic created anew under the same name has another one. */
  topicId: string;
  /** Offset of the partition before which it cannot be stored under its stamp; −1: unknown. */
  after: bigint;
  /** When it was last sent, or, by an earlier run, stamped: ms since the epoch. */
  sentAt: number;
  /** Tries that ended with a retriable error. */
  attempts: number;
  /** A try (of this run or an earlier one) ended without a definite no: the broker may have it under its stamp. */
  maybeStored: boolean;
}

/** A part of a Produce request, and whom to tell the answer. */
export interface SendPart extends ProducePart {
  /** `code` is the broker's; 13 (NETWORK_EXCEPTION) when there was no answer, with the reason as text. */
  readonly done: (code: number, text: string | null, answer?: ProduceAnswer) => void;
}

/** A whole batch, not yet sent by anyone. */
export function newItem(batch: StoredBatch, settle: Pick<BatchItem, 'resolve' | 'reject'>): BatchItem {
  return { batch, source: batch, first: 0, ...settle, ...unsent };
}
export const unsent = { stamp: null, topicId: '', after: -1n, sentAt: 0, attempts: 0, maybeStored: false } as const;

/**
 * Errors after which the batch may be in the partition all the same. NOT_LEADER_OR_FOLLOWER (6) is one: a leader that loses its place while
 * it waits for the replicas says so of what it has written.
 */
const indefinite: ReadonlySet<number> = new Set([-1, 6, 7, 13, 20, 56]);

/** Notes what an error says about the batch. */
export function noteError(item: BatchItem, code: number): void {
  if (indefinite.has(code)) item.maybeStored = true;
}

/** The batch with its stamp, ready to be sent. Its bytes are not copied, but for the header. */
export function sendPart(item: BatchItem, topic: string, partition: number, done: SendPart['done']): SendPart {
  const bytes = item.batch.bytes;
  const header = stampHeader(bytes, item.stamp!);
  item.sentAt = Date.now();
  return { topic, partition, header, rest: bytes.subarray(header.length), done };
}

/**
 * Whether the broker may have forgotten who sent the batch, and with it that it has the batch. It does not count from when the batch
 * came but from its newest record's time (`producer.id.expiration.ms` beside the batch's maxTimestamp): what waited in the journal for
 * longer than that is forgotten whenever the broker looks, or starts.
 * @param rememberedMs how long it remembers at least
 */
export function mayBeForgotten({ sentAt, batch }: BatchItem, rememberedMs: number): boolean {
  const newestMs = Number(batch.bytes.readBigInt64BE(maxTimestampAt));
  return Date.now() - Math.min(sentAt, newestMs) > rememberedMs;
}

/** True when `a` comes before `b` in the same lane of the journal. */
export function precedes(a: BatchItem, b: BatchItem): boolean {
  const [p, q] = [a.source.position, b.source.position];
  if (p.lane !== q.lane) return false;
  return isBefore(p, q) || (!isBefore(q, p) && a.first < b.first);
}
