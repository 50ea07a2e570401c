/**
 * A dead letter: an event as the sink was to get it, in a record batch of its own, with headers that say who refused it, why, when,
 * and where it came from. The headers are part of the record, so that event and reason are never parted.
 */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalPosition, StoredBatch } from '../contracts.js';
import type { RefusedPart } from '../errors.js';
import { withHeaders } from './added-headers.js';
import { LaneReader } from './lane-reader.js';
import { RecordBatchError } from './record-batch.js';
import { type BatchRecord, eventsOf, makeBatch, readBatchRecords } from './records.js';
import { rejectedCode } from './rejected.js';
import { listLanes } from './segments.js';

const prefix = 'penstock.dead_letter.';
const names = ['sink', 'code', 'message', 'time', 'position', 'form'] as const;

export interface DeadLetterReason {
  readonly sink: string;
  readonly code: string;
  readonly message: string;
  /** ISO 8601. */
  readonly time: string;
  /** Of the batch it came with, in the journal: lane:segment:offset. */
  readonly position: string;
  /** 'record': the value is the record's; 'batch': a whole batch that could not be taken apart. */
  readonly form: string;
}

export interface DeadLetter {
  /** Names it among all of its sink: where it is kept, and the record in that batch. */
  readonly id: string;
  readonly reason: DeadLetterReason;
  /** As its batch was routed; partition −1: any. */
  readonly route: number;
  readonly partition: number;
  /** The record as it was refused. */
  readonly record: BatchRecord;
}

export function deadLetterDirectory(journal: string, sinkId: string): string {
  return join(journal, 'dead-letter', encodeURIComponent(sinkId));
}

export function positionText({ lane, segment, offset }: JournalPosition): string {
  return `${lane}:${segment}:${offset}`;
}

/** What is to be kept of refused records, those left out that `known` says are kept; null: nothing. */
export function deadLetterBatch(
  sink: string,
  part: RefusedPart,
  known: (key: string) => boolean,
): { readonly bytes: Buffer; readonly count: number; readonly keys: readonly string[] } | null {
  const position = positionText(part.batch.position);
  const reason = { sink, code: part.code, message: part.message, time: new Date().toISOString(), position };
  if (part.inRecords) {
    const key = deadLetterKey({ position, code: part.code });
    if (known(key)) return null;
    const bytes = marked(part.batch.bytes, reason);
    if (bytes !== null) return { bytes, count: part.batch.events, keys: [key] };
  }
  const { records, form } = takeApart(part.batch.bytes);
  const keyed = records.map((record) => ({ record, key: deadLetterKey(reason, record) }));
  const fresh = keyed.filter(({ key }) => !known(key));
  if (fresh.length === 0) return null;
  const headers = headersOf({ ...reason, form });
  const kept = fresh.map(({ record }) => ({ ...record, headers: [...record.headers, ...headers] }));
  return {
    bytes: makeBatch(kept),
    count: form === 'batch' ? part.batch.events : eventsOf(kept),
    keys: fresh.map(({ key }) => key),
  };
}

/**
 * Names a record of a batch of the journal by what is in it: a sink that refuses the batch again may refuse more of it, or less. Events that
 * do not fit a schema are kept with all of their batch or not at all: its position names them.
 */
export function deadLetterKey(reason: Pick<DeadLetterReason, 'position' | 'code'>, record?: BatchRecord): string {
  if (!record || reason.code === rejectedCode) return `${reason.position} ${reason.code}`;
  const hash = createHash('sha256');
  for (const bytes of [record.key, record.value]) hash.update(String(bytes?.length)).update(bytes ?? '');
  return `${reason.position} ${hash.digest('base64')}`;
}

/** Sinks that have dead letters in this journal. */
export function deadLetterSinks(journal: string): string[] {
  try {
    return readdirSync(join(journal, 'dead-letter')).map(decodeURIComponent).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Every dead letter of a sink, oldest first. `from`: not those before. */
export function* readDeadLetters(
  journal: string,
  sinkId: string,
  from: JournalPosition | null = null,
): Generator<DeadLetter> {
  const directory = deadLetterDirectory(journal, sinkId);
  for (const lane of listLanes(directory)) {
    const reader = new LaneReader(directory, lane, from?.lane === lane ? from : null);
    try {
      for (let batches = reader.read(); batches.length > 0; batches = reader.read()) {
        for (const batch of batches)
          for (const [i, record] of recordsOf(batch).entries()) yield deadLetter(batch, record, i);
      }
    } finally {
      reader.close();
    }
  }
}

function headersOf(reason: Partial<DeadLetterReason>): (readonly [string, Buffer])[] {
  return names.flatMap((name) => {
    const value = reason[name];
    return value === undefined ? [] : [[`${prefix}${name}`, Buffer.from(value)] as const];
  });
}

/** The batch, each record with all but its message, which it has; null where it cannot be taken apart. */
function marked(batch: Buffer, { message: _, ...reason }: Omit<DeadLetterReason, 'form'>): Buffer | null {
  try {
    return withHeaders(batch, headersOf({ ...reason, form: 'record' }));
  } catch (error) {
    if (!(error instanceof RecordBatchError)) throw error;
    return null;
  }
}

/** A batch that cannot be taken apart is one record: nothing vanishes. */
function takeApart(bytes: Buffer): { readonly records: readonly BatchRecord[]; readonly form: 'record' | 'batch' } {
  try {
    return { records: readBatchRecords(bytes), form: 'record' };
  } catch (error) {
    if (!(error instanceof RecordBatchError)) throw error;
    return { records: [{ timestampMs: Date.now(), key: null, value: bytes, headers: [] }], form: 'batch' };
  }
}

function recordsOf({ bytes }: StoredBatch): readonly BatchRecord[] {
  const { records, form } = takeApart(bytes);
  if (form === 'record') return records;
  return records.map((record) => ({ ...record, headers: [[`${prefix}form`, Buffer.from(form)]] }));
}

function deadLetter({ position, route, partition }: StoredBatch, record: BatchRecord, index: number): DeadLetter {
  const of = (name: string) => String(record.headers.find(([header]) => header === `${prefix}${name}`)?.[1] ?? '');
  const reason = Object.fromEntries(names.map((name) => [name, of(name)])) as unknown as DeadLetterReason;
  const headers = record.headers.filter(([name]) => !name.startsWith(prefix));
  return { id: `${positionText(position)}:${index}`, reason, route, partition, record: { ...record, headers } };
}
