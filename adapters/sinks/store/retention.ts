import type { StoreFile } from './manifest.js';

const hourMs = 3_600_000;

/** What a store keeps; 0: no limit. */
export interface Retention {
  /** By hour of ingestion. */
  readonly days: number;
  /** Of the files; what is only in the journal does not count. */
  readonly bytes: number;
}

/** Files with only events older than the retention, and the oldest beyond its bytes, but not the last one. */
export function beyond(files: readonly StoreFile[], { days, bytes }: Retention, nowMs = Date.now()): StoreFile[] {
  const newest = [...files].reverse().sort((a, b) => b.hourMs - a.hourMs);
  let sum = 0;
  return newest.filter((file) => {
    sum += file.bytes;
    const tooOld = days > 0 && file.hourMs + hourMs <= nowMs - days * 24 * hourMs;
    return tooOld || (bytes > 0 && sum > bytes && file !== newest[0]);
  });
}
