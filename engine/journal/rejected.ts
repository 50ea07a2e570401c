/**
 * Batches of events that do not fit their listener's schema (option `schema`). They are in the journal as all others, so that what was
 * acknowledged is durable, but no sink gets them: each delivery takes them to its sink's dead letters.
 */
import type { StoredBatch } from '../contracts.js';
import { DeliveryError, type RefusedPart } from '../errors.js';
import { type BatchRecord, makeBatch, readBatchRecords } from './records.js';

/** kRejectedRoute in native/src/pipeline/pipeline.h: set in the route beside the topic's. */
const rejectedRoute = 0x8000;
/** kReasonHeader in native/src/pipeline/record_headers.h; gone when a dead letter is read, as all of that prefix. */
const reasonHeader = 'penstock.dead_letter.reason';
/** The reason of the dead letters. */
export const rejectedCode = 'schema';

export function isRejected({ route }: Pick<StoredBatch, 'route'>): boolean {
  return (route & rejectedRoute) !== 0;
}

/** What a sink would answer that refused each of these events for its own reason. */
export function rejectionOf(batch: StoredBatch): DeliveryError {
  const byReason = new Map<string, BatchRecord[]>();
  for (const record of readBatchRecords(batch.bytes)) {
    const reason = String(record.headers.find(([name]) => name === reasonHeader)?.[1] ?? '');
    const same = byReason.get(reason);
    if (same) same.push(record);
    else byReason.set(reason, [record]);
  }
  const refused = [...byReason].map(([message, records]): RefusedPart => {
    const { position, next, partition, route } = batch;
    const count = records.length;
    const part = { position, next, partition, route: route & ~rejectedRoute, count, events: count };
    return { batch: { ...part, bytes: makeBatch(records) }, code: rejectedCode, message };
  });
  return new DeliveryError('never', rejectedCode, "events do not fit their listener's schema", { refused });
}
