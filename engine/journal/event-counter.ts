/**
 * Counts the events of a lane from entry headers alone: one small read a batch, so that a journal of any size can be counted
 * beside what writes and delivers it, and independently of both. Format: docs/reference/journal.md.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { crc32c } from '../../native/journal.js';
import type { JournalPosition } from '../contracts.js';
import { LaneReader } from './lane-reader.js';
import {
  entrySeed,
  isPriorityLane,
  listSegments,
  readSegmentHeader,
  segmentHeaderBytes,
  segmentPath,
} from './segments.js';

const entryMagic = 0x0145e489;
const entryHeaderBytes = 64;
const headerBytesMax = 32_768; // 64 + 1024 ring positions, and more
const align = 64;
/** Small entries are read many at a time. */
const windowBytes = 65_536;
const smallEntryBytes = 16_384;
const entryType = { batch: 1, commit: 2, end: 3 } as const;
const flags = { priority: 1 } as const;

interface OpenSegment {
  readonly number: number;
  readonly fd: number;
  /** What entries repeat, and what their checksums begin with. */
  key: { readonly salt: number; readonly seed: number } | null;
}

interface Entry {
  readonly type: number;
  readonly count: number;
  readonly bytes: number;
  readonly priority: boolean;
}

/** Goes forward only. By the number of a lane's priority batches (segments.ts) it counts the events of those alone. */
export class EventCounter {
  /** Events between where it began and `position`. */
  events = 0;
  /** Segments whose headers are damaged: counted by reading what is whole in them. */
  damagedSegments = 0;
  /** Leaves the events of priority batches out. */
  ordinaryOnly = false;
  #position: JournalPosition;
  #open: OpenSegment | null = null;
  #suspect: JournalPosition | null = null;
  readonly #buffer = Buffer.alloc(windowBytes);
  /** What of the open segment is in the buffer. */
  #window = { from: 0, to: 0 };
  #lastEntryBytes = Number.POSITIVE_INFINITY;

  /** @param from null: the oldest event there is */
  constructor(
    private readonly journal: string,
    readonly lane: number,
    from: JournalPosition | null,
  ) {
    this.#position = from ?? { lane, segment: 0, offset: segmentHeaderBytes };
  }

  get position(): JournalPosition {
    return this.#position;
  }

  /**
   * Counts on to `to` (a place between batches), or as far as groups are committed when it is null. Looks at about `entriesMax`
   * entries; true when it is there.
   */
  advance(to: JournalPosition | null, entriesMax = Number.POSITIVE_INFINITY): boolean {
    let left = entriesMax;
    while (left > 0) {
      if (to !== null && !isBefore(this.#position, to)) return true;
      const open = this.#segment();
      if (open === null) return true;
      const counted = this.#count(open, to, left);
      left -= counted.entries + 1;
      if (counted.end === 'more') continue;
      if (counted.end === 'there') return true;
      if (!this.#leave(open, counted.end, to)) return true;
    }
    return false;
  }

  close(): void {
    if (this.#open !== null) closeSync(this.#open.fd);
    this.#open = null;
  }

  /** Counts within one segment. 'end': nothing more is in it now; 'damage': no whole header where one should be. */
  #count(open: OpenSegment, to: JournalPosition | null, max: number) {
    let { offset } = this.#position;
    let pending = 0;
    this.#window = { from: 0, to: 0 }; // what was not committed when it was read may be other bytes now
    for (let entries = 0; ; entries++) {
      if (to !== null && to.segment === open.number && offset >= to.offset) {
        this.#moveTo(open.number, offset, pending);
        return { entries, end: 'there' } as const;
      }
      if (entries >= max && pending === 0) return { entries, end: 'more' } as const;
      const entry = this.#entry(open, offset);
      if (entry === null || entry === 'damage') return { entries, end: entry ?? 'end' } as const;
      offset += entry.bytes;
      if (entry.type === entryType.batch && this.#counts(entry.priority)) pending += entry.count;
      // A reader's place is between batches of a group that it knows to be committed; else only a commit record counts.
      if (entry.type === entryType.commit) {
        this.#moveTo(open.number, offset, pending);
        pending = 0;
      }
    }
  }

  #counts(priority: boolean): boolean {
    return priority ? !this.ordinaryOnly : !isPriorityLane(this.lane);
  }

  #entry(open: OpenSegment, offset: number): Entry | null | 'damage' {
    let header = this.#read(open.fd, offset, 4 * align);
    if (header.length === 0) return null;
    const key = open.key ?? readKey(open);
    if (key === null || key === 'other') return key === null ? 'damage' : null;
    open.key = key;
    if (header.length < entryHeaderBytes || header.readUInt32LE(0) !== entryMagic) return 'damage';
    const headerBytes = header.readUInt16LE(8);
    if (headerBytes < entryHeaderBytes || headerBytes % align !== 0 || headerBytes > headerBytesMax) return 'damage';
    if (headerBytes > header.length) header = this.#read(open.fd, offset, headerBytes);
    if (headerBytes > header.length) return 'damage';
    const right = header.readUInt32LE(16) === key.salt && header.readUInt32LE(24) === offset / align;
    if (!right || crc32c(header.subarray(8, headerBytes), key.seed) !== header.readUInt32LE(4)) return 'damage';
    if (header.readUInt8(10) === entryType.end) return null;
    const bodyBytes = header.readUInt32LE(12);
    const bytes = headerBytes + Math.ceil(bodyBytes / align) * align;
    const priority = (header.readUInt16LE(62) & flags.priority) !== 0;
    this.#lastEntryBytes = bytes;
    return { type: header.readUInt8(10), count: header.readUInt32LE(20), bytes, priority };
  }

  /** What the segment has at `offset`, up to `bytes` of it; valid until the next call. */
  #read(fd: number, offset: number, bytes: number): Buffer {
    if (offset < this.#window.from || offset + bytes > this.#window.to) {
      const wanted = this.#lastEntryBytes < smallEntryBytes ? windowBytes : bytes;
      this.#window = { from: offset, to: offset + readSync(fd, this.#buffer, 0, wanted, offset) };
    }
    const at = offset - this.#window.from;
    return this.#buffer.subarray(at, Math.min(at + bytes, this.#window.to - this.#window.from));
  }

  /** Goes on behind what ends here; false: nothing more can be counted now. */
  #leave(open: OpenSegment, why: 'end' | 'damage', to: JournalPosition | null): boolean {
    const next = listSegments(this.journal, this.lane).find((number) => number > open.number);
    const at = this.#position;
    this.#window = { from: 0, to: 0 };
    if (why === 'end') {
      if (next === undefined) return false;
      if (this.#entry(open, at.offset) !== null) return true; // written since it was looked at
    } else {
      // What is being written looks like damage until it is whole: it counts as such when it is there the next time too.
      const before = this.#suspect;
      this.#suspect = at;
      if (next === undefined && (before?.segment !== at.segment || before.offset !== at.offset)) return false;
      if (this.#countWhole(open.number, to)) return true;
      if (next === undefined) return false;
    }
    this.close();
    this.#moveTo(next, segmentHeaderBytes, 0);
    return true;
  }

  /** The rest of a segment whose headers are damaged, or that ends in bytes never committed. True: it came to `to`. */
  #countWhole(segment: number, to: JournalPosition | null): boolean {
    const reader = new LaneReader(this.journal, this.lane, this.#position);
    reader.ordinaryOnly = this.ordinaryOnly;
    try {
      for (let batches = reader.read(); batches.length > 0 || reader.behind; batches = reader.read()) {
        for (const batch of batches) {
          if (batch.position.segment !== segment) return false;
          if (to !== null && !isBefore(batch.position, to)) {
            this.#moveTo(segment, to.offset, 0);
            return true;
          }
          this.#moveTo(segment, batch.next.offset, batch.events);
        }
      }
      if (reader.position.segment === segment) this.#moveTo(segment, reader.position.offset, 0);
      return false;
    } finally {
      if (reader.figures.corruptPlaces > 0) this.damagedSegments++;
      reader.close();
    }
  }

  #segment(): OpenSegment | null {
    if (this.#open !== null) return this.#open;
    const segments = listSegments(this.journal, this.lane);
    const last = segments.at(-1);
    if (last === undefined) return null;
    // As a reader does: a position beyond the last segment is of a journal that was emptied.
    const from = this.#position.segment > last + 1 ? 0 : this.#position.segment;
    const number = segments.find((segment) => segment >= from);
    if (number === undefined) return null;
    if (number !== this.#position.segment) this.#moveTo(number, segmentHeaderBytes, 0);
    try {
      const fd = openSync(segmentPath(this.journal, this.lane, number), 'r');
      this.#open = { number, fd, key: null };
      return this.#open;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null; // deleted in between: the next call finds out
      throw error;
    }
  }

  #moveTo(segment: number, offset: number, events: number): void {
    this.#position = { lane: this.lane, segment, offset };
    this.events += events;
  }
}

/** 'other': a file used again whose first group has not come, or has gone. */
function readKey({ fd, number }: OpenSegment): OpenSegment['key'] | 'other' {
  const header = readSegmentHeader(fd, number);
  return header === null || header === 'other' ? header : { salt: header.salt, seed: entrySeed(header) };
}

export function isBefore(a: JournalPosition, b: JournalPosition): boolean {
  return a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset);
}
