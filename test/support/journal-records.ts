/** Every record that a stopped process left in its journal, in order of lane and place. */
import { join } from 'node:path';
import { LaneReader } from '../../engine/journal/lane-reader.js';
import { type BatchRecord, readBatchRecords } from '../../engine/journal/records.js';
import { listLanes } from '../../engine/journal/segments.js';

export function journalRecords(dataDirectory: string): BatchRecord[] {
  const directory = join(dataDirectory, 'journal');
  const records: BatchRecord[] = [];
  for (const lane of listLanes(directory)) {
    const reader = new LaneReader(directory, lane, null);
    try {
      for (let batches = reader.read(); batches.length > 0; batches = reader.read())
        for (const batch of batches) records.push(...readBatchRecords(batch.bytes));
    } finally {
      reader.close();
    }
  }
  return records;
}

/** Text of a header; '' when the record does not have it. */
export function headerOf({ headers }: BatchRecord, name: string): string {
  return String(headers.find(([header]) => header === name)?.[1] ?? '');
}
