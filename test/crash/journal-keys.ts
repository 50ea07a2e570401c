import { batchToJsonLines } from '../../adapters/sinks/store/json-lines.js';
import { LaneReader } from '../../engine/journal/lane-reader.js';
import { listLanes } from '../../engine/journal/segments.js';
import { findKey, type KeyCounts } from './event-keys.js';

/** Adds the events of every committed batch that the journal of a dead process holds. Answers what readers skipped as damaged. */
export function readJournalKeys(journal: string, into: KeyCounts): { corruptBytes: number } {
  let corruptBytes = 0;
  for (const lane of listLanes(journal)) {
    const reader = new LaneReader(journal, lane, null);
    for (let batches = reader.read(); batches.length > 0; batches = reader.read()) {
      for (const batch of batches) {
        const lines = batchToJsonLines(batch, batch.firstReceivedMs);
        for (let found = findKey(lines); found !== null; found = findKey(lines, lines.indexOf(10, found.end)))
          into.add(found.key);
      }
    }
    corruptBytes += reader.figures.corruptBytes;
    reader.close();
  }
  return { corruptBytes };
}
