import { type Stats, statSync } from 'node:fs';
import { retireSegments } from '../../native/journal.js';
import type { JournalPosition } from '../contracts.js';
import { laneDirectory, listLanes, listSegments, listSpares, segmentPath } from './segments.js';

/** What the journal takes on disk. */
export interface SpaceFigures {
  readonly bytes: number;
  readonly segments: number;
  /** Since the oldest segment was last written to; 0 when there is none. */
  readonly oldestAgeSeconds: number;
  /** Files that were segments and will be again. */
  readonly spareBytes: number;
  readonly spares: number;
}

/** Counts the segments' bytes: one stat per file. */
export function measureSpace(journal: string, nowMs = Date.now()): SpaceFigures {
  let bytes = 0;
  let segments = 0;
  let oldestMs = nowMs;
  let spareBytes = 0;
  let spares = 0;
  for (const lane of listLanes(journal)) {
    for (const segment of listSegments(journal, lane)) {
      const stats = statOrNull(segmentPath(journal, lane, segment));
      if (stats === null) continue;
      bytes += stats.size;
      segments++;
      oldestMs = Math.min(oldestMs, stats.mtimeMs);
    }
    for (const path of listSpares(journal, lane)) {
      spareBytes += statOrNull(path)?.size ?? 0;
      spares++;
    }
  }
  return { bytes, segments, oldestAgeSeconds: Math.max(0, (nowMs - oldestMs) / 1000), spareBytes, spares };
}

/** What becomes of segments that nobody needs. */
export interface SparePolicy {
  /** Files a lane keeps, to make new segments of. */
  readonly sparesMax: number;
  /** Smaller ones are not worth it. */
  readonly bytesMin: number;
}

/**
 * Takes the segments below every needed position of their lane out of it; answers how many. They become spare files, or wait to be deleted
 * (see `Leftovers`). A lane's last segment stays: it is written to, and it carries the numbering on. A lane somebody has no position of
 * (null) keeps everything.
 */
export function retireDelivered(
  journal: string,
  needed: (lane: number) => readonly (JournalPosition | null)[],
  { sparesMax, bytesMin }: SparePolicy,
): number {
  let retired = 0;
  for (const lane of listLanes(journal)) {
    const positions = needed(lane);
    if (positions.length === 0 || positions.includes(null)) continue;
    const keepFrom = Math.min(...positions.map((position) => position?.segment ?? 0));
    const [oldest = 0, ...newer] = listSegments(journal, lane);
    if (newer.length === 0 || oldest >= keepFrom) continue;
    retired += retireSegments(laneDirectory(journal, lane), keepFrom, sparesMax, bytesMin).segments;
  }
  return retired;
}

export interface SegmentPlace {
  readonly lane: number;
  readonly segment: number;
}

/**
 * The oldest segments that a journal can do without to get rid of `bytes`, and those last written to before `olderThanMs`. A lane's last
 * segment is never among them.
 */
export function oldestSegments(journal: string, bytes: number, olderThanMs: number): SegmentPlace[] {
  const candidates = listLanes(journal).flatMap((lane) =>
    listSegments(journal, lane)
      .slice(0, -1)
      .flatMap((segment) => {
        const stats = statOrNull(segmentPath(journal, lane, segment));
        return stats === null ? [] : [{ lane, segment, bytes: stats.size, writtenMs: stats.mtimeMs }];
      }),
  );
  candidates.sort((a, b) => a.writtenMs - b.writtenMs || a.segment - b.segment);
  const found: SegmentPlace[] = [];
  let freed = 0;
  for (const { lane, segment, bytes: size, writtenMs } of candidates) {
    if (freed >= bytes && writtenMs >= olderThanMs) break;
    freed += size;
    found.push({ lane, segment });
  }
  return found;
}

function statOrNull(path: string): Stats | null {
  return statSync(path, { throwIfNoEntry: false }) ?? null;
}
