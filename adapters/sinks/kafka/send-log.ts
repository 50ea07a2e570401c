import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { JournalPosition } from '../../../engine/contracts.js';
import { isNoRoom } from '../../../engine/journal/files.js';
import { Ballast } from './ballast.js';
import { SendEntries } from './send-entries.js';
import { decodeRecord, encodeRecord, sendRecordBytes } from './send-record.js';
import type { Stamp } from './stamp.js';

/** What is known of one batch, or of a part of one, that was, or was about to be, sent. */
export interface SendEntry {
  readonly position: JournalPosition;
  /** Index of its first record in the stored batch: 0, but for the later parts of a batch that was too large. */
  readonly first: number;
  readonly topic: string;
  /** Hexadecimal: tells a topic from a later one of the same name. */
  readonly topicId: string;
  readonly partition: number;
  readonly stamp: Stamp;
  /** Records sent under the stamp. */
  readonly count: number;
  /** Offset of the partition before which it cannot be; −1: unknown. */
  readonly after: bigint;
  /** CRC-32C of the whole stored batch: a stamp is never used for other records. */
  readonly crc: number;
  /** When it was stamped, ms since the epoch. */
  readonly stampedAt: number;
  /** True: the broker refused this stamp for good; it must not be used again. */
  readonly void: boolean;
  /** True: these records are known to be stored, under whatever stamp. */
  readonly stored?: boolean;
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
  readonly #entries: SendEntries;
  readonly #ballast: Ballast;
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
    this.#ballast = new Ballast(`${path}.ballast`);
    const { entries, bytes, damaged } = readRecords(readFileSync(path));
    this.#entries = entries;
    this.damagedRecords = damaged;
    // A torn tail is cut so that later records stay aligned.
    if (statSync(path).size !== bytes) ftruncateSync(this.#descriptor, bytes);
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#entries.size;
  }
  /** What was sent of the batch: one entry, or those of its parts, in order. */
  find(position: JournalPosition): readonly SendEntry[] {
    return this.#entries.find(position);
  }
  /** Those that `wanted` says yes to. */
  entries(wanted: (entry: SendEntry) => boolean = () => true): SendEntry[] {
    return this.#entries.filter(wanted);
  }

  /** Appends; returns when the system has it. Throws the system's error (disk full …): the batch must not be sent then. */
  append(entry: SendEntry): void {
    // Somebody deleted it: what is written to it no later start finds.
    if (fstatSync(this.#descriptor).nlink === 0) this.#rewrite();
    this.#write(encodeRecord(entry));
    this.#entries.add(entry);
    if (this.#bytes >= this.#rewriteAt && this.size * sendRecordBytes < this.#bytes / 2) this.#tryRewrite();
  }
  /** The batch, or its part that begins at record `first`, is acknowledged: its stamp will not be sent again in this run. */
  settle(position: JournalPosition, first = 0): void {
    for (const entry of this.find(position)) if (entry.first === first) entry.settled = true;
  }
  /** Forgets every entry of the lane before `position`. */
  forget(position: JournalPosition): void {
    this.#entries.forget(position);
  }
  close(): void {
    this.#tryRewrite();
    closeSync(this.#descriptor);
  }

  #write(record: Buffer): void {
    for (;;) {
      try {
        writeAll(this.#descriptor, record);
        this.#bytes += record.length;
        return;
      } catch (error) {
        // What was written in part must not shift the records that follow.
        ftruncateSync(this.#descriptor, this.#bytes);
        if (!isNoRoom(error) || !this.#ballast.release(record.length)) throw error;
      }
    }
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
    mkdirSync(dirname(this.#path), { recursive: true });
    const live = Buffer.concat(this.entries().map(encodeRecord));
    let descriptor: number;
    try {
      descriptor = replace(this.#path, live);
    } catch (error) {
      if (!isNoRoom(error) || !this.#ballast.release(live.length)) throw error;
      descriptor = replace(this.#path, live);
    }
    closeSync(this.#descriptor);
    this.#descriptor = descriptor;
    this.#bytes = live.length;
    this.#ballast.fill();
  }
}

/** Answers the descriptor to append to. Once the old one is closed its number may be another file's: it must not be used for a moment more. */
function replace(path: string, bytes: Buffer): number {
  const temporary = `${path}.new`;
  rmSync(temporary, { force: true });
  const descriptor = openSync(temporary, 'a');
  try {
    writeAll(descriptor, bytes);
    fsyncSync(descriptor);
    renameSync(temporary, path);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    rmSync(temporary, { force: true });
    throw error;
  }
}
/** A disk that becomes full takes a part before it says so. */
function writeAll(descriptor: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}
function readRecords(bytes: Buffer) {
  const entries = new SendEntries();
  let damaged = bytes.length % sendRecordBytes === 0 ? 0 : 1;
  const whole = bytes.length - (bytes.length % sendRecordBytes);
  for (let at = 0; at < whole; at += sendRecordBytes) {
    const entry = decodeRecord(bytes.subarray(at, at + sendRecordBytes));
    if (entry === null) damaged++;
    else entries.add(entry);
  }
  return { entries, bytes: whole, damaged };
}
