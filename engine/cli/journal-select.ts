import { OperatingError } from '../errors.js';
import { listCursors, readCursor } from '../journal/cursor.js';
import type { JournalBatch } from '../journal/journal-batch.js';
import { LaneReader } from '../journal/lane-reader.js';
import { isPriorityLane, laneOf, listLanes, priorityLane } from '../journal/segments.js';

/** Which events of a journal. */
export interface Selection {
  readonly lane: number | null;
  /** By when a batch's events were received: a batch is taken when one of them may be meant. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** Only what this sink has not acknowledged. */
  readonly waiting: string | null;
}

/** The batches, lane by lane, in order. @throws OperatingError SINK_UNKNOWN */
export function* selectBatches(journal: string, selection: Selection): Generator<JournalBatch> {
  const cursor = selection.waiting === null ? null : readCursor(journal, selection.waiting);
  if (selection.waiting !== null && cursor === null) throw unknownSink(journal, selection.waiting);
  const lanes = listLanes(journal).flatMap((lane) =>
    cursor?.has(priorityLane(lane)) ? [priorityLane(lane), lane] : [lane],
  );
  for (const lane of lanes) {
    if (selection.lane !== null && laneOf(lane) !== selection.lane) continue;
    const reader = new LaneReader(journal, lane, cursor?.get(lane)?.position ?? null);
    reader.ordinaryOnly = !isPriorityLane(lane) && lanes.includes(priorityLane(lane));
    try {
      for (let batches = reader.read(); batches.length > 0 || reader.behind; batches = reader.read())
        for (const batch of batches)
          if (batch.lastReceivedMs >= selection.fromMs && batch.firstReceivedMs < selection.untilMs) yield batch;
    } finally {
      reader.close();
    }
  }
}

function unknownSink(journal: string, sink: string): OperatingError {
  const known = listCursors(journal);
  return new OperatingError(
    'SINK_UNKNOWN',
    `${journal} has no sink ${sink}`,
    known.length === 0 ? 'no sink has taken anything yet: leave --waiting out' : `it has ${known.join(', ')}`,
  );
}
