/**
 * A store as one SQL view: Parquet files and what is still only in the journal, each event exactly once.
 */
import { closeSync, existsSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, type DuckDBPreparedStatement, StatementType } from '@duckdb/node-api';
import { literal, selectFromRows, selectNothing, toRows } from '../../adapters/sinks/store/columns.js';
import { batchToJsonLines } from '../../adapters/sinks/store/json-lines.js';
import {
  findStore,
  journalOf,
  locateStore,
  type Manifest,
  readManifest,
  redriven,
} from '../../adapters/sinks/store/manifest.js';
import { CodecError } from '../../native/codecs.js';
import { OperatingError } from '../errors.js';
import type { JournalBatch } from '../journal/journal-batch.js';
import { LaneReader } from '../journal/lane-reader.js';
import { refuseNewer } from '../journal/newer.js';
import { isRejected } from '../journal/rejected.js';
import { listLanes } from '../journal/segments.js';
import { deadLetterColumns, writeDeadLetterRows } from './dead-letter-rows.js';
import { temporaryFolder } from './temporary-folder.js';

const snapshotTries = 20;

export interface StoreQuerySettings {
  /** The store's directory, or the engine's. */
  readonly data: string;
  readonly memoryBytes: number;
  readonly threads: number;
  /** Is to be run: what is wrong with it is told before the store is read, which may take long. */
  readonly statement?: string;
}

export type Row = readonly unknown[];

export interface QueryResult {
  readonly names: readonly string[];
  readonly types: readonly string[];
  readonly rows: readonly Row[];
}

/** A result that is read while it is made: it may be larger than memory. */
export interface StreamedResult {
  readonly names: readonly string[];
  readonly types: readonly string[];
  readonly pieces: AsyncIterable<readonly Row[]>;
}

/**
 * Opens the store as it is now. The view `events` holds every event, `dead_letters` what sinks refused for ever; SQL reaches nothing else: no files, no network, no settings.
 * Works beside a running engine. @throws OperatingError STORE_NOT_FOUND, QUERY_REFUSED, QUERY_FAILED
 */
export async function openStore(settings: StoreQuerySettings): Promise<StoreQuery> {
  const store = locateStore(settings.data);
  const { path: temporary, remove } = temporaryFolder('penstock-query-');
  try {
    const hotPath = join(temporary, 'hot.ndjson');
    const deadPath = join(temporary, 'dead-letters.ndjson');
    const lacking = new Set<string>();
    findStore(store);
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(settings.threads),
      memory_limit: `${Math.round(settings.memoryBytes / 2 ** 20)}MB`,
      temp_directory: temporary,
      preserve_insertion_order: 'false',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    if (settings.statement !== undefined) {
      await connection.run(`CREATE VIEW events AS ${selectNothing()}`);
      await connection.run(`CREATE VIEW dead_letters AS ${selectNothing(deadLetterColumns)}`);
      await prepare(connection, settings.statement);
    }
    const manifest = snapshot(store, hotPath, lacking);
    writeDeadLetterRows(journalOf(store, manifest), deadPath);
    const files = manifest.files.map((file) => join(store, file.path));
    await connection.run("SET TimeZone='UTC'");
    const cold =
      files.length === 0 ? selectNothing() : `SELECT * FROM read_parquet([${files.map(literal).join(', ')}])`;
    await connection.run(`SET allowed_paths=[${[hotPath, deadPath, ...files].map(literal).join(', ')}]`);
    await connection.run('SET enable_external_access=false');
    const all = `SELECT * FROM (${cold}) UNION ALL BY NAME (${selectFromRows([hotPath])})`;
    await connection.run(`CREATE OR REPLACE VIEW events AS ${all}`).catch((error) => {
      throw queryFailed(error); // of a damaged file
    });
    await connection.run(`CREATE OR REPLACE VIEW dead_letters AS ${selectFromRows([deadPath], deadLetterColumns)}`);
    await connection.run('SET lock_configuration=true');
    // An exit waits for the thread that the query runs in.
    const interrupt = (): void => connection.interrupt();
    process.once('exit', interrupt);
    const journalOnly = readManifest(store) === null;
    return new StoreQuery(connection, lacking, journalOnly ? store : null, () => {
      process.off('exit', interrupt);
      connection.closeSync();
      instance.closeSync();
      remove();
    });
  } catch (error) {
    remove();
    throw error;
  }
}

export class StoreQuery {
  constructor(
    private readonly connection: DuckDBConnection,
    /** What frames lack whose events are not there: each is one event that says so. */
    readonly lacking: ReadonlySet<string>,
    /** A directory without a store: there is what its journal still holds. Null: there is a store. */
    readonly journalOnly: string | null,
    readonly close: () => void,
  ) {}

  /** Runs one reading statement. @throws OperatingError QUERY_REFUSED, QUERY_FAILED */
  async run(sql: string): Promise<QueryResult> {
    const { names, types, pieces } = await this.stream(sql);
    const rows: Row[] = [];
    for await (const piece of pieces) for (const row of piece) rows.push(row);
    return { names, types, rows };
  }

  /** The same, read piece by piece, which throws as well. @throws OperatingError QUERY_REFUSED, QUERY_FAILED */
  async stream(sql: string): Promise<StreamedResult> {
    try {
      const prepared = await prepare(this.connection, sql);
      const result = await prepared.stream();
      const names = result.deduplicatedColumnNames();
      // JSON is a text to DuckDB, by another name.
      const types = result.columnTypes().map((column) => column.alias ?? String(column));
      return { names, types, pieces: readable(result.yieldRowsJson()) };
    } catch (error) {
      throw queryFailed(error);
    }
  }
}

/** One reading statement. @throws OperatingError QUERY_REFUSED, QUERY_FAILED */
async function prepare(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  try {
    if (sql.trim() === '') throw refused('it is empty');
    const statements = await connection.extractStatements(sql);
    if (statements.count !== 1) throw refused(`it holds ${statements.count} statements`);
    const prepared = await statements.prepare(0);
    const type = prepared.statementType;
    if (type !== StatementType.SELECT && type !== StatementType.EXPLAIN) throw refused('it is no SELECT');
    return prepared;
  } catch (error) {
    throw queryFailed(error);
  }
}

/** Says what fails while the rows are read (a value that cannot be cast) as what fails before. */
async function* readable(pieces: AsyncIterable<readonly Row[]>): AsyncGenerator<readonly Row[]> {
  try {
    yield* pieces;
  } catch (error) {
    throw queryFailed(error);
  }
}

function queryFailed(error: unknown): OperatingError {
  if (error instanceof OperatingError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new OperatingError('QUERY_FAILED', message, remedyOf(message), { cause: error });
}

function remedyOf(message: string): string {
  if (/^.*\/part-\w+\.parquet'?$/m.test(message))
    return 'put that file back from a backup; `penstock audit` compares all files with the manifest';
  const missing = /Referenced column "([^"]+)" not found/.exec(message)?.[1];
  return missing === undefined
    ? 'see `DESCRIBE events` for the columns'
    : `see \`DESCRIBE events\` for the columns; a field without one is attrs->>'${missing}'`;
}

/**
 * One consistent state: reads a manifest and writes what the journal holds beyond it to `hotPath`. Segments that a compaction
 * deletes meanwhile show as a gap, files beyond the retention are gone: then a newer manifest is read. @throws OperatingError
 */
function snapshot(store: string, hotPath: string, lacking: Set<string>): Manifest {
  for (let i = 0; i < snapshotTries; i++) {
    const manifest = findStore(store);
    lacking.clear();
    const gapless = writeHot(store, manifest, hotPath, lacking);
    const gone = manifest.files.find(({ path }) => !existsSync(join(store, path)));
    const isNewest = (readManifest(store)?.generation ?? 0) === manifest.generation;
    if (gone !== undefined && isNewest) throw fileMissing(store, gone.path);
    if (gone === undefined && (gapless || isNewest)) return manifest;
  }
  throw new OperatingError('STORE_BUSY', `${store} changes faster than it can be read`, 'try again');
}

function fileMissing(store: string, path: string): OperatingError {
  return new OperatingError(
    'STORE_FILE_MISSING',
    `${join(store, path)} is missing, which the store's manifest names`,
    'put it back from a backup; `penstock audit` compares all files with the manifest',
  );
}

/** Events of the journal from the manifest's positions on; false when a segment may have gone before it was read. */
function writeHot(store: string, manifest: Manifest, path: string, lacking: Set<string>): boolean {
  const journal = journalOf(store, manifest);
  refuseNewer(journal);
  const fd = openSync(path, 'w', 0o600);
  let gapless = true;
  try {
    for (const lane of listLanes(journal)) {
      const from = manifest.lanes[lane];
      const reader = new LaneReader(journal, lane, from === undefined ? null : { lane, ...from });
      for (let batches = reader.read(); batches.length > 0; batches = reader.read()) {
        for (const batch of batches) if (!isRejected(batch)) writeSync(fd, toRows(linesOf(batch, lacking)));
      }
      gapless &&= from !== undefined && reader.figures.missingSegments === 0;
      reader.close();
    }
    writeRedriven(store, fd, lacking);
  } finally {
    closeSync(fd);
  }
  return gapless;
}

function writeRedriven(store: string, fd: number, lacking: Set<string>): void {
  const journal = join(redriven(store), 'journal');
  for (const lane of listLanes(journal)) {
    const reader = new LaneReader(journal, lane, null);
    for (let batches = reader.read(); batches.length > 0; batches = reader.read())
      for (const batch of batches) writeSync(fd, toRows(linesOf(batch, lacking)));
    reader.close();
  }
}

function linesOf(batch: JournalBatch, lacking: Set<string>): Buffer {
  try {
    return batchToJsonLines(batch, batch.firstReceivedMs, 'thrown');
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    lacking.add(error.message);
    return batchToJsonLines(batch, batch.firstReceivedMs);
  }
}

function refused(why: string): OperatingError {
  return new OperatingError(
    'QUERY_REFUSED',
    `the statement is refused: ${why}`,
    'ask with one SELECT over the view `events`',
  );
}
