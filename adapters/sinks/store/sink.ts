import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { JournalPosition, Sink, SinkContext, SinkSpec, SinkType } from '../../../engine/contracts.js';
import { OperatingError } from '../../../engine/errors.js';
import { makeDirectories } from '../../../engine/journal/files.js';
import { listLanes } from '../../../engine/journal/segments.js';
import { auditStore } from './audit.js';
import { Compactor } from './compactor.js';
import { figures } from './figures.js';
import { emptyManifest, journalOf, readManifest, redriven, writeManifest, writePointer } from './manifest.js';
import { options } from './options.js';

/** Events kept here: the journal is the store's young part, Parquet files by hour of ingestion its old one. */
export const sink: SinkType = {
  name: 'store',
  schemes: ['store'],
  options,
  figures,
  needsJournal: true,
  keepsInJournal: true,
  // Without a directory it would be wherever the process was started; of store://data/x the first name would be lost.
  mistakes: ({ authority, path }) =>
    authority !== '' || path === '' ? ['store:DIRECTORY, e.g. store:./data or store:/var/lib/penstock/store'] : [],
  redriveDirectory: ({ path }) => redriven(resolve(path)),
  create,
  audit: (spec, context) => auditStore(resolve(spec.path), context),
};

/** The directory, told at once when it can be none: the journal would fill with what cannot be compacted. @throws OperatingError */
function makeUsable(store: string): void {
  try {
    makeDirectories(store);
    accessSync(store, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new OperatingError(
      'STORE_NOT_USABLE',
      `the directory ${store} of the store cannot be used: ${code}`,
      'give the user of this process the right to write there, or name another one in PENSTOCK_DELIVER',
      { cause: error },
    );
  }
}

/**
 * A store is the old part of one journal: of another one it would take for compacted what never was, and queries would not see the rest.
 * A journal that is gone was moved, or is not wanted any more. @throws OperatingError
 */
function makeOf(journal: string, store: string): void {
  const manifest = readManifest(store);
  if (manifest === null) return;
  const before = journalOf(store, manifest);
  if (realPath(before) === realPath(journal)) return;
  if (listLanes(before).length > 0)
    throw new OperatingError(
      'STORE_OF_ANOTHER_JOURNAL',
      `the store ${store} belongs to the journal ${before}, not to ${journal}`,
      'set PENSTOCK_DATA to the directory of that journal, or name another directory in PENSTOCK_DELIVER',
    );
  writeManifest(store, { ...manifest, journal: emptyManifest(store, journal).journal });
}

function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

function create(spec: SinkSpec, context: SinkContext): Sink {
  const store = resolve(spec.path);
  const journal = context.journalDir;
  if (journal === undefined) {
    throw new OperatingError(
      'STORE_WITHOUT_JOURNAL',
      `${spec.url} has no journal`,
      'this is a mistake in Penstock: report it',
    );
  }
  const number = (name: string): number =>
    Number(spec.options[name] ?? options.find((option) => option.name === name)?.default);
  makeUsable(store);
  makeOf(journal, store);
  const compactor = new Compactor({
    store,
    journal,
    log: context.log,
    // A journal that is full before enough waits would stay full until the interval is over.
    hotBytes: Math.min(number('compact_bytes'), (context.journalBytesMax || Number.POSITIVE_INFINITY) / 3),
    intervalMs: number('compact_interval_ms'),
    patienceBytes: (context.journalBytesMax || Number.POSITIVE_INFINITY) / 2,
    memoryBytes: number('compact_memory_bytes'),
    retention: { days: number('retention_days'), bytes: number('retention_bytes') },
  });
  return {
    spec,
    inFlightBytesMax: 64 * 2 ** 20,
    start: async () => {
      if (readManifest(store) === null) writeManifest(store, emptyManifest(store, journal));
      writePointer(journal, spec.id, store);
      compactor.start();
    },
    deliver: async () => {}, // it is in the journal, and the journal is the store
    forget: () => {},
    holds: (lane): JournalPosition | null => {
      const from = compactor.manifest?.lanes[lane];
      return from === undefined ? null : { lane, ...from };
    },
    health: () => ({
      ready: true,
      detail: compactor.problem === '' ? `writes ${store}` : `cannot compact into ${store}: ${compactor.problem}`,
    }),
    figures: () => ({
      files: compactor.manifest?.files.length ?? 0,
      file_bytes: compactor.manifest?.files.reduce((sum, file) => sum + file.bytes, 0) ?? 0,
      uncompacted_bytes: compactor.hotBytes,
      compactions_total: compactor.runs,
      compaction_failures_total: compactor.failures,
      compacted_events_total: compactor.events,
    }),
    stop: () => compactor.stop(),
  };
}
