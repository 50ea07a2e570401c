/**
 * Moves the journal's oldest events into Parquet files by hour of ingestion. Crash-safe without a log: files count only once
 * the manifest names them, and the manifest moves the journal positions in the same replacement.
 *
 *   <store>/manifest.json  events/date=YYYY-MM-DD/hour=HH/part-….parquet  tmp/
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isNoRoom, syncDirectory } from '../../../engine/journal/files.js';
import type { JournalBatch } from '../../../engine/journal/journal-batch.js';
import { LaneReader } from '../../../engine/journal/lane-reader.js';
import { isRejected } from '../../../engine/journal/rejected.js';
import { listLanes } from '../../../engine/journal/segments.js';
import { CodecError } from '../../../native/codecs.js';
import { toRows } from './columns.js';
import { batchToJsonLines } from './json-lines.js';
import { emptyManifest, type Manifest, readManifest, type StoreFile, writeManifest } from './manifest.js';
import { openParquetWriter, type ParquetWriter, type RowsFile } from './parquet.js';
import { beyond, type Retention } from './retention.js';

const hourMs = 3_600_000;
/** Text of one round's rows: bounds memory and temporary disk. */
const roundBytesMax = 256 * 2 ** 20;
/** Where the disk has no room for a round, smaller ones are tried, down to this. */
const roundBytesMin = 4 * 2 ** 20;
const smallerBy = 8;

export interface CompactSettings {
  readonly store: string;
  readonly journal: string;
  readonly retention: Retention;
  readonly memoryBytes: number;
  /** Frames whose dictionary is not here become events that say so; else they, and what follows them, wait for it in the journal. */
  readonly withoutDictionaries?: boolean;
  /** Called between steps that a crash could separate. */
  readonly onStep?: (step: string) => void | Promise<void>;
  readonly nowMs?: number;
  readonly roundBytes?: number;
  readonly roundBytesMin?: number;
}

export interface CompactResult {
  events: number;
  files: number;
  forgottenFiles: number;
  /** Which dictionary a lane waits for, and where to get it; null: everything is compacted. */
  waitsFor: string | null;
}

/**
 * Compacts what the journal holds. What comes meanwhile is left to the next compaction: this one would not end while events come, with a
 * small file for each moment. One caller at a time per store.
 */
export async function compact(settings: CompactSettings): Promise<CompactResult> {
  const { store, journal } = settings;
  const result: CompactResult = { events: 0, files: 0, forgottenFiles: 0, waitsFor: null };
  let manifest = readManifest(store) ?? emptyManifest(store, journal);
  manifest = await forgetOld(settings, manifest, result); // first: a full disk may have no room for anything else
  removeLeftovers(store, manifest);
  await settings.onStep?.('cleaned');
  let roundBytes = settings.roundBytes ?? roundBytesMax;
  const smallest = settings.roundBytesMin ?? roundBytesMin;
  const parquet = await openParquetWriter(join(store, 'tmp'), settings.memoryBytes);
  try {
    for (;;) {
      try {
        const done = await compactRound({ ...settings, roundBytes }, manifest, parquet, result);
        manifest = done.manifest;
        if (done.isLast) return result;
      } catch (error) {
        // What it had written would keep the disk full, for the journal too, which often is on the same.
        // The manifest may count the round already, and the journal retire its events: going back behind it would lose them.
        manifest = readManifest(store) ?? manifest;
        removeLeftovers(store, manifest);
        if (!isDiskFull(error) || roundBytes <= smallest) throw error;
        roundBytes = Math.max(smallest, roundBytes / smallerBy);
      }
    }
  } finally {
    parquet.close();
  }
}

/** Moves a round's events; answers the manifest that counts them. */
async function compactRound(
  settings: CompactSettings,
  manifest: Manifest,
  parquet: ParquetWriter,
  result: CompactResult,
): Promise<{ manifest: Manifest; isLast: boolean }> {
  const { store } = settings;
  const step = settings.onStep ?? (() => {});
  const round = collect(settings, manifest);
  result.waitsFor = round.waitsFor;
  if (round.files.length === 0) return { manifest, isLast: true };
  await step('collected');
  const files: StoreFile[] = [];
  for (const rows of round.files) files.push(await writePart(store, parquet, rows, step));
  await step('written');
  const lanes = { ...manifest.lanes, ...round.lanes };
  const next = { ...manifest, generation: manifest.generation + 1, lanes, files: [...manifest.files, ...files] };
  writeManifest(store, next);
  await step('counted');
  for (const rows of round.files) rmSync(rows.path, { force: true });
  result.files += files.length;
  result.events += files.reduce((sum, file) => sum + file.events, 0);
  return { manifest: next, isLast: !round.isFull };
}

/** By Node's code, or by what DuckDB says. */
export function isDiskFull(error: unknown): boolean {
  const { message = '' } = error as Error;
  return isNoRoom(error) || /no space left|disk quota/i.test(message);
}

interface Round {
  readonly files: readonly RowsFile[];
  readonly lanes: Record<string, { segment: number; offset: number }>;
  readonly waitsFor: string | null;
  /** There may be more. */
  readonly isFull: boolean;
}

/** Decodes batches from the manifest's positions on into one file of rows per hour, up to the round's bytes. */
function collect(settings: CompactSettings, manifest: Manifest): Round {
  const limit = settings.roundBytes ?? roundBytesMax;
  const files: OpenRows = new Map();
  const lanes: Round['lanes'] = {};
  try {
    const collected = collectInto(files, lanes, limit, settings, manifest);
    return { ...collected, files: [...files.values()], lanes };
  } finally {
    for (const file of files.values()) closeSync(file.fd);
  }
}

type OpenRows = Map<number, { path: string; fd: number; hourMs: number }>;

function collectInto(
  files: OpenRows,
  lanes: Round['lanes'],
  limit: number,
  settings: CompactSettings,
  manifest: Manifest,
): Pick<Round, 'waitsFor' | 'isFull'> {
  let bytes = 0;
  let waitsFor: string | null = null;
  for (const lane of listLanes(settings.journal)) {
    const from = manifest.lanes[lane];
    const reader = new LaneReader(settings.journal, lane, from === undefined ? null : { lane, ...from });
    let waits = false;
    for (let batches = reader.read(); batches.length > 0 && bytes < limit && !waits; batches = reader.read()) {
      for (const batch of batches) {
        const json = isRejected(batch) ? null : decoded(batch, settings);
        if (typeof json === 'string') {
          waits = true;
          waitsFor = json;
          break;
        }
        lanes[lane] = { segment: batch.next.segment, offset: batch.next.offset };
        if (json === null) continue;
        const hour = Math.floor(batch.firstReceivedMs / hourMs) * hourMs;
        let file = files.get(hour);
        if (file === undefined) {
          const path = join(settings.store, 'tmp', `${hour}-${randomBytes(4).toString('hex')}.ndjson`);
          mkdirSync(dirname(path), { recursive: true });
          file = { path, fd: openSync(path, 'w'), hourMs: hour };
          files.set(hour, file);
        }
        const rows = toRows(json);
        writeFileSync(file.fd, rows); // all of them: a disk that becomes full takes a part before it says so
        bytes += rows.length;
        if (bytes >= limit) break;
      }
    }
    if (bytes < limit && lanes[lane] !== undefined && !waits) {
      // All of the lane: the position is behind its last commit record too, so that nothing seems to be left.
      lanes[lane] = { segment: reader.position.segment, offset: reader.position.offset };
    }
    reader.close();
    if (bytes >= limit) break;
  }
  return { waitsFor, isFull: bytes >= limit };
}

/** A batch's events; a string: which dictionary they need. */
function decoded(batch: JournalBatch, { withoutDictionaries }: CompactSettings): Buffer | string {
  try {
    return batchToJsonLines(batch, batch.firstReceivedMs, withoutDictionaries ? 'told' : 'thrown');
  } catch (error) {
    if (error instanceof CodecError && error.code === 'NO_DICTIONARY') return error.message;
    throw error;
  }
}

async function writePart(
  store: string,
  parquet: ParquetWriter,
  rows: RowsFile,
  step: (name: string) => void | Promise<void>,
): Promise<StoreFile> {
  const aside = `${rows.path}.parquet`;
  const events = await parquet.write(rows.path, aside);
  await step('encoded');
  const fd = openSync(aside, 'r');
  fsyncSync(fd);
  closeSync(fd);
  const [date = '', time = ''] = new Date(rows.hourMs).toISOString().split('T');
  const name = createHash('sha256').update(aside).update(`${Date.now()}`).digest('hex').slice(0, 16);
  const path = join('events', `date=${date}`, `hour=${time.slice(0, 2)}`, `part-${name}.parquet`);
  const folder = dirname(join(store, path));
  mkdirSync(folder, { recursive: true });
  renameSync(aside, join(store, path));
  syncDirectory(folder);
  await step('renamed');
  return { path, events, bytes: statSync(join(store, path)).size, hourMs: rows.hourMs };
}

/** Drops files beyond the retention: first from the manifest, then from the disk. */
async function forgetOld(settings: CompactSettings, manifest: Manifest, result: CompactResult): Promise<Manifest> {
  const { store } = settings;
  const dropped = beyond(manifest.files, settings.retention, settings.nowMs);
  if (dropped.length === 0) return manifest;
  const kept = manifest.files.filter((file) => !dropped.includes(file));
  const forgottenEvents = dropped.reduce((sum, file) => sum + file.events, manifest.forgottenEvents ?? 0);
  const next = { ...manifest, generation: manifest.generation + 1, files: kept, forgottenEvents };
  const remove = (): void => {
    for (const file of dropped) rmSync(join(store, file.path), { force: true });
  };
  try {
    writeManifest(store, next);
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    // A full disk has no room for the manifest either, until they are gone. After a crash here the next compaction writes it.
    remove();
    writeManifest(store, next);
  }
  await settings.onStep?.('forgotten');
  remove();
  result.forgottenFiles = dropped.length;
  return next;
}

/** Removes what a crash left: temporary files, and parts that no manifest names. */
function removeLeftovers(store: string, manifest: Manifest): void {
  rmSync(join(store, 'tmp'), { recursive: true, force: true });
  mkdirSync(join(store, 'tmp'), { recursive: true });
  const events = join(store, 'events');
  mkdirSync(events, { recursive: true });
  const counted = new Set(manifest.files.map((file) => join(store, file.path)));
  for (const name of readdirSync(events, { recursive: true })) {
    const path = join(events, String(name));
    if (path.endsWith('.parquet') && !counted.has(path)) rmSync(path, { force: true });
  }
}
