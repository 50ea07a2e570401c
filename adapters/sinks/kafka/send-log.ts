import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { JournalPosition } from '../../../engine/contracts.js';
import { decodeRecord, encodeRecord, sendRecordBytes } from './send-record.js';
import type { Stamp } from './stamp.js';

/** What is known of one batch that was, or was about to be, sent. */
export interface SendEntry {
  readonly position: JournalPosition;
  readonly topic: string;
  readonly partition: number;
  readonly stamp: Stamp;
  readonly count: number;
  /** CRC-32C of the stored batch: a stamp is never used for other bytes. */
  readonly crc: number;
  /** When it was stamped, ms since the epoch. */
  readonly stampedAt: number;
  /** True: the broker refused this stamp for good; it must not be used again. */
  readonly void: boolean;
  /** Acknowledged in this run; not written to the file. */
  settled?: boolean;
}

/** Rewritten when this much was appended since the last rewrite and most of it may be forgotten. */
const rewriteBytes = 1 << 20;

/**
 * Remembers which stamp each batch was sent with, in one append-only file of fixed-size checksummed records. A record is in
 * the page cache before its batch is sent, so it survives the process, however that ends. It is not flushed to disk: after a
 * power failure batches sent in the last seconds may be sent under new stamps (at least once).
 */
export class SendLog {
  /** Records that did not pass their checksum when the file was read (a torn tail counts one). */
  readonly damagedRecords: number;
  readonly #path: string;
  readonly #entries: Map<number, Map<string, SendEntry>>;
  #descriptor: number;
  #bytes: number;
  #rewriteAt = rewriteBytes;

  /** Opens or creates the log in `directory`. Throws the system's error when that is not possible. */
  static open(directory: string): SendLog {
    mkdirSync(directory, { recursive: true });
    return new SendLog(join(directory, 'send.log'));
  }

  private constructor(path: string) {
    this.#path = path;
    this.#descriptor = openSync(path, 'a');
    const { entries, bytes, damaged } = readRecords(readFileSync(path));
    this.#entries = entries;
    this.damagedRecords = damaged;
    // A torn tail is cut so that later records stay aligned.
    if (statSync(path).size !== bytes) ftruncateSync(this.#descriptor, bytes);
    this.#bytes = bytes;
  }

  get size(): number {
    let count = 0;
    for (const lane of this.#entries.values()) count += lane.size;
    return count;
  }
  find(position: JournalPosition): SendEntry | undefined {
    return this.#entries.get(position.lane)?.get(key(position));
  }
  entries(): SendEntry[] {
    return [...this.#entries.values()].flatMap((lane) => [...lane.values()]);
  }

  /** Appends; returns when the system has it. Throws the system's error (disk full …): the batch must not be sent then. */
  append(entry: SendEntry): void {
    this.#write(encodeRecord(entry));
    remember(this.#entries, entry);
    if (this.#bytes >= this.#rewriteAt && this.size * sendRecordBytes < this.#bytes / 2) this.#tryRewrite();
  }
  /** The batch is acknowledged: its stamp will not be sent again in this run. */
  settle(position: JournalPosition): void {
    const entry = this.find(position);
    if (entry !== undefined) entry.settled = true;
  }
  /** Forgets every entry of the lane before `position`. */
  forget(position: JournalPosition): void {
    const lane = this.#entries.get(position.lane);
    if (lane === undefined) return;
    for (const [name, entry] of lane) {
      // Entries are mostly in journal order: what was sent again after a change of identity may come later.
      if (isBefore(entry.position, position)) lane.delete(name);
    }
  }
  close(): void {
    this.#tryRewrite();
    closeSync(this.#descriptor);
  }

  #write(record: Buffer): void {
    try {
      const written = writeSync(this.#descriptor, record);
      if (written !== record.length) throw new Error(`only ${written} of ${record.length} bytes were written`);
    } catch (error) {
      // What was written in part must not shift the records that follow.
      ftruncateSync(this.#descriptor, this.#bytes);
      throw error;
    }
    this.#bytes += record.length;
  }
  /** A full disk is no reason to stop: the longer file serves as well. */
  #tryRewrite(): void {
    try {
      this.#rewrite();
      this.#rewriteAt = rewriteBytes;
    } catch {
      this.#rewriteAt = this.#bytes + rewriteBytes;
    }
  }
  #rewrite(): void {
    const temporary = `${this.#path}.new`;
    const descriptor = openSync(temporary, 'w');
    const live = this.entries();
    if (live.length > 0) writeSync(descriptor, Buffer.concat(live.map(encodeRecord)));
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(temporary, this.#path);
    closeSync(this.#descriptor);
    this.#descriptor = openSync(this.#path, 'a');
    this.#bytes = live.length * sendRecordBytes;
  }
}

function readRecords(bytes: Buffer) {
  const entries = new Map<number, Map<string, SendEntry>>();
  let damaged = bytes.length % sendRecordBytes === 0 ? 0 : 1;
  const whole = bytes.length - (bytes.length % sendRecordBytes);
  for (let at = 0; at < whole; at += sendRecordBytes) {
    const entry = decodeRecord(bytes.subarray(at, at + sendRecordBytes));
    if (entry === null) damaged++;
    else remember(entries, entry);
  }
  return { entries, bytes: whole, damaged };
}
function remember(entries: Map<number, Map<string, SendEntry>>, entry: SendEntry): void {
  let lane = entries.get(entry.position.lane);
  if (lane === undefined) {
    lane = new Map();
    entries.set(entry.position.lane, lane);
  }
  lane.set(key(entry.position), entry);
}
function key(position: JournalPosition): string {
  return `${position.segment}:${position.offset}`;
}
/** True when `a` lies before `b` in the same lane. */
export function isBefore(a: JournalPosition, b: JournalPosition): boolean {
  return a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset);
}
