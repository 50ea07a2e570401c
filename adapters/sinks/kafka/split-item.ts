import type { StoredBatch } from '../../../engine/contracts.js';
import { DeliveryError, type RefusedPart } from '../../../engine/errors.js';
import { eventCount } from '../../../engine/journal/records.js';
import { type BatchItem, unsent } from './batch-item.js';
import { cutBatch, evenRanges, type RecordRange, runsOf } from './record-cut.js';

/**
 * Items of their own for some of the records of `item` (`ranges` count from its first record; what they leave out needs nothing
 * more). When all of them are answered `item` is: resolved, or rejected with the parts that were refused.
 * Null when the batch cannot be decoded.
 */
export function splitItem(item: BatchItem, ranges: readonly RecordRange[]): BatchItem[] | null {
  const pieces = cutOrNull(item.batch.bytes, ranges);
  if (pieces === null) return null;
  const refused: RefusedPart[] = [];
  let other: DeliveryError | null = null;
  let open = pieces.length;
  const settled = () => {
    if (--open > 0) return;
    if (other !== null) item.reject(other);
    else if (refused.length > 0) item.reject(partlyRefused(refused));
    else item.resolve();
  };
  return pieces.map((bytes, i) => {
    const { position, next, route, partition } = item.source;
    const range = ranges[i]!;
    const events = item.batch.events === item.batch.count ? range.count : eventCount(bytes);
    const batch: StoredBatch = { position, next, route, partition, count: range.count, events, bytes };
    const reject = (error: DeliveryError) => {
      if (error.verdict !== 'never') other ??= error;
      else refused.push(...(error.refused ?? [{ batch, code: error.code, message: error.message }]));
      settled();
    };
    return { ...unsent, batch, source: item.source, first: item.first + range.first, resolve: settled, reject };
  });
}

/** What to do with a batch that was refused: parts to send, and those that are refused. Null: nothing but refuse it whole. */
export function divide(
  item: BatchItem,
  code: string,
  badRecords: readonly number[],
): { send: BatchItem[]; refuse: BatchItem[] } | null {
  const { count } = item.batch;
  if (count < 2) return null;
  const whole = { first: 0, count };
  if (code === 'MESSAGE_TOO_LARGE' || code === 'RECORD_LIST_TOO_LARGE')
    return asSend(splitItem(item, evenRanges(whole, 2)));
  if (code !== 'INVALID_RECORD' && code !== 'INVALID_TIMESTAMP') return null;
  const bad = new Set(badRecords);
  if (bad.size === 0) return asSend(splitItem(item, evenRanges(whole, 2)));
  const runs = runsOf(whole, (index) => bad.has(index));
  if (runs.length === 1) return null;
  const parts = splitItem(item, runs);
  if (parts === null) return null;
  return { send: parts.filter((_, i) => !runs[i]!.yes), refuse: parts.filter((_, i) => runs[i]!.yes) };
}

function asSend(send: BatchItem[] | null): { send: BatchItem[]; refuse: BatchItem[] } | null {
  return send === null ? null : { send, refuse: [] };
}
function cutOrNull(batch: Buffer, ranges: readonly RecordRange[]): Buffer[] | null {
  try {
    return cutBatch(batch, ranges);
  } catch {
    return null;
  }
}
function partlyRefused(refused: readonly RefusedPart[]): DeliveryError {
  const events = refused.reduce((sum, part) => sum + part.batch.events, 0);
  const { code, message } = refused[0]!;
  return new DeliveryError('never', code, `${events} of its events: ${message}`, { refused });
}
