/**
 * Batches of events that do not fit their listener's schema (option `schema`). They are in the journal as all others, so that what was
 * acknowledged is durable, but no sink gets them: each delivery takes them to its sink's dead letters. Each record says why in a header.
 */
import type { StoredBatch } from '../contracts.js';
import { DeliveryError } from '../errors.js';

/** kRejectedRoute in native/src/pipeline/pipeline.h: set in the route beside the topic's. */
const rejectedRoute = 0x8000;
/** The reason of the dead letters. */
export const rejectedCode = 'schema';

export function isRejected({ route }: Pick<StoredBatch, 'route'>): boolean {
  return (route & rejectedRoute) !== 0;
}

/** What a sink would answer that refused every one of these events, each for the reason that its record has. */
export function rejectionOf({ position, next, partition, route, bytes, count, events }: StoredBatch): DeliveryError {
  const batch = { position, next, partition, route: route & ~rejectedRoute, bytes, count, events };
  const message = "events do not fit their listener's schema";
  const refused = [{ batch, code: rejectedCode, message, inRecords: true }];
  return new DeliveryError('never', rejectedCode, message, { refused });
}
