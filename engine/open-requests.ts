/** The memory of requests as an engine has it: beside its journal, of its boot. */
import { join } from 'node:path';
import type { Settings } from './config/settings.js';
import type { Journal } from './journal/journal.js';
import { ringId } from './memory.js';
import { RequestLog } from './requests/request-log.js';
import { RequestMemory } from './requests/request-memory.js';
import type { RequestRecord } from './requests/request-record.js';

/** Takes up what earlier runs left: to be called before the workers start. */
export function openRequests(settings: Settings, journal: Journal | null): RequestMemory {
  const memory = new RequestMemory({
    log: journal ? new RequestLog(join(settings.dataDir, 'requests'), settings.durability === 'fsync') : null,
    boot: journal?.boot ?? 0,
    ringOf: (worker) => ringId(settings.receivers, worker, settings.workers), // the feeder is behind the receivers
    keysMax: settings.idempotencyKeysMax,
  });
  // What a killed process had only in memory is lost: its word that a request is stored counts no more.
  if (journal) memory.recover(journal.lostSegments > 0 ? () => false : storedIn(journal));
  return memory;
}

/** Each lane is read once, and only if a request names it. */
function storedIn(journal: Journal): (record: RequestRecord) => boolean {
  const lanes = new Map<number, ReturnType<Journal['committedChunks']>>();
  return ({ boot, lane, ring, chunk }) => {
    if (!lanes.has(lane)) lanes.set(lane, journal.committedChunks(lane));
    const committed = lanes.get(lane);
    return committed?.boot === boot && chunk < (committed.chunks.get(ring) ?? 0);
  };
}
