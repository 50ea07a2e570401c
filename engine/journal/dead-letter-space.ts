import { statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readChecked, writeChecked } from './files.js';
import { LaneReader } from './lane-reader.js';
import { listSegments, segmentHeaderBytes, segmentPath } from './segments.js';

/** What becomes of dead letters when there are too many. */
export interface DeadLetterLimit {
  /** Of one sink; 0: no limit. */
  readonly bytesMax: number;
  /** `block`: no more are taken, and with them the sink's journal waits; `drop_oldest`: the oldest file is deleted, and its events are counted. */
  readonly whenFull: 'block' | 'drop_oldest';
}

interface Deleted {
  readonly events: number;
  /** The last segment counted in it. */
  readonly segment: number;
}

const nothing: Deleted = { events: 0, segment: -1 };

/** Keeps the dead letters of one sink (its directory's lane 0) within a limit. What was deleted stays written down beside them. */
export class DeadLetterSpace {
  readonly segmentBytes: number;
  #deleted: Deleted | null = null;
  #told = { bytes: 0, deletedEvents: 0 };

  constructor(
    private readonly directory: string,
    private readonly limit: DeadLetterLimit,
    segmentBytes: number,
  ) {
    // Space comes free by whole segments, but for the one being written.
    const part = limit.bytesMax > 0 ? Math.floor(limit.bytesMax / 8) : segmentBytes;
    this.segmentBytes = Math.max(4096, Math.min(segmentBytes, part));
  }

  /** What they take, and the events deleted since there are any, earlier runs included; while the disk does not tell, as it told last. */
  figures(): { readonly bytes: number; readonly deletedEvents: number } {
    try {
      const bytes = this.#segments().reduce((sum, segment) => sum + segment.bytes, 0);
      this.#told = { bytes, deletedEvents: this.#known().events };
    } catch {
      // who stores the next dead letter says what is wrong
    }
    return this.#told;
  }

  /** To be called before `bytes` more are stored. @throws when there is no room and none may be made */
  makeRoom(bytes: number): void {
    const { bytesMax, whenFull } = this.limit;
    if (bytesMax === 0) return;
    const segments = this.#segments();
    let left = segments.reduce((sum, segment) => sum + segment.bytes, 0) + bytes;
    if (left <= bytesMax) return;
    if (whenFull === 'block')
      throw new Error(
        `dead letters in ${this.directory} are at PENSTOCK_DEAD_LETTER_BYTES_MAX (${bytesMax}): redrive and delete them, raise it, ` +
          'or set PENSTOCK_DEAD_LETTER_WHEN_FULL=drop_oldest',
      );
    for (const { segment, bytes: size } of segments.slice(0, -1)) {
      if (left <= bytesMax) return;
      this.#delete(segment);
      left -= size;
    }
  }

  #segments(): { readonly segment: number; readonly bytes: number }[] {
    return listSegments(this.directory, 0).flatMap((segment) => {
      const stats = statSync(segmentPath(this.directory, 0, segment), { throwIfNoEntry: false });
      return stats === undefined ? [] : [{ segment, bytes: stats.size }];
    });
  }

  /** Written down first: after a crash in between the segment is deleted and not counted again. */
  #delete(segment: number): void {
    const known = this.#known();
    if (segment > known.segment) {
      const deleted = { events: known.events + eventsOf(this.directory, segment), segment };
      writeChecked(deletedPath(this.directory), deleted);
      this.#deleted = deleted;
    }
    unlinkSync(segmentPath(this.directory, 0, segment));
  }

  #known(): Deleted {
    this.#deleted ??= readDeleted(this.directory);
    return this.#deleted;
  }
}

/** Events that were dead letters of a sink once, and were deleted because there were too many. */
export function deletedDeadLetters(directory: string): number {
  return readDeleted(directory).events;
}

function readDeleted(directory: string): Deleted {
  const stored = readChecked(deletedPath(directory)) as Deleted | null | 'damaged';
  return stored === null || stored === 'damaged' ? nothing : stored;
}

function deletedPath(directory: string): string {
  return join(directory, 'deleted');
}

function eventsOf(directory: string, segment: number): number {
  const reader = new LaneReader(directory, 0, { lane: 0, segment, offset: segmentHeaderBytes });
  let events = 0;
  for (let batches = reader.read(); batches.length > 0; batches = reader.read()) {
    const own = batches.filter(({ position }) => position.segment === segment);
    for (const batch of own) events += batch.events;
    if (own.length < batches.length) break;
  }
  reader.close();
  return events;
}
