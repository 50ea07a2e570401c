import { batchToJsonLines } from '../../adapters/sinks/store/json-lines.js';
import type { JournalBatch } from '../journal/journal-batch.js';
import { LaneReader } from '../journal/lane-reader.js';
import { refuseNewer } from '../journal/newer.js';
import { isRejected } from '../journal/rejected.js';
import { listLanes, listSegments, segmentHeaderBytes } from '../journal/segments.js';

/** Follows a journal: the youngest events first asked for, then what comes. */
export class LocalTail {
  readonly #readers = new Map<number, LaneReader>();

  /** @throws OperatingError JOURNAL_NEWER */
  constructor(private readonly journal: string) {
    refuseNewer(journal);
  }

  /** The youngest `lines` events in order of their arrival, as JSON lines; what comes later is left to `next`. */
  last(lines: number): Buffer[] {
    const batches: JournalBatch[] = [];
    for (const lane of listLanes(this.journal)) batches.push(...this.#lastOfLane(lane, lines));
    batches.sort((a, b) => a.firstReceivedMs - b.firstReceivedMs);
    let count = 0;
    let first = batches.length;
    while (first > 0 && count < lines) count += batches[--first]?.events ?? 0;
    const all = batches.slice(first).flatMap((batch) => splitLines(batchToJsonLines(batch, batch.firstReceivedMs)));
    return lines === 0 ? [] : all.slice(-lines);
  }

  /** What has come since, about one read per lane. */
  next(): Buffer[] {
    for (const lane of listLanes(this.journal)) {
      if (!this.#readers.has(lane)) this.#readers.set(lane, new LaneReader(this.journal, lane, null));
    }
    const batches = [...this.#readers.values()]
      .flatMap((reader) => reader.read())
      .filter((batch) => !isRejected(batch));
    batches.sort((a, b) => a.firstReceivedMs - b.firstReceivedMs);
    return batches.map((batch) => batchToJsonLines(batch, batch.firstReceivedMs));
  }

  close(): void {
    for (const reader of this.#readers.values()) reader.close();
  }

  /** The last batches of a lane that hold at least `lines` events; leaves the lane's reader behind them. */
  #lastOfLane(lane: number, lines: number): JournalBatch[] {
    const segments = listSegments(this.journal, lane);
    for (let i = segments.length - 1; ; i--) {
      const segment = segments[i];
      const from = segment === undefined ? null : { lane, segment, offset: segmentHeaderBytes };
      const reader = new LaneReader(this.journal, lane, from);
      const kept: JournalBatch[] = [];
      let count = 0;
      for (let got = reader.read(); got.length > 0; got = reader.read()) {
        for (const batch of got) {
          if (isRejected(batch)) continue;
          kept.push(batch);
          count += batch.events;
          while (kept[0] !== undefined && count - kept[0].events >= lines) count -= kept.shift()?.events ?? 0;
        }
      }
      if (count >= lines || i <= 0) {
        this.#readers.set(lane, reader);
        return kept;
      }
      reader.close();
    }
  }
}

function splitLines(text: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf(10, start) + 1 || text.length;
    lines.push(text.subarray(start, end));
    start = end;
  }
  return lines;
}
