/**
 * Where requests with a key are kept: files of records (request-record.ts), begun anew every few minutes, deleted when all in
 * them is older than requests are kept. A record is in the kernel before its piece is handed over, so it survives the process.
 */
import { closeSync, fdatasync, mkdirSync, openSync, readdirSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { replaceFile, syncDirectory } from '../journal/files.js';
import { decodeRecords, encodeRecord, type RequestRecord, recordBytes } from './request-record.js';

/** How long a request is known by its key. */
export const keptMs = 600_000;
const fileMs = 120_000;
const namePattern = /^requests-(\d{8})$/;

export class RequestLog {
  readonly #directory: string;
  readonly #durable: boolean;
  readonly #buffer = Buffer.alloc(recordBytes);
  /** Files that are not written any more: number, and when they were closed. */
  #closed: { readonly number: number; readonly atMs: number }[] = [];
  #number = 0;
  #fd = -1;
  #openedMs = 0;
  #written = 0;
  #synced = 0;
  #syncing: Promise<void> | null = null;

  /** `durable`: as with PENSTOCK_DURABILITY=fsync. */
  constructor(directory: string, durable: boolean) {
    this.#directory = directory;
    this.#durable = durable;
    mkdirSync(directory, { recursive: true, mode: 0o750 });
  }

  /** Records of earlier runs that are not too old, in the order they were written. */
  read(nowMs: number): RequestRecord[] {
    return this.#numbers()
      .flatMap((number) => [...decodeRecords(readFileSync(this.#path(number)))])
      .filter((record) => record.timeMs > nowMs - keptMs && record.timeMs <= nowMs + keptMs);
  }

  /** Replaces all that earlier runs left by these records. */
  replace(records: readonly RequestRecord[], nowMs: number): void {
    const old = this.#numbers();
    this.#number = (old.at(-1) ?? 0) + 1;
    const text = Buffer.concat(records.map((record) => encodeRecord(record)));
    replaceFile(this.#path(this.#number), text, this.#durable);
    for (const number of old) unlinkSync(this.#path(number));
    this.#closed = [{ number: this.#number, atMs: nowMs }];
  }

  /** Written to the kernel when it answers. @throws the system's error; nothing counts then */
  append(record: RequestRecord): void {
    if (this.#fd < 0 || record.timeMs - this.#openedMs >= fileMs) this.#turn(record.timeMs);
    const bytes = encodeRecord(record, this.#buffer);
    const count = writeSync(this.#fd, bytes);
    this.#written++;
    if (count === recordBytes) return;
    this.#turn(record.timeMs); // what follows must begin at a record's place
    throw new Error('a record was written in part: the disk is full');
  }

  /** Resolves when what was appended is on the disk; at once where that is not asked for. */
  async sync(): Promise<void> {
    const wanted = this.#written;
    while (this.#durable && this.#synced < wanted) {
      this.#syncing ??= this.#syncOnce().finally(() => {
        this.#syncing = null;
      });
      await this.#syncing;
    }
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }

  async #syncOnce(): Promise<void> {
    const written = this.#written;
    await promisify(fdatasync)(this.#fd);
    this.#synced = Math.max(this.#synced, written);
  }

  /** Begins a file, and deletes those that hold nothing any more. */
  #turn(nowMs: number): void {
    const number = this.#number + 1;
    const fd = openSync(this.#path(number), 'ax', 0o640);
    if (this.#durable) syncDirectory(this.#directory);
    const before = this.#fd;
    if (before >= 0) {
      this.#closed.push({ number: this.#number, atMs: nowMs });
      // A sync of it may be under way in another thread: it keeps the file, not the number.
      const close = () => closeSync(before);
      if (this.#syncing) void this.#syncing.then(close, close);
      else close();
    }
    [this.#fd, this.#number, this.#openedMs] = [fd, number, nowMs];
    for (const file of this.#closed.filter(({ atMs }) => atMs <= nowMs - keptMs)) unlinkSync(this.#path(file.number));
    this.#closed = this.#closed.filter(({ atMs }) => atMs > nowMs - keptMs);
  }

  #numbers(): number[] {
    return readdirSync(this.#directory)
      .flatMap((name) => namePattern.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  #path(number: number): string {
    return join(this.#directory, `requests-${String(number).padStart(8, '0')}`);
  }
}
