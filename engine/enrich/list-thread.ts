/** The thread in which lists become tables. */
import { parentPort, workerData } from 'node:worker_threads';
import { type ListFile, type ReadList, readAssets, readIndicators } from './read-lists.js';

export interface ListTask {
  readonly kind: 'indicators' | 'assets';
  /** Path and bytes, in shared memory. */
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  readonly nowMs: number;
}
export type ListAnswer = ReadList | { readonly error: string };

function run({ kind, files, nowMs }: ListTask): ListAnswer {
  try {
    const texts: ListFile[] = files.map(({ path, bytes }) => ({ path, text: Buffer.from(bytes).toString('utf8') }));
    return kind === 'indicators' ? readIndicators(texts, nowMs) : readAssets(texts);
  } catch (error) {
    return { error: (error as Error).message };
  }
}

parentPort?.postMessage(run(workerData as ListTask));
