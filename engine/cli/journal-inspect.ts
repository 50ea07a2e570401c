import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { journalIndex, lockFile } from '../../native/journal.js';
import type { JournalPosition } from '../contracts.js';
import { listCursors, readCursor } from '../journal/cursor.js';
import { readChecked } from '../journal/files.js';
import { Quarantine } from '../journal/quarantine.js';
import {
  isPriorityLane,
  laneOf,
  listLanes,
  listSegments,
  listSpares,
  priorityLane,
  segmentPath,
} from '../journal/segments.js';
import { ExitCode } from './exit-codes.js';
import type { JournalArguments } from './journal.js';
import { count } from './report-error.js';

export interface LaneReport {
  readonly lane: number;
  readonly segments: number;
  readonly bytes: number;
  readonly batches: number;
  readonly events: number;
  /** Files of delivered segments, kept to be written over. */
  readonly spares: number;
  readonly spareBytes: number;
  /** When the oldest and the newest segment were last written to. */
  readonly oldest: string | null;
  readonly newest: string | null;
}

export interface SinkReport {
  readonly sink: string;
  readonly lanes: readonly (JournalPosition & { readonly waitingEvents: number })[];
  readonly waitingEvents: number;
}

export interface JournalReport {
  readonly journal: string;
  /** Process that uses it; null: none. */
  readonly usedBy: string | null;
  readonly node: number | null | 'damaged';
  readonly lanes: readonly LaneReport[];
  readonly sinks: readonly SinkReport[];
  readonly quarantine: readonly { readonly name: string; readonly bytes: number; readonly repaired: boolean }[];
}

/** `penstock journal inspect` */
export function inspect({ journal, json }: JournalArguments): number {
  const report = inspectJournal(journal);
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : inspectText(report));
  return ExitCode.ok;
}

/** Goes by entry headers: quick, whatever the size. */
export function inspectJournal(journal: string): JournalReport {
  const segments = new Map(listLanes(journal).map((lane) => [lane, indexLane(journal, lane)]));
  const identity = readChecked(join(journal, 'identity')) as { node: number } | null | 'damaged';
  return {
    journal,
    usedBy: usedBy(journal),
    node: identity === null || identity === 'damaged' ? identity : identity.node,
    lanes: [...segments].map(([lane, list]) => laneReport(lane, list, listSpares(journal, lane))),
    sinks: listCursors(journal).map((sink) => sinkReport(journal, sink, segments)),
    quarantine: new Quarantine(journal).list().map(({ name, bytes, repaired }) => ({ name, bytes, repaired })),
  };
}

/** The process that holds the journal's lock. */
export function usedBy(journal: string): string | null {
  let fd: number;
  try {
    fd = openSync(join(journal, 'lock'), 'r');
  } catch {
    return null;
  }
  try {
    return lockFile(fd) === 0 ? null : readFileSync(fd, 'utf8').trim() || 'unknown';
  } finally {
    closeSync(fd);
  }
}

interface SegmentIndex {
  readonly segment: number;
  readonly bytes: number;
  readonly writtenMs: number;
  /** Offset and records of each batch. */
  readonly batches: Float64Array;
}

function indexLane(journal: string, lane: number): SegmentIndex[] {
  return listSegments(journal, lane).flatMap((segment) => {
    const path = segmentPath(journal, lane, segment);
    const stats = statSync(path, { throwIfNoEntry: false }); // deleted in between, when all have it
    if (stats === undefined) return [];
    return [{ segment, bytes: stats.size, writtenMs: stats.mtimeMs, batches: journalIndex(path) }];
  });
}

function laneReport(lane: number, segments: readonly SegmentIndex[], spares: readonly string[]): LaneReport {
  const time = (index: SegmentIndex | undefined) => (index ? new Date(index.writtenMs).toISOString() : null);
  return {
    lane,
    segments: segments.length,
    bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
    batches: segments.reduce((sum, { batches }) => sum + batches.length / 3, 0),
    events: segments.reduce((sum, { batches }) => sum + eventsFrom(batches, 0), 0),
    spares: spares.length,
    spareBytes: spares.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0),
    oldest: time(segments[0]),
    newest: time(segments.at(-1)),
  };
}

function sinkReport(journal: string, sink: string, lanes: ReadonlyMap<number, readonly SegmentIndex[]>): SinkReport {
  const cursor = readCursor(journal, sink);
  const apart = (lane: number) => cursor?.has(priorityLane(lane)) === true;
  const numbers = [...lanes.keys()].flatMap((lane) => (apart(lane) ? [lane, priorityLane(lane)] : [lane]));
  const reports = numbers.map((lane) => {
    const segments = lanes.get(laneOf(lane)) ?? [];
    const which = isPriorityLane(lane) ? 'priority' : apart(lane) ? 'ordinary' : 'all';
    const position = cursor?.get(lane)?.position ?? { lane, segment: 0, offset: 0 };
    const waitingEvents = segments.reduce((sum, { segment, batches }) => {
      if (segment < position.segment) return sum;
      return sum + eventsFrom(batches, segment === position.segment ? position.offset : 0, which);
    }, 0);
    return { ...position, waitingEvents };
  });
  return { sink, lanes: reports, waitingEvents: reports.reduce((sum, { waitingEvents }) => sum + waitingEvents, 0) };
}

function eventsFrom(batches: Float64Array, offset: number, which: 'all' | 'priority' | 'ordinary' = 'all'): number {
  let events = 0;
  for (let i = 0; i < batches.length; i += 3) {
    const priority = batches[i + 2] === 1;
    if (which !== 'all' && priority !== (which === 'priority')) continue;
    if ((batches[i] ?? 0) >= offset) events += batches[i + 1] ?? 0;
  }
  return events;
}

function inspectText({ journal, usedBy, node, lanes, sinks, quarantine }: JournalReport): string {
  const lines = [
    `journal  ${journal}`,
    `used by  ${usedBy === null ? 'no process' : `process ${usedBy}`}`,
    `node     ${node ?? 'none yet'}`,
    '',
    ...lanes.map(
      (lane) =>
        `lane ${lane.lane}: ${count(lane.events, 'event')} in ${count(lane.batches, 'batch', 'batches')}, ` +
        `${megabytes(lane.bytes)} in ${count(lane.segments, 'segment')}` +
        (lane.spares === 0 ? '' : `, and ${megabytes(lane.spareBytes)} in ${count(lane.spares, 'spare file')}`) +
        (lane.oldest === null ? '' : `, written ${lane.oldest} to ${lane.newest}`),
    ),
    '',
    ...sinks.map(({ sink, waitingEvents }) => `sink ${sink}: ${count(waitingEvents, 'event')} waiting`),
    ...(sinks.length === 0 ? ['no sink has a position here'] : []),
  ];
  const open = quarantine.filter(({ repaired }) => !repaired);
  if (open.length > 0) {
    const bytes = open.reduce((sum, piece) => sum + piece.bytes, 0);
    lines.push('', `${count(open.length, 'damaged place')} kept aside (${bytes} bytes): see penstock journal repair`);
  }
  return `${lines.join('\n')}\n`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
