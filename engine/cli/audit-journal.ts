/** What the journal itself proves of one sink: what was written for it, what it has passed, what waits, and what is missing. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalPosition } from '../contracts.js';
import { type LaneCursor, readCursor } from '../journal/cursor.js';
import { deletedDeadLetters } from '../journal/dead-letter-space.js';
import { EventCounter } from '../journal/event-counter.js';
import { LaneReader } from '../journal/lane-reader.js';
import {
  isPriorityLane,
  listLanes,
  listSegments,
  priorityLane,
  segmentHeaderBytes,
  segmentPath,
  segmentsPerBoot,
} from '../journal/segments.js';
import type { LedgerBook } from '../telemetry/ledger-book.js';

export interface JournalAudit {
  readonly cursor: ReadonlyMap<number, JournalPosition>;
  /** Events journaled for the sink since its cursor was made. */
  readonly journaled: number;
  readonly delivered: number;
  readonly deadLettered: number;
  /** Given up because the journal was full or they were too old, as the operator asked for. */
  readonly dropped: number;
  readonly waiting: number;
  readonly contradictions: readonly string[];
}

/**
 * @param book what the engine wrote down last; read before the cursor, so that a running engine does not contradict itself
 * @param readBodies read every waiting batch whole, not only its header
 */
export function auditJournal(
  journal: string,
  sinkId: string,
  book: LedgerBook | null,
  readBodies: boolean,
): JournalAudit {
  const cursors = readCursor(journal, sinkId) ?? new Map<number, LaneCursor>();
  const contradictions: string[] = [];
  let [passed, dropped, waiting] = [0, 0, 0];
  for (const lane of new Set([...listLanes(journal), ...cursors.keys()])) {
    const cursor = cursors.get(lane);
    passed += cursor?.passed ?? 0;
    dropped += cursor?.dropped ?? 0;
    contradictions.push(...missingSegments(journal, lane, cursor?.position ?? null));
    const counter = new EventCounter(journal, lane, cursor?.position ?? null);
    counter.ordinaryOnly = cursors.has(priorityLane(lane)) && !isPriorityLane(lane);
    counter.advance(null);
    counter.close();
    waiting += counter.events;
    if (readBodies) contradictions.push(...unreadable(journal, lane, cursor?.position ?? null, counter));
  }
  const deadLettered = countDeadLetters(join(journal, 'dead-letter', encodeURIComponent(sinkId)));
  const journaled = passed + waiting;
  const before = book?.journaled[sinkId] ?? 0;
  if (journaled < before) {
    const when = new Date(book?.atMs ?? 0).toISOString();
    contradictions.push(`${before} events had been journaled by ${when}, and ${before - journaled} of them are gone`);
  }
  if (deadLettered > journaled) contradictions.push(`${deadLettered} dead letters of only ${journaled} events`);
  const cursor = new Map([...cursors].map(([lane, { position }]) => [lane, position]));
  // A dead letter is stored before the cursor moves: right after a kill one batch may be both that and waiting.
  const delivered = Math.max(0, passed - deadLettered - dropped);
  return { cursor, journaled, delivered, deadLettered, dropped, waiting, contradictions };
}

/** Segments are numbered without gaps, and none that the cursor has not passed is ever deleted. */
function missingSegments(journal: string, lane: number, cursor: JournalPosition | null): string[] {
  const segments = listSegments(journal, lane);
  if (cursor?.segment === 0) return missingSegments(journal, lane, null); // the beginning, wherever that is
  const [first, last] = [segments[0], segments.at(-1)];
  if (first === undefined || last === undefined) {
    return cursor === null ? [] : [`lane ${lane} has no segments, and the sink is at ${name(cursor.segment)}`];
  }
  const found: string[] = [];
  if (cursor !== null && cursor.segment < first)
    found.push(
      `lane ${lane}: segments ${name(cursor.segment)} to ${name(first - 1)} were deleted before they were delivered`,
    );
  if (cursor !== null && cursor.segment > last)
    found.push(
      `lane ${lane} ends with segment ${name(last)}, and the sink has delivered up to ${name(cursor.segment)}`,
    );
  for (let i = 1; i < segments.length; i++) {
    const [before, after] = [segments[i - 1] as number, segments[i] as number];
    // Numbers jump where a boot begins: what is missing at its end then is not seen here.
    if (after === before + 1 || after % segmentsPerBoot === 0 || (cursor !== null && after <= cursor.segment)) continue;
    found.push(`lane ${lane}: between segments ${name(before)} and ${name(after)} there are some missing`);
  }
  if (cursor !== null && segments.includes(cursor.segment)) {
    const { size } = statSync(segmentPath(journal, lane, cursor.segment));
    // A cursor at a segment's beginning has taken nothing of it; killed as it was made, it has no header yet.
    if (size < cursor.offset && cursor.offset > segmentHeaderBytes)
      found.push(
        `lane ${lane}: segment ${name(cursor.segment)} was cut to ${size} bytes; ${cursor.offset} were delivered`,
      );
  }
  return found;
}

/** Headers say how many events wait; here their bodies are read and their checksums compared. */
function unreadable(journal: string, lane: number, from: JournalPosition | null, counted: EventCounter): string[] {
  const reader = new LaneReader(journal, lane, from);
  reader.ordinaryOnly = counted.ordinaryOnly;
  let events = 0;
  for (let batches = reader.read(); batches.length > 0 || reader.behind; batches = reader.read())
    for (const batch of batches) events += batch.events;
  const { corruptBytes, corruptPlaces } = reader.figures;
  reader.close();
  if (corruptPlaces === 0 && events >= counted.events) return [];
  const lost = Math.max(0, counted.events - events);
  return [`lane ${lane}: ${corruptBytes} bytes in ${corruptPlaces} places are damaged, with ${lost} events or more`];
}

function countDeadLetters(directory: string): number {
  let events = deletedDeadLetters(directory);
  for (const lane of listLanes(directory)) {
    const counter = new EventCounter(directory, lane, null);
    counter.advance(null);
    counter.close();
    events += counter.events;
  }
  return events;
}

function name(segment: number): string {
  return segment.toString(16).padStart(16, '0');
}
