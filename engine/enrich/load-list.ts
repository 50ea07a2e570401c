/** Files of lists → one table, made in a thread of its own. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { SettingsError } from '../errors.js';
import type { EnrichmentFile } from './enrichment.js';
import type { ListAnswer, ListTask } from './list-thread.js';
import { readShared, signatureOf } from './shared-file.js';

const listBytesMax = 256 * 1024 ** 2;

export interface LoadedList {
  readonly kind: ListTask['kind'];
  readonly files: readonly EnrichmentFile[];
  readonly table: Uint8Array;
  readonly entries: number;
  readonly skipped: number;
}

/** `before` again where none of its files is another. null: there are no files. @throws OperatingError */
export async function loadList(
  kind: ListTask['kind'],
  paths: readonly string[],
  before: LoadedList | null,
): Promise<LoadedList | null> {
  if (paths.length === 0) return null;
  if (before !== null && (await same(before, paths))) return before;
  const read = [];
  for (const path of paths) {
    const file = await readShared(path);
    if (file.bytes.length > listBytesMax)
      throw new SettingsError(
        'ENRICHMENT_LIST',
        `${path} is larger than ${listBytesMax} bytes`,
        'divide the list, or shorten it',
      );
    read.push(file);
  }
  const answer = await inThread({ kind, files: read.map(({ path, bytes }) => ({ path, bytes })), nowMs: Date.now() });
  if ('error' in answer) {
    const message = `the ${kind} in ${paths.join(', ')} cannot be used: ${answer.error}`;
    throw new SettingsError('ENRICHMENT_LIST', message, 'see docs/enrichment.md for what such lists are like');
  }
  const { bytes: table, entries, skipped } = answer;
  const loadedMs = Date.now();
  // The text itself is not kept; each file stands for its bytes on the disk.
  const files = read.map(({ path, signature, bytes }) => ({
    path,
    signature,
    bytes: { length: bytes.length },
    type: kind,
    builtSeconds: 0,
    loadedMs,
  }));
  return { kind, files, table, entries, skipped };
}

async function same({ files }: LoadedList, paths: readonly string[]): Promise<boolean> {
  if (files.length !== paths.length) return false;
  const now = await Promise.all(paths.map(signatureOf));
  return files.every(({ path, signature }, i) => path === paths[i] && signature === now[i]);
}

async function inThread(task: ListTask): Promise<ListAnswer> {
  const worker = new Worker(new URL('./list-thread.js', import.meta.url), { workerData: task });
  try {
    const [answer] = (await once(worker, 'message')) as [ListAnswer];
    return answer;
  } catch (error) {
    return { error: (error as Error).message };
  } finally {
    await worker.terminate();
  }
}
