/** The thread in which packs are compiled while events flow: it takes as long as delivery and requests would stand still. */
import { parentPort, workerData } from 'node:worker_threads';
import { createPacks } from '../../native/formats.js';
import { OperatingError } from '../errors.js';
import { counterNames, loadFormats, takeCounters } from './load.js';

export interface FormatTask {
  readonly directory: string;
  /** Names by their place among the counters. */
  readonly counters: readonly string[];
}
export type FormatAnswer =
  | { readonly plan: Uint8Array; readonly names: readonly string[]; readonly counters: readonly string[] }
  | { readonly code: string; readonly message: string; readonly remedy: string };

function run({ directory, counters }: FormatTask): FormatAnswer {
  try {
    takeCounters(counters);
    const { plan, packs } = loadFormats(directory);
    createPacks(plan); // what native code refuses is refused here, not in a worker
    return { plan, names: packs.map(({ name }) => name), counters: counterNames() };
  } catch (error) {
    if (!(error instanceof OperatingError)) throw error;
    const { code, message, remedy } = error;
    return { code, message, remedy };
  }
}

parentPort?.postMessage(run(workerData as FormatTask));
