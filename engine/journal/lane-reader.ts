import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { readDictionariesFrom } from '../../native/dictionaries.js';
import {
  damagedPlacesTold,
  journalScan,
  journalSkim,
  journalWrittenEnd,
  Skim,
  scanSlot,
  scanSlots,
  scanState,
} from '../../native/journal.js';
import type { JournalPosition } from '../contracts.js';
import { dictionaryFolderOf } from './dictionary-folder-of.js';
import { JournalBatch } from './journal-batch.js';
import { type ReadWindow, ReadWindows } from './read-windows.js';
import {
  isPriorityLane,
  listSegments,
  readSegmentHeader,
  segmentHeaderBytes,
  segmentPath,
  segmentsPerBoot,
} from './segments.js';

const windowBytes = 1 << 20;
const pageBytes = 4096;
/** Entries that one read of priority batches passes over at most. */
const skimmedMax = 4096;
/** Reads that find nothing but priority batches before ordinary ones are looked for the next time. */
const passedMax = 16;
/** How late a new segment may be noticed. */
export const listIntervalMs = 20;
/** How long a damaged place at the end of what is being written is left before what comes after is looked for. */
const doubtPauseMs = { min: 50, max: 60_000 };
const pause = new Int32Array(new SharedArrayBuffer(4));

/** Damage met while reading. */
export interface ReaderFigures {
  corruptBytes: number;
  corruptPlaces: number;
  /** Segments that ended in bytes never committed. */
  tornTails: number;
  /** Segments deleted before they were read, if any: numbers jump at each boot, which counts one. */
  missingSegments: number;
}

/** A damaged stretch that a reader skipped. */
export interface DamagedPlace {
  readonly position: JournalPosition;
  readonly bytes: Buffer;
  /** What entries of the segment repeat; null: they are of a version that does not bind them to it. */
  readonly salt: number | null;
  /** What another segment left in the file may be among them. */
  readonly used: boolean;
}

interface OpenSegment {
  readonly number: number;
  readonly fd: number;
  readonly state: Float64Array;
  /** A later segment exists: this one grows no more. */
  closed: boolean;
  /** Up to here the file may hold what another segment left in it. */
  formerBytes: number;
  /** The header is of another segment: nothing in the file is of this one. */
  foreign: boolean;
}

/**
 * Reads the committed batches of one lane in order, from a position on, across segments, up to the committed end. Skips damage
 * and counts it. One user at a time; any number of readers beside a writer. By the number of a lane's priority batches
 * (segments.ts) it reads those alone, and leaves counting damage to who reads the rest.
 */
export class LaneReader {
  readonly figures: ReaderFigures = { corruptBytes: 0, corruptPlaces: 0, tornTails: 0, missingSegments: 0 };
  #position: JournalPosition;
  #open: OpenSegment | null = null;
  #out = new Float64Array(64 * scanSlots);
  readonly #windows: ReadWindows;
  /** Where damage was seen once: it counts only when seen again, since a group may have been in the middle of its write. */
  #suspect = -1;
  /** Where neither an entry nor the end is, in a segment being written; when to look for what comes after, and how long to wait then. */
  #doubt = { offset: -1, atMs: 0, pauseMs: 0 };
  #listedMs = Number.NEGATIVE_INFINITY;
  readonly #priority: boolean;
  /** Leaves priority batches out: another reader has them. */
  ordinaryOnly = false;
  /** The last read found nothing because it was long enough, not because there is nothing. */
  behind = false;

  /** @param from null: the oldest there is */
  constructor(
    readonly journal: string,
    readonly lane: number,
    from: JournalPosition | null,
    private readonly readBytes: number = windowBytes,
    private readonly onDamage?: (place: DamagedPlace) => void,
  ) {
    readDictionariesFrom(dictionaryFolderOf(journal)); // whoever reads its batches may read their frames
    this.#position = from ?? { lane, segment: 0, offset: segmentHeaderBytes };
    this.#windows = new ReadWindows(readBytes);
    this.#priority = isPriorityLane(lane);
  }

  /** Everything before it has been read. */
  get position(): JournalPosition {
    return this.#position;
  }

  /** The next committed batches: about one window of them; none: there are none now. */
  read(): JournalBatch[] {
    this.behind = false;
    for (let passed = 0; ; passed++) {
      const open = this.#segment();
      if (open === null) return [];
      const met = this.#priority ? this.#skim(open) : Skim.unclear;
      this.behind = met === Skim.more;
      if (this.behind) return [];
      const { batches, atEnd } = met === Skim.end ? { batches: [], atEnd: true } : this.#readWindow(open);
      if (batches.length > 0) return batches;
      if (!atEnd) {
        this.behind = passed >= passedMax;
        if (this.behind) return [];
        continue;
      }
      if (!open.closed) {
        // The successor is made after the last commit to this one: look once more after it was seen.
        if (!this.#hasSuccessor(open.number)) return [];
        open.closed = true;
        continue;
      }
      this.#leave(open);
    }
  }

  /** Lists the directory at most every few milliseconds: a busy lane is asked after every group. */
  #hasSuccessor(segment: number): boolean {
    const now = performance.now();
    if (now - this.#listedMs < listIntervalMs) return false;
    this.#listedMs = now;
    return listSegments(this.journal, this.lane).some((number) => number > segment);
  }

  close(): void {
    if (this.#open !== null) closeSync(this.#open.fd);
    this.#open = null;
  }

  /** The segment of the position, or, when it is gone, the next one there is. */
  #segment(): OpenSegment | null {
    if (this.#open !== null) return this.#open;
    const segments = listSegments(this.journal, this.lane);
    const last = segments.at(-1);
    if (last === undefined) return null;
    // A position beyond the last segment is of a journal that was emptied: begin anew.
    const from = this.#position.segment > last ? 0 : this.#position.segment;
    const number = segments.find((segment) => segment >= from) ?? last;
    if (number !== this.#position.segment) {
      if (from > 0 && !this.#priority)
        this.figures.missingSegments += number % segmentsPerBoot === 0 ? 1 : number - from;
      this.#moveTo(number, segmentHeaderBytes);
    }
    let fd: number;
    try {
      fd = openSync(segmentPath(this.journal, this.lane, number), 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null; // deleted in between: the next call finds out
      throw error;
    }
    const state = new Float64Array(scanState.slots);
    state[scanState.segment] = number;
    this.#open = { number, fd, state, closed: number < last, formerBytes: 0, foreign: false };
    return this.#open;
  }

  /** Passes over what has no priority batch, without reading it. */
  #skim(open: OpenSegment): number {
    if (!readKey(open) || open.state[scanState.saltKnown] === 0) return Skim.unclear;
    const [met, offset] = journalSkim(open.fd, open.state, this.#position.offset, skimmedMax);
    if (offset !== this.#position.offset) this.#moveTo(open.number, offset);
    return met;
  }

  #readWindow(open: OpenSegment): { batches: JournalBatch[]; atEnd: boolean } {
    if (!readKey(open)) return { batches: [], atEnd: true };
    const start = this.#position.offset;
    const written = this.#writtenEnd(open, start);
    if (written === start) return { batches: [], atEnd: true };
    let want = written === null ? this.readBytes : written - start;
    for (;;) {
      // What is left of a window serves while it is a good part of one; batches are cut from it where they were read.
      const some = written === null && want <= this.readBytes;
      const window = this.#windows.take(some ? Math.ceil(want / 2) : want);
      const room = window.bytes.subarray(window.used, Math.min(window.bytes.length, window.used + want));
      const got = readFully(open.fd, room, start);
      if (got === 0) return { batches: [], atEnd: true };
      const fileEnds = got < room.length;
      const before = open.state.slice();
      const found = this.#scan(room, got, start, fileEnds || written !== null, open.state);
      const atEnd = fileEnds || open.state[scanState.ended] === 1;
      if (found === 0 && open.state[scanState.committedEnd] === start && !atEnd) {
        want = Math.max(want + this.readBytes, open.state[scanState.need] ?? 0);
        continue;
      }
      const corrupt = open.state[scanState.corruptBytes] ?? 0;
      if (corrupt > 0 && !open.closed && this.#suspect !== start) {
        this.#suspect = start;
        open.state.set(before);
        Atomics.wait(pause, 0, 0, 5);
        continue;
      }
      if (corrupt > 0 && this.#isGone(open)) return this.#passOver(open);
      if (corrupt > 0 && !this.#priority) this.#tellDamage(open, room, start);
      const batches = this.#slice(open, window, start, found);
      window.used += (open.state[scanState.committedEnd] ?? start) - start;
      this.#moveTo(open.number, open.state[scanState.committedEnd] ?? start);
      return { batches, atEnd: atEnd && found === 0 };
    }
  }

  /**
   * Where a segment being written ends now, if its file has bytes of another one behind that: these need not be read. null: as far as the
   * file goes.
   */
  #writtenEnd(open: OpenSegment, start: number): number | null {
    if (open.closed || start >= open.formerBytes) return null;
    const end = journalWrittenEnd(open.fd, start, this.readBytes, open.state);
    if (end > start || open.state[scanState.doubt] === 0) return end;
    if (fstatSync(open.fd).size < open.formerBytes) {
      open.formerBytes = 0; // cut after a failed write, or by the successor of a dead worker: the old bytes are gone
      return null;
    }
    // Damaged. What comes after is looked for seldom, since that takes reading the rest.
    const now = performance.now();
    if (this.#doubt.offset !== start)
      this.#doubt = { offset: start, atMs: now + doubtPauseMs.min, pauseMs: doubtPauseMs.min };
    if (now < this.#doubt.atMs) return start;
    const pauseMs = Math.min(2 * this.#doubt.pauseMs, doubtPauseMs.max);
    this.#doubt = { offset: start, atMs: now + pauseMs, pauseMs };
    return null;
  }

  /** The file is no longer this segment: it was retired while it was read, and may be another one by now. */
  #isGone({ number, fd }: OpenSegment): boolean {
    const named = statSync(segmentPath(this.journal, this.lane, number), { throwIfNoEntry: false });
    return named === undefined || named.ino !== fstatSync(fd).ino;
  }

  #passOver(open: OpenSegment): { batches: JournalBatch[]; atEnd: boolean } {
    this.figures.missingSegments++;
    this.close();
    this.#moveTo(open.number + 1, segmentHeaderBytes);
    return { batches: [], atEnd: false };
  }

  #tellDamage({ number, state, formerBytes }: OpenSegment, window: Buffer, start: number): void {
    const places = state[scanState.corruptPlaces] ?? 0;
    this.figures.corruptBytes += state[scanState.corruptBytes] ?? 0;
    this.figures.corruptPlaces += places;
    const salt = state[scanState.version] === 1 ? null : (state[scanState.salt] ?? 0);
    for (let i = 0; i < Math.min(places, damagedPlacesTold); i++) {
      const offset = state[scanState.damage + 2 * i] ?? 0;
      // Of more places than are told the last one stands for all that follow.
      const more = i === damagedPlacesTold - 1 && places > damagedPlacesTold;
      const end = more ? (state[scanState.committedEnd] ?? 0) : offset + (state[scanState.damage + 2 * i + 1] ?? 0);
      const bytes = window.subarray(offset - start, end - start);
      this.onDamage?.({
        position: { lane: this.lane, segment: number, offset },
        bytes,
        salt,
        used: offset < formerBytes,
      });
    }
  }

  #scan(window: Buffer, size: number, start: number, atEnd: boolean, state: Float64Array): number {
    const found = journalScan(window, size, start, atEnd, state, this.#out);
    if (found >= 0) return found;
    this.#out = new Float64Array(-found * scanSlots);
    return journalScan(window, size, start, atEnd, state, this.#out);
  }

  /** The batches that the last scan found in what was read from `start` on to the place behind `window.used`. */
  #slice(open: OpenSegment, window: ReadWindow, start: number, found: number): JournalBatch[] {
    const { lane } = this;
    const segment = this.#position.segment;
    const out = this.#out;
    const shift = window.used - start;
    const batches: JournalBatch[] = [];
    const filtered = this.#priority || this.ordinaryOnly;
    // Backwards: what is left out lies before the next one that is not.
    let next = open.state[scanState.committedEnd] ?? start;
    for (let i = found - 1; i >= 0; i--) {
      const at = i * scanSlots;
      const priority = out[at + scanSlot.priority] === 1;
      if (priority ? this.ordinaryOnly : this.#priority) continue;
      const offset = out[at + scanSlot.offset]!;
      const body = out[at + scanSlot.bodyOffset]! + shift;
      batches.push(
        new JournalBatch(
          { lane, segment, offset },
          { lane, segment, offset: filtered ? next : out[at + scanSlot.nextOffset]! },
          out[at + scanSlot.route]!,
          out[at + scanSlot.partition]!,
          out[at + scanSlot.count]!,
          window.bytes.subarray(body, body + out[at + scanSlot.bodyBytes]!),
          out[at + scanSlot.firstReceivedMs]!,
          out[at + scanSlot.lastReceivedMs]!,
          out[at + scanSlot.sampleCount]!,
          offset + shift,
          window,
          this.#windows,
        ),
      );
      next = offset;
    }
    window.held += batches.length;
    return batches.reverse();
  }

  /** Goes to the next segment; what is left of this one was never committed. */
  #leave(open: OpenSegment): void {
    const unread = fstatSync(open.fd).size > this.#position.offset;
    const marked = open.foreign || open.state[scanState.ended] === 1;
    if (this.#priority) {
      // the lane's other reader counts
    } else if (unread && this.#isGone(open)) this.figures.missingSegments++;
    else if (unread && !marked) this.figures.tornTails++;
    this.close();
    this.#moveTo(open.number + 1, segmentHeaderBytes);
  }

  #moveTo(segment: number, offset: number): void {
    this.#position = { lane: this.lane, segment, offset };
  }
}

/** Learns what the segment's entries are bound to; false: its header has not been written yet, or is of another segment. */
function readKey(open: OpenSegment): boolean {
  if (open.state[scanState.saltKnown] !== 0) return true;
  const header = readSegmentHeader(open.fd, open.number);
  open.foreign = header === 'other';
  if (header === 'other') return false;
  if (header === null) return fstatSync(open.fd).size > segmentHeaderBytes; // damaged: the first entry tells
  open.state[scanState.saltKnown] = 1;
  open.state[scanState.salt] = header.salt;
  open.state[scanState.version] = header.version;
  open.formerBytes = header.formerBytes;
  return true;
}

/** Reads `out` full, or to the end of the file. What the device cannot read becomes zeros: damage, to be skipped and counted. */
function readFully(fd: number, out: Buffer, position: number): number {
  let done = 0;
  while (done < out.length) {
    try {
      const got = readSync(fd, out, done, out.length - done, position + done);
      if (got === 0) break;
      done += got;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EIO') throw error;
      const page = Math.min(out.length - done, pageBytes - ((position + done) % pageBytes));
      out.fill(0, done, done + page);
      done += page;
    }
  }
  return done;
}
