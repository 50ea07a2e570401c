import type { StoredBatch } from '../../../engine/contracts.js';
import { batchRecords, RecordBatchError, recordCount, recordValues } from '../../../engine/journal/record-batch.js';
import { CodecError } from '../../../native/codecs.js';
import { frameToJson, isFrame } from '../../../native/frames.js';
import { decodeLogEvents, logEventToJson } from '../../../native/log-event.js';

/** What a frame becomes whose dictionary is not here: an event that says so, or an error, for who can wait until it is. */
export type Lacking = 'told' | 'thrown';

/**
 * The events of a stored batch as ECS JSON, one line each. What cannot be decoded becomes an event that says so and
 * carries the bytes: nothing vanishes. @throws CodecError NO_DICTIONARY, if that is asked for
 */
export function batchToJsonLines(batch: StoredBatch, receivedMs: number, lacking: Lacking = 'told'): Buffer {
  try {
    const records = batchRecords(batch.bytes);
    return decodeAll(records) ?? decodeEach(records, recordCount(batch.bytes), receivedMs, lacking);
  } catch (error) {
    if (!(error instanceof RecordBatchError)) throw error;
    return unreadable(batch.bytes, receivedMs, error.message);
  }
}

/** One record's value as lines of ECS JSON, newline at the end: one, or one for each event of a frame. */
export function valueToJsonLine(value: Buffer | null, receivedMs: number, lacking: Lacking = 'told'): Buffer {
  if (value !== null && isFrame(value)) return frameToJsonLines(value, receivedMs, lacking);
  const json = value === null ? undefined : logEventToJson(value);
  return json === undefined || json.includes('\n') ? unreadable(value, receivedMs) : Buffer.from(`${json}\n`);
}

/** Every record in a few native calls; null when one of them is no LogEvent. */
function decodeAll(records: Buffer): Buffer | null {
  const parts: Buffer[] = [];
  for (let at = 0; at < records.length; ) {
    const { json, consumed, errors } = decodeLogEvents(records.subarray(at));
    if (errors > 0 || consumed === 0) return null;
    parts.push(json);
    at += consumed;
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}

function decodeEach(records: Buffer, count: number, receivedMs: number, lacking: Lacking): Buffer {
  return Buffer.concat(recordValues(records, count).map((value) => valueToJsonLine(value, receivedMs, lacking)));
}

function frameToJsonLines(frame: Buffer, receivedMs: number, lacking: Lacking): Buffer {
  try {
    return frameToJson(frame);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    if (lacking === 'thrown' && error.code === 'NO_DICTIONARY') throw error;
    return unreadable(frame, receivedMs, error.message);
  }
}

function unreadable(
  bytes: Buffer | null,
  receivedMs: number,
  reason = 'the record is neither a LogEvent nor JSON',
): Buffer {
  const event = {
    '@timestamp': new Date(receivedMs).toISOString(),
    event: { kind: 'pipeline_error', original: bytes?.toString('base64') ?? '' },
    error: { message: `${reason}; event.original is its bytes in base64` },
  };
  return Buffer.from(`${JSON.stringify(event)}\n`);
}
