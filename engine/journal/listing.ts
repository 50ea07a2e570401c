/**
 * Names in the directories of a journal. Several watchers ask for them every second: while nothing was made, renamed or deleted in a
 * directory one look at its time stamp answers all of them.
 */
import { readdirSync, type Stats, statSync } from 'node:fs';

/**
 * A listing made later than this after the last change of the directory has everything that the time stamp stands for; sooner, another change
 * may have got the same stamp. Two seconds are the coarsest stamps of any file system.
 */
const settledMs = 2_500;

interface Listing {
  readonly of: Stats;
  readonly names: readonly string[];
}

const settled = new Map<string, Listing>();

/** Names in a directory, in no order; none when it is not there. @throws the system's error */
export function namesIn(directory: string): readonly string[] {
  const of = statSync(directory, { throwIfNoEntry: false });
  const known = settled.get(directory);
  if (known !== undefined && of !== undefined && isSame(known.of, of)) return known.names;
  settled.delete(directory);
  const names = read(directory);
  if (of !== undefined && Date.now() - of.ctimeMs > settledMs) settled.set(directory, { of, names });
  return names;
}

function isSame(a: Stats, b: Stats): boolean {
  return a.ctimeMs === b.ctimeMs && a.mtimeMs === b.mtimeMs && a.ino === b.ino && a.dev === b.dev;
}

function read(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
