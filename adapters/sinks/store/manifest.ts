import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { OperatingError } from '../../../engine/errors.js';
import { replaceFile } from '../../../engine/journal/files.js';
import { listLanes } from '../../../engine/journal/segments.js';

/** One file of compacted events. */
export interface StoreFile {
  /** Relative to the store, e.g. 'events/date=2026-03-01/hour=14/part-….parquet'. */
  readonly path: string;
  readonly events: number;
  readonly bytes: number;
  /** Hour of ingestion, ms since the epoch. */
  readonly hourMs: number;
}

/**
 * What the store consists of: these files, and the journal from these positions on. Replaced as a whole, so that whoever reads
 * it once sees each event exactly once.
 */
export interface Manifest {
  readonly version: 1;
  /** Counts replacements. */
  readonly generation: number;
  /** The journal's directory, relative to the store. */
  readonly journal: string;
  /** Per lane: everything before this is in the files. A lane that is missing is wholly in the journal. */
  readonly lanes: Readonly<Record<string, { readonly segment: number; readonly offset: number }>>;
  readonly files: readonly StoreFile[];
  /** Events of files that retention deleted. */
  readonly forgottenEvents?: number;
}

/** Dead letters that were sent again: a journal within the store, read with the others, never compacted or forgotten. */
export function redriven(store: string): string {
  return join(store, 'redriven');
}

export function manifestPath(store: string): string {
  return join(store, 'manifest.json');
}

/** The manifest of a store; null when it has none. @throws OperatingError STORE_MANIFEST_DAMAGED */
export function readManifest(store: string): Manifest | null {
  let text: string;
  try {
    text = readFileSync(manifestPath(store), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const manifest = JSON.parse(text) as Manifest;
    if (manifest.version === 1) return manifest;
  } catch {
    // fall through
  }
  throw new OperatingError(
    'STORE_MANIFEST_DAMAGED',
    `${manifestPath(store)} is not a manifest of this version`,
    'restore it from a backup, or move it away: events still in the journal are then found again',
  );
}

export function writeManifest(store: string, manifest: Manifest): void {
  replaceFile(manifestPath(store), `${JSON.stringify(manifest, null, 1)}\n`);
}

/** The manifest of a store that has compacted nothing yet. */
export function emptyManifest(store: string, journal: string): Manifest {
  return { version: 1, generation: 0, journal: relative(resolve(store), resolve(journal)), lanes: {}, files: [] };
}

/**
 * The manifest of the store in a directory; where nothing was compacted yet, one of the journal there.
 * @throws OperatingError STORE_NOT_FOUND, STORE_MANIFEST_DAMAGED
 */
export function findStore(store: string): Manifest {
  const manifest = readManifest(store);
  if (manifest !== null) return manifest;
  const journal = [join(store, 'journal'), store].find((path) => listLanes(path).length > 0);
  if (journal !== undefined) return emptyManifest(store, journal);
  throw new OperatingError(
    'STORE_NOT_FOUND',
    existsSync(store) ? `${store} holds no events` : `${store} does not exist`,
    'name the directory of the store sink (or of the engine): --data DIR',
  );
}

/** Beside a journal, per store sink of it: where its store is, relative to the journal. */
const pointer = (sinkId: string): string => `store-${encodeURIComponent(sinkId)}`;

/** Leaves word beside the journal where the store is, for those who are told only where the engine keeps its data. */
export function writePointer(journal: string, sinkId: string, store: string): void {
  replaceFile(join(journal, pointer(sinkId)), `${relative(resolve(journal), resolve(store))}\n`);
}

/**
 * Where the store is: the directory itself, or, of a directory in which an engine keeps its data, the one that its journal belongs to. Without a store,
 * and where it is not yet known, the directory. @throws OperatingError STORE_AMBIGUOUS, STORE_MANIFEST_DAMAGED
 */
export function locateStore(directory: string): string {
  const data = resolve(directory);
  if (readManifest(data) !== null) return data;
  const stores = [join(data, 'journal'), data].flatMap(storesOf);
  if (stores.length > 1)
    throw new OperatingError(
      'STORE_AMBIGUOUS',
      `${data} has several stores: ${stores.join(', ')}`,
      'name one of them: --data DIR',
    );
  return stores[0] ?? data;
}

/** Those that still are of this journal. */
function storesOf(journal: string): string[] {
  if (!existsSync(journal)) return [];
  const of = realpathSync(journal);
  const named = readdirSync(journal)
    .filter((name) => name.startsWith(pointer('')))
    .map((name) => resolve(journal, readFileSync(join(journal, name), 'utf8').trim()));
  return [...new Set(named)].filter((store) => {
    const manifest = readManifest(store);
    if (manifest === null) return false;
    const its = journalOf(store, manifest);
    return existsSync(its) && realpathSync(its) === of;
  });
}

/** The journal of the store in a directory. @throws OperatingError as findStore */
export function findJournal(store: string): string {
  return journalOf(store, findStore(store));
}

export function journalOf(store: string, manifest: Manifest): string {
  return resolve(store, manifest.journal);
}
