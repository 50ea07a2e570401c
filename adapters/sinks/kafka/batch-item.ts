import type { StoredBatch } from '../../../engine/contracts.js';
import type { DeliveryError } from '../../../engine/errors.js';
import { type Stamp, stampHeader } from './stamp.js';
import type { ProducePart } from './wire/apis/produce.js';

/** One batch on its way: handed over by the engine, not yet answered for. */
export interface BatchItem {
  readonly batch: StoredBatch;
  readonly resolve: () => void;
  readonly reject: (error: DeliveryError) => void;
  stamp: Stamp | null;
  /** Tries that ended with a retriable error. */
  attempts: number;
  /** A try (of this run or an earlier one) ended without a definite no: the broker may have it under its stamp. */
  maybeStored: boolean;
}

/** A part of a Produce request, and whom to tell the answer. */
export interface SendPart extends ProducePart {
  /** `code` is the broker's; 13 (NETWORK_EXCEPTION) when there was no answer, with the reason as text. */
  readonly done: (code: number, text: string | null) => void;
}

/** Errors after which the batch may be in the partition all the same. */
const indefinite: ReadonlySet<number> = new Set([-1, 7, 13, 20, 56]);

/** Notes what an error says about the batch. */
export function noteError(item: BatchItem, code: number): void {
  if (indefinite.has(code)) item.maybeStored = true;
}

/** The batch with its stamp, ready to be sent. Its bytes are not copied, but for the header. */
export function sendPart(item: BatchItem, topic: string, partition: number, done: SendPart['done']): SendPart {
  const bytes = item.batch.bytes;
  const header = stampHeader(bytes, item.stamp!);
  return { topic, partition, header, rest: bytes.subarray(header.length), done };
}
