import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { lockFile } from '../../native/journal.js';
import { OperatingError } from '../errors.js';
import { makeDirectory } from './files.js';

export interface JournalLock {
  release(): void;
  /** False when the locked file is no longer the directory's: somebody deleted or replaced it. */
  holds(): boolean;
}

/**
 * Takes the journal directory for this process alone: two writers would interleave, and Kafka does not fence them. The
 * kernel gives the lock back when the process is gone, however it went.
 * @throws OperatingError JOURNAL_LOCKED
 */
export function lockJournal(directory: string): JournalLock {
  makeDirectory(directory);
  const path = join(directory, 'lock');
  const fd = openSync(path, 'a+', 0o640);
  if (lockFile(fd) !== 0) {
    const holder = readFileSync(path, 'utf8').trim();
    closeSync(fd);
    throw new OperatingError(
      'JOURNAL_LOCKED',
      `the journal ${directory} is in use by ${holder === '' ? 'another process' : `process ${holder}`}`,
      'stop that process, or give this one a data directory of its own',
    );
  }
  ftruncateSync(fd, 0);
  writeSync(fd, `${process.pid}\n`);
  return {
    release: () => closeSync(fd),
    holds: () => {
      const there = statSync(path, { throwIfNoEntry: false });
      return there !== undefined && there.ino === fstatSync(fd).ino;
    },
  };
}
