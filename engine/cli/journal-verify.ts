import { statSync } from 'node:fs';
import { segmentTail } from '../../native/journal.js';
import type { JournalPosition } from '../contracts.js';
import { LaneReader } from '../journal/lane-reader.js';
import { listLanes, listSegments, segmentPath } from '../journal/segments.js';
import { ExitCode } from './exit-codes.js';
import type { JournalArguments } from './journal.js';
import { megabytes, usedBy } from './journal-inspect.js';
import { count } from './report-error.js';

export interface VerifyReport {
  readonly journal: string;
  readonly events: number;
  readonly bytes: number;
  readonly damage: readonly (JournalPosition & { readonly bytes: number })[];
  /** Segments that end in bytes never committed; what an engine is writing now is none. */
  readonly torn: readonly (JournalPosition & { readonly bytes: number })[];
}

/** `penstock journal verify` */
export function verify({ journal, json }: JournalArguments): number {
  const report = verifyJournal(journal);
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : verifyText(report));
  return report.damage.length === 0 ? ExitCode.ok : ExitCode.failure;
}

/** Reads every byte and checks every checksum. */
export function verifyJournal(journal: string): VerifyReport {
  const live = usedBy(journal) !== null;
  const damage: (JournalPosition & { bytes: number })[] = [];
  const torn: (JournalPosition & { bytes: number })[] = [];
  let [events, bytes] = [0, 0];
  for (const lane of listLanes(journal)) {
    const segments = listSegments(journal, lane);
    for (const segment of segments) {
      // One segment at a time: its end is told from the next one's begin.
      const from = { lane, segment, offset: 64 };
      const reader = new LaneReader(journal, lane, from, undefined, (place) => {
        if (place.position.segment === segment) damage.push({ ...place.position, bytes: place.bytes.length });
      });
      const end = readSegment(reader, segment, (count) => (events += count));
      reader.close();
      const path = segmentPath(journal, lane, segment);
      const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      bytes += size;
      const beingWritten = live && segment === segments.at(-1);
      const tornBytes = size > end && !beingWritten ? segmentTail(path).torn : 0;
      if (tornBytes > 0) torn.push({ lane, segment, offset: end, bytes: tornBytes });
    }
  }
  return { journal, events, bytes, damage, torn };
}

/** Answers where what is committed ends. */
function readSegment(reader: LaneReader, segment: number, counted: (events: number) => void): number {
  let end = reader.position.offset;
  for (;;) {
    const batches = reader.read();
    for (const batch of batches) {
      if (batch.position.segment !== segment) return end;
      counted(batch.events);
      end = batch.next.offset;
    }
    if (reader.position.segment !== segment) return end;
    end = Math.max(end, reader.position.offset);
    if (batches.length === 0) return end;
  }
}

function verifyText({ journal, events, bytes, damage, torn }: VerifyReport): string {
  const place = (at: JournalPosition) => `lane ${at.lane}, segment ${at.segment.toString(16).padStart(16, '0')}`;
  const lines = [
    `${journal}: ${count(events, 'event')} are whole, in ${megabytes(bytes)}`,
    ...damage.map((at) => `DAMAGED  ${place(at)}: ${count(at.bytes, 'byte')} from ${at.offset} on`),
    ...torn.map((at) => `torn     ${place(at)}: ${count(at.bytes, 'byte')} from ${at.offset} on were never committed`),
  ];
  if (damage.length === 0) lines.push('no damage');
  else
    lines.push(
      '',
      'Everything else is read and delivered as usual. penstock journal repair tells what can be had of it.',
    );
  return `${lines.join('\n')}\n`;
}
