import type { BatchItem } from './batch-item.js';
import { runsOf } from './record-cut.js';
import type { Place } from './recovery.js';
import type { SinkHost } from './sink-host.js';
import { splitItem } from './split-item.js';
import { TailComparison } from './tail-comparison.js';

/** Clocks of brokers and ours may differ by this much. */
const clockSkewMs = 10 * 60_000;

export interface Settled {
  readonly stored: readonly BatchItem[];
  /** Some records are stored; `rest` are items for the others. */
  readonly partly: readonly { readonly item: BatchItem; readonly rest: readonly BatchItem[] }[];
  /** False: what was looked for may have been stored and deleted since. */
  readonly complete: boolean;
}

/**
 * Looks for the records of `items` in the partition itself. What is not there is no longer in doubt; where the records they might
 * be among have been deleted that is a guess, and counted (`possible_duplicates_total`). Rejects with ClusterError.
 */
export async function compareWithTail(place: Place, host: SinkHost, items: readonly BatchItem[]): Promise<Settled> {
  if (items.length === 0) return { stored: [], partly: [], complete: true };
  const comparison = new TailComparison(items);
  const stampedAt = Math.min(...items.map((item) => item.sentAt));
  const bound = {
    after: items.every((item) => item.topicId === place.topicId)
      ? items.reduce((least, { after }) => (after < least ? after : least), items[0]!.after)
      : -1n,
    timestampMs: Math.min(comparison.earliestMs, stampedAt - clockSkewMs),
  };
  const { complete, bytes } = await host.readTail(place.topic, place.index, bound, (batch) => comparison.visit(batch));
  const stored: BatchItem[] = [];
  const partly: { item: BatchItem; rest: readonly BatchItem[] }[] = [];
  let found = 0;
  for (const item of items) {
    const present = comparison.present(item);
    const count = present.reduce((sum, flag) => sum + flag, 0);
    found += count;
    if (count === item.batch.count) stored.push(item);
    else {
      item.maybeStored = false;
      const rest = count > 0 ? restOf(place, host, item, present) : null;
      if (rest !== null) partly.push({ item, rest });
      if (!complete) host.count('possible_duplicates_total', item.batch.count - count);
    }
  }
  const records = items.reduce((sum, item) => sum + item.batch.count, 0);
  host.count('tail_comparisons_total');
  host.count('tail_read_bytes_total', bytes);
  host.count('tail_found_records_total', found);
  host.report(
    `${place.name}: the broker does not know who sent ${items.length} batches in doubt; ${found} of their ${records} records are ` +
      `in the partition, the others are sent again${complete ? '' : ' (records were deleted: some may have been stored before)'}`,
    { topic: place.topic, partition: place.index, batches: items.length, records, found, complete },
  );
  return { stored, partly, complete };
}

/** The log learns first which records are stored, so that the next run knows, too. */
function restOf(place: Place, host: SinkHost, item: BatchItem, present: Uint8Array): readonly BatchItem[] | null {
  const runs = runsOf({ first: 0, count: item.batch.count }, (index) => present[index] === 1);
  const rest = splitItem(
    item,
    runs.filter((run) => !run.yes),
  );
  if (rest === null) return null;
  for (const run of runs) if (run.yes) host.logStored(item, place, run);
  return rest;
}
