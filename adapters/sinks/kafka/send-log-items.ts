import type { BatchItem } from './batch-item.js';
import type { PartitionQueue } from './partition-queue.js';
import type { RecordRange } from './record-cut.js';
import type { SendEntry } from './send-log.js';
import { splitItem } from './split-item.js';
import { storedCrc } from './stamp.js';

/** An item and the queue it was sent by; null: any. */
export interface Placed {
  readonly item: BatchItem;
  readonly queue: PartitionQueue | null;
}

/**
 * What an earlier run left of a batch, by the entries of the send log: the batch, or its parts, each with the stamp it was sent
 * with, to the partition it was sent to. Null: nothing that matters; it is sent anew. 'other batch': the log speaks of other bytes.
 */
export function placeAgain(
  item: BatchItem,
  sent: readonly SendEntry[],
  queues: readonly PartitionQueue[],
): readonly Placed[] | null | 'other batch' {
  const { batch } = item;
  const crc = storedCrc(batch.bytes);
  const topic = queues[0]!.topic;
  if (sent.some((entry) => entry.crc !== crc || entry.topic !== topic || entry.first + entry.count > batch.count))
    return 'other batch';
  // A partition that is no more, because the topic was created anew with fewer, took what it had with it.
  const live = sent.filter((entry) => !entry.void && queues[entry.partition] !== undefined);
  if (live.length === 0) return null;
  const whole = live.find((entry) => entry.first === 0 && entry.count === batch.count);
  if (whole !== undefined && !whole.stored) return [restore(item, whole, queues)];
  const ranges = cover(live, batch.count).filter(({ entry }) => entry?.stored !== true);
  if (ranges.length === 0) {
    item.resolve();
    return [];
  }
  const parts = splitItem(item, ranges);
  if (parts === null) return null;
  const sibling = queues[live[0]!.partition]!;
  return parts.map((part, i) => {
    const entry = ranges[i]!.entry;
    return entry === null ? { item: part, queue: sibling } : restore(part, entry, queues);
  });
}

function restore(item: BatchItem, entry: SendEntry, queues: readonly PartitionQueue[]): Placed {
  item.stamp = entry.stamp;
  item.topicId = entry.topicId;
  item.after = entry.after;
  item.sentAt = entry.stampedAt;
  item.maybeStored = true;
  return { item, queue: queues[entry.partition]! };
}
/** The records of a batch as ranges: those of entries, and those between them. */
function cover(entries: readonly SendEntry[], count: number): (RecordRange & { readonly entry: SendEntry | null })[] {
  const ranges: (RecordRange & { entry: SendEntry | null })[] = [];
  let at = 0;
  for (const entry of entries) {
    if (entry.first > at) ranges.push({ first: at, count: entry.first - at, entry: null });
    ranges.push({ first: entry.first, count: entry.count, entry });
    at = entry.first + entry.count;
  }
  if (at < count) ranges.push({ first: at, count: count - at, entry: null });
  return ranges;
}
