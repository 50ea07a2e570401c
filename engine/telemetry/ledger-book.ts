import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readChecked, writeChecked } from '../journal/files.js';

/**
 * How many events had been journaled for each sink, kept beside the journal: what the next start, and `penstock audit`, must
 * find again as delivered, dead-lettered or waiting.
 */
export interface LedgerBook {
  /** When it was written, ms since the epoch. */
  readonly atMs: number;
  /** True: written when the engine stopped. */
  readonly closed: boolean;
  /** Events journaled since the sink's cursor was made, by sink id. */
  readonly journaled: Readonly<Record<string, number>>;
}

/** Null: there is none, or it is not whole. */
export function readBook(journal: string): LedgerBook | null {
  const book = readChecked(path(journal)) as LedgerBook | null | 'damaged';
  return book === 'damaged' ? null : book;
}

/** Synced to the disk only when it is closed: in between it need only outlive the process. */
export function writeBook(journal: string, book: LedgerBook): void {
  writeChecked(path(journal), book, book.closed);
}

/** For what is lost and known to be lost: nobody is to look for it. */
export function removeBook(journal: string): void {
  rmSync(path(journal), { force: true });
}

function path(journal: string): string {
  return join(journal, 'ledger');
}
