import {
  closeSync,
  constants,
  existsSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32c } from '../../native/journal.js';
import type { JournalPosition } from '../contracts.js';
import { syncDirectory } from './files.js';
import { priorityLane } from './segments.js';

const slotBytes = 65_536;
const slots = 3;
const slotHeaderBytes = 16; // sequence f64, bytes u32, CRC-32C u32 of sequence and JSON
const syncIntervalMs = 1000;
/** Sooner when a segment was passed: its file is wanted for the next one. */
const syncIntervalMsPassed = 100;

/**
 * How far one sink has come, per lane: everything before the position is delivered. Kept in a file of three slots: the one the disk
 * has for certain and the one it is about to have are left alone, the third is written. So what is `durable` is there after
 * any crash, also when later writes reach the disk in part or out of order. Saving is cheap (one write); the disk is asked to keep it
 * at most once a second, and only what it keeps (`durable`) allows segments to be deleted. A disk that fails is no reason to
 * stop: `problem` says so, and saving goes on being tried.
 */
export class SinkCursor {
  readonly #path: string;
  #fd: number;
  #problem = '';
  readonly #positions = new Map<number, JournalPosition>();
  readonly #passed = new Map<number, number>();
  readonly #dropped = new Map<number, number>();
  #durable = new Map<number, JournalPosition>();
  #sequence = 0;
  #saved = true;
  #syncedMs = 0;
  /** Slots that hold what was written last, what the disk has, and what it is being asked to keep; −1: none. */
  #written = -1;
  #kept = -1;
  #syncing = -1;

  constructor(directory: string, sinkId: string) {
    this.#path = cursorPath(directory, sinkId);
    this.#fd = openCursor(this.#path);
    const newest = newestSlot(this.#fd);
    this.#sequence = newest?.sequence ?? 0;
    this.#written = newest?.index ?? -1;
    for (const [lane, segment, offset, passed = 0, dropped = 0] of newest?.positions ?? []) {
      this.#positions.set(lane, { lane, segment, offset });
      this.#passed.set(lane, passed);
      this.#dropped.set(lane, dropped);
    }
    try {
      fdatasyncSync(this.#fd); // what a killed process wrote may not yet be on the disk
      this.#keep(this.#written, this.#positions);
    } catch (error) {
      this.#failed(error as NodeJS.ErrnoException);
    }
  }

  /** null: nothing of the lane is delivered yet. */
  position(lane: number): JournalPosition | null {
    return this.#positions.get(lane) ?? null;
  }

  /** What a crash of the machine cannot take back. */
  durable(lane: number): JournalPosition | null {
    return this.#durable.get(lane) ?? null;
  }

  /** Of a lane and of its priority batches, if they have a position of their own, the earlier. */
  durableOfBoth(lane: number): JournalPosition | null {
    return earlierOf(this.durable(lane), this.durable(priorityLane(lane)), this.#positions.has(priorityLane(lane)));
  }

  lanes(): number[] {
    return [...this.#positions.keys()];
  }

  /** Events of the lane that the cursor has moved over since it was made. Kept with the position, so a crash parts them not. */
  passed(lane: number): number {
    return this.#passed.get(lane) ?? 0;
  }

  /** @param events between the last position and this one */
  advance(position: JournalPosition, events = 0): void {
    this.#positions.set(position.lane, position);
    this.#passed.set(position.lane, this.passed(position.lane) + events);
    this.#saved = false;
  }

  /** Why the cursor is not saved; '' when it is. */
  get problem(): string {
    return this.#problem;
  }

  /** Counts events of those passed over that were given up, not delivered; negative: delivered after all. */
  drop(lane: number, events: number): void {
    this.#dropped.set(lane, (this.#dropped.get(lane) ?? 0) + events);
    this.#saved = false;
  }

  /** Writes what changed. `sync`: returns only when the disk has it, or has refused. */
  save(sync = false): void {
    try {
      this.#save(sync);
      if (this.#syncing < 0) this.#problem = '';
    } catch (error) {
      this.#failed(error as NodeJS.ErrnoException);
    }
  }

  #save(sync: boolean): void {
    if (fstatSync(this.#fd).nlink === 0) this.#makeAnew();
    if (!this.#saved) {
      const slot = this.#freeSlot();
      const bytes = encodeSlot(++this.#sequence, this.#positions, this.#passed, this.#dropped);
      const wrote = writeSync(this.#fd, bytes, 0, bytes.length, slot * slotBytes);
      if (wrote < bytes.length) throw Object.assign(new Error('the disk took a part only'), { code: 'ENOSPC' });
      this.#written = slot;
      this.#saved = true;
    }
    if (sync) {
      fdatasyncSync(this.#fd);
      this.#keep(this.#written, this.#positions);
    } else if (this.#syncing < 0 && this.#syncIsDue()) {
      this.#syncInBackground();
    }
  }

  /** Neither what the disk has nor what it is about to have; and, if that leaves a choice, not what was written last. */
  #freeSlot(): number {
    const free = Array.from({ length: slots }, (_, i) => i).filter((i) => i !== this.#kept && i !== this.#syncing);
    return free.find((i) => i !== this.#written) ?? free[0]!;
  }

  #keep(slot: number, positions: ReadonlyMap<number, JournalPosition>): void {
    this.#kept = slot;
    this.#durable = new Map(positions);
    this.#syncing = -1; // an earlier request that is still under way tells nothing new
  }

  close(): void {
    this.save(true);
    closeSync(this.#fd);
    this.#problem = ''; // nobody tries again
  }

  /** Somebody deleted the file: what is written to it is lost. */
  #makeAnew(): void {
    const fd = openCursor(this.#path);
    closeSync(this.#fd);
    this.#fd = fd;
    this.#saved = false;
    this.#durable = new Map();
    this.#written = this.#kept = this.#syncing = -1;
  }

  /** What a failed sync was to keep is written anew before the next one: the system may have dropped it. */
  #failed(error: NodeJS.ErrnoException): void {
    this.#problem = `${this.#path}: ${error.code ?? error.message}`;
    this.#saved = false;
  }

  #syncIsDue(): boolean {
    const passedMs = Math.abs(Date.now() - this.#syncedMs); // the clock may have been set back
    if (passedMs < syncIntervalMsPassed) return false;
    const all = passedMs >= syncIntervalMs;
    return [...this.#positions].some(([lane, position]) => {
      const durable = this.#durable.get(lane);
      return durable !== position && (all || durable?.segment !== position.segment);
    });
  }

  #syncInBackground(): void {
    const [fd, slot, positions] = [this.#fd, this.#written, new Map(this.#positions)];
    this.#syncing = slot;
    fdatasync(fd, (error) => {
      if (fd !== this.#fd || this.#syncing !== slot) return; // overtaken
      this.#syncing = -1;
      this.#syncedMs = Date.now();
      if (error !== null) this.#failed(error);
      else {
        this.#keep(slot, positions);
        this.#problem = '';
      }
    });
  }
}

/** `split`: the lane's priority batches have a position of their own; null stands for the beginning. */
export function earlierOf(
  a: JournalPosition | null,
  b: JournalPosition | null,
  split: boolean,
): JournalPosition | null {
  if (!split || a === null || b === null) return split && b === null ? null : a;
  return b.segment < a.segment || (b.segment === a.segment && b.offset < a.offset) ? b : a;
}

export interface LaneCursor {
  readonly position: JournalPosition;
  /** Events of the lane before it, since the cursor was made. */
  readonly passed: number;
  /** Of these, given up and not delivered. */
  readonly dropped: number;
}

/** A cursor as the disk has it, by lane; null: there is none, or neither slot is whole. Changes nothing. */
export function readCursor(directory: string, sinkId: string): ReadonlyMap<number, LaneCursor> | null {
  let fd: number;
  try {
    fd = openSync(cursorPath(directory, sinkId), 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const slot = newestSlot(fd);
    if (slot === undefined) return null;
    return new Map(
      slot.positions.map(([lane, segment, offset, passed = 0, dropped = 0]) => [
        lane,
        { position: { lane, segment, offset }, passed, dropped },
      ]),
    );
  } finally {
    closeSync(fd);
  }
}

/** Ids of the sinks that have a cursor in a journal. What is named as no cursor is somebody else's. */
export function listCursors(directory: string): string[] {
  return readdirSync(directory)
    .flatMap((name) => sinkOf(name) ?? [])
    .sort();
}

function sinkOf(name: string): string | undefined {
  const encoded = /^cursor-(.+)$/.exec(name)?.[1];
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    return undefined; // a % of its own
  }
}

function openCursor(path: string): number {
  const there = existsSync(path);
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o640);
  if (!there) syncDirectory(dirname(path));
  takeRoom(fd);
  return fd;
}

/** A disk that fills up later still has room for every slot: what is delivered then frees the journal. What a slot says stays. */
function takeRoom(fd: number): void {
  try {
    for (let index = 0; index < slots; index++) {
      const slot = Buffer.alloc(slotBytes);
      readSync(fd, slot, 0, slotBytes, index * slotBytes);
      if (slot.every((byte) => byte === 0)) writeSync(fd, slot, 0, slotBytes, index * slotBytes);
    }
  } catch {
    // Full or failing already: saving says so, and is tried again.
  }
}

function cursorPath(directory: string, sinkId: string): string {
  return join(directory, `cursor-${encodeURIComponent(sinkId)}`);
}

function newestSlot(fd: number): Slot | undefined {
  const whole = Array.from({ length: slots }, (_, index) => readSlot(fd, index)).filter((slot) => slot !== null);
  return whole.sort((a, b) => b.sequence - a.sequence)[0];
}

interface Slot {
  readonly index: number;
  readonly sequence: number;
  /** `passed` and `dropped` are missing in cursors of earlier versions. */
  readonly positions: readonly [lane: number, segment: number, offset: number, passed?: number, dropped?: number][];
}

function encodeSlot(
  sequence: number,
  positions: ReadonlyMap<number, JournalPosition>,
  passed: ReadonlyMap<number, number>,
  dropped: ReadonlyMap<number, number>,
): Buffer {
  const list = [...positions.values()].map((p) => [
    p.lane,
    p.segment,
    p.offset,
    passed.get(p.lane) ?? 0,
    dropped.get(p.lane) ?? 0,
  ]);
  const json = Buffer.from(JSON.stringify(list));
  if (json.length > slotBytes - slotHeaderBytes) throw new RangeError('too many lanes for a cursor');
  const slot = Buffer.alloc(slotHeaderBytes + json.length);
  slot.writeDoubleLE(sequence, 0);
  slot.writeUInt32LE(json.length, 8);
  json.copy(slot, slotHeaderBytes);
  slot.writeUInt32LE(checksum(slot), 12);
  return slot;
}

function readSlot(fd: number, index: number): Slot | null {
  const bytes = Buffer.alloc(slotBytes);
  const got = readSync(fd, bytes, 0, slotBytes, index * slotBytes);
  const length = bytes.readUInt32LE(8);
  if (got < slotHeaderBytes + 2 || length > got - slotHeaderBytes) return null;
  const slot = bytes.subarray(0, slotHeaderBytes + length);
  if (checksum(slot) !== slot.readUInt32LE(12)) return null;
  return { index, sequence: slot.readDoubleLE(0), positions: JSON.parse(slot.toString('utf8', slotHeaderBytes)) };
}

function checksum(slot: Buffer): number {
  return crc32c(Buffer.concat([slot.subarray(0, 12), slot.subarray(slotHeaderBytes)]));
}
