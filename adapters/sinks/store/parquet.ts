import { DuckDBInstance } from '@duckdb/node-api';
import { literal, selectFromRows } from './columns.js';

export interface RowsFile {
  readonly path: string;
  /** Hour of ingestion, ms since the epoch. */
  readonly hourMs: number;
}

export interface ParquetWriter {
  /** Writes the rows of a file as Parquet; answers their number. */
  write(rowsPath: string, parquetPath: string): Promise<number>;
  close(): void;
}

/** One thread and bounded memory: compaction runs beside the engine. */
export async function openParquetWriter(temporary: string, memoryBytes: number): Promise<ParquetWriter> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: `${Math.round(memoryBytes / 2 ** 20)}MB`,
    temp_directory: temporary,
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  return {
    async write(rowsPath, parquetPath) {
      const select = selectFromRows([rowsPath]);
      const copy = `COPY (${select}) TO ${literal(parquetPath)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 61440)`;
      const done = await connection.runAndReadAll(copy);
      return Number(done.getRows()[0]?.[0] ?? 0);
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
