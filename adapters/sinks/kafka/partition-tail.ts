import { ClusterError } from './cluster-error.js';
import { failureOfCode } from './trouble.js';
import { fetchRecords } from './wire/apis/fetch.js';
import { earliest, latest, listOffsets } from './wire/apis/list-offsets.js';
import type { Connection } from './wire/connection.js';

/** From where on a partition is of interest. */
export interface TailBound {
  /** Behind this offset; −1: unknown, the timestamp counts. */
  readonly after: bigint;
  /** ms since the epoch. */
  readonly timestampMs: number;
}
export interface TailReading {
  /** False: records behind the bound have been deleted, what they were cannot be told. */
  readonly complete: boolean;
  readonly bytes: number;
}

const fetchBytesMax = 4 << 20;
/** Base offset, length: what stands before the part that the length counts. */
const batchPrefixBytes = 12;

/**
 * Hands over the batches of a partition from `bound` to its end, as consumers see it, in order. Throws ClusterError when the broker
 * refuses, and the connection's errors.
 */
export async function readTail(
  connection: Connection,
  place: { readonly topic: string; readonly partition: number },
  bound: TailBound,
  visit: (batch: Buffer) => void,
): Promise<TailReading> {
  const ask = async (timestampMs: bigint) => {
    const answer = await connection.call(listOffsets, { ...place, timestampMs });
    check(answer.errorCode, place);
    return answer.offset;
  };
  const start = await ask(earliest);
  const end = await ask(latest);
  const { from, complete } = await beginOf(bound, start, end, ask);
  let bytes = 0;
  for (let offset = from; offset < end; ) {
    const answer = await connection.call(fetchRecords, { ...place, offset, bytesMax: fetchBytesMax });
    check(answer.errorCode, place);
    const next = visitBatches(answer.records, offset, visit);
    // Nothing but a cut batch cannot be: the broker sends one whole batch at least. Compacted away: the end is empty.
    if (next === offset) break;
    bytes += answer.records.length;
    offset = next;
  }
  return { complete, bytes };
}

async function beginOf(
  { after, timestampMs }: TailBound,
  start: bigint,
  end: bigint,
  ask: (timestampMs: bigint) => Promise<bigint>,
): Promise<{ from: bigint; complete: boolean }> {
  // An offset beyond the end is one of a log that was cut or begun anew.
  if (after >= 0n && after < end) return { from: max(after + 1n, start), complete: after + 1n >= start };
  const found = await ask(BigInt(Math.max(0, Math.floor(timestampMs))));
  if (found >= 0n) return { from: found, complete: found > start || start === 0n };
  return { from: end, complete: start < end || start === 0n };
}
function visitBatches(records: Buffer, from: bigint, visit: (batch: Buffer) => void): bigint {
  let next = from;
  for (let at = 0; at + 61 <= records.length; ) {
    const length = batchPrefixBytes + records.readInt32BE(at + 8);
    if (length < 61 || at + length > records.length) break;
    const batch = records.subarray(at, at + length);
    const behind = batch.readBigInt64BE(0) + BigInt(batch.readInt32BE(23)) + 1n;
    if (behind > next) {
      visit(batch);
      next = behind;
    }
    at += length;
  }
  return next;
}
function check(code: number, place: { topic: string; partition: number }): void {
  if (code !== 0) throw new ClusterError(failureOfCode(code, `reading ${place.topic}-${place.partition}`, null));
}
function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
