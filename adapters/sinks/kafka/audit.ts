/**
 * Proves after the fact what a Kafka sink delivered: its send log against the journal it came from, and both against what the
 * leaders of the partitions say (end offsets, last sequence of each producer).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalPosition, SinkAudit, SinkAuditContext } from '../../../engine/contracts.js';
import { LaneReader } from '../../../engine/journal/lane-reader.js';
import { listSegments } from '../../../engine/journal/segments.js';
import { askPartitions, type PartitionState } from './audit-broker.js';
import { isBefore } from './send-entries.js';
import type { SendEntry } from './send-log.js';
import { decodeRecord, sendRecordBytes } from './send-record.js';
import type { KafkaSettings } from './settings.js';
import { atOrAfter, lastSequence, storedCrc } from './stamp.js';

/** Kafka forgets a producer that was silent for 24 hours by default (producer.id.expiration.ms). */
const producerForgottenMs = 12 * 3600 * 1000;

export async function auditKafka(settings: KafkaSettings, context: SinkAuditContext): Promise<SinkAudit> {
  const { entries, damaged } = readEntries(context.stateDir);
  const contradictions = [...stampsUsedTwice(entries), ...againstJournal(entries, context)];
  const notes = damaged > 0 ? [`${damaged} records of the send log are damaged: what they said is not checked`] : [];
  const figures: Record<string, number> = { stamped_batches: entries.length };
  const unproven: string[] = [];
  try {
    const states = await askPartitions(settings);
    const offsets = Number(states.reduce((sum, { endOffset }) => sum + endOffset, 0n));
    Object.assign(figures, { end_offsets: offsets, partitions: states.length });
    if (offsets < context.delivered) {
      const missing = context.delivered - offsets;
      contradictions.push(
        `the partitions ever held ${offsets} records, ${missing} fewer than were delivered: the topic was made anew, or lost data`,
      );
    } else if (offsets > context.delivered) {
      notes.push(
        `${offsets - context.delivered} more records than delivered: of other producers, or of batches in doubt`,
      );
    }
    const stored = againstBroker(entries, states, context);
    contradictions.push(...stored.contradictions);
    Object.assign(figures, { stored_batches: stored.stored, batches_not_stored: stored.notStored });
  } catch (error) {
    unproven.push(`the brokers could not be asked: ${error instanceof Error ? error.message : error}`);
  }
  return { contradictions, unproven, notes, figures };
}

/** What the send log says now: of each batch (or part of one) the last record. */
function readEntries(stateDir: string): { entries: SendEntry[]; damaged: number } {
  const bytes = readLog(join(stateDir, 'send.log'));
  const last = new Map<string, SendEntry>();
  let damaged = 0;
  for (let at = 0; at + sendRecordBytes <= bytes.length; at += sendRecordBytes) {
    const entry = decodeRecord(bytes.subarray(at, at + sendRecordBytes));
    if (entry === null) damaged++;
    else last.set(`${placeName(entry.position)} ${'first' in entry ? entry.first : 0}`, entry);
  }
  return { entries: [...last.values()].filter((entry) => !entry.void && entry.stored !== true), damaged };
}

function readLog(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

/** A stamp says to the broker which bytes these are: the same one for other bytes means that one of them was thrown away. */
function stampsUsedTwice(entries: readonly SendEntry[]): string[] {
  const found: string[] = [];
  const sorted = [...entries].sort(
    (a, b) => streamOf(a).localeCompare(streamOf(b)) || a.stamp.baseSequence - b.stamp.baseSequence,
  );
  for (let i = 1; i < sorted.length; i++) {
    const [a, b] = [sorted[i - 1] as SendEntry, sorted[i] as SendEntry];
    if (streamOf(a) !== streamOf(b) || a.stamp.baseSequence + a.count <= b.stamp.baseSequence) continue;
    found.push(
      `sequence ${b.stamp.baseSequence} of ${streamOf(b)} stamps two batches: ${placeName(a.position)} and ${placeName(b.position)}`,
    );
  }
  return found;
}

/** Every batch that was stamped must be in the journal as it was, where its segment is still there. */
function againstJournal(entries: readonly SendEntry[], { journalDir }: SinkAuditContext): string[] {
  const found: string[] = [];
  for (const lane of new Set(entries.map(({ position }) => position.lane))) {
    const segments = new Set(listSegments(journalDir, lane));
    const wanted = new Map(
      entries
        .filter(({ position }) => position.lane === lane && segments.has(position.segment))
        .map((entry) => [placeName(entry.position), entry]),
    );
    const places = [...wanted.values()].map(({ position }) => position).sort((a, b) => (isBefore(a, b) ? -1 : 1));
    const [first, last] = [places[0], places.at(-1)];
    if (first === undefined || last === undefined) continue;
    const reader = new LaneReader(journalDir, lane, first);
    reading: for (let batches = reader.read(); batches.length > 0 || reader.behind; batches = reader.read()) {
      for (const batch of batches) {
        if (isBefore(last, batch.position)) break reading;
        const entry = wanted.get(placeName(batch.position));
        if (entry === undefined) continue;
        wanted.delete(placeName(batch.position));
        if (entry.crc !== storedCrc(batch.bytes) || entry.count > batch.count)
          found.push(`the batch at ${placeName(batch.position)} is not the one that was sent from there`);
      }
    }
    reader.close();
    for (const name of wanted.keys()) found.push(`the batch at ${name} was sent, and the journal has none there`);
  }
  return found;
}

/** Batches before the cursor were acknowledged: the leader must know their sequences. Those after it may be stored or not. */
function againstBroker(entries: readonly SendEntry[], states: readonly PartitionState[], context: SinkAuditContext) {
  const contradictions: string[] = [];
  let [stored, notStored] = [0, 0];
  for (const entry of entries) {
    const { topic, partition, stamp, position } = entry;
    const state = states.find((one) => one.topic === topic && one.partition === partition);
    const producer = state?.producers.find(({ producerId }) => producerId === stamp.producerId);
    const known =
      producer !== undefined && atOrAfter(producer.lastSequence, lastSequence(stamp.baseSequence, entry.count));
    if (known) stored++;
    else notStored++;
    const cursor = context.cursor.get(position.lane);
    const acknowledged = cursor !== undefined && isBefore(position, cursor);
    const forgotten = producer === undefined && Date.now() - entry.stampedAt > producerForgottenMs;
    if (!acknowledged || known || forgotten) continue;
    contradictions.push(
      `${topic}-${partition} does not have ${entry.count} records that it acknowledged (batch ${placeName(position)}, ${streamOf(entry)}, ` +
        `sequence ${stamp.baseSequence}${producer === undefined ? '; the producer is unknown to it' : ''})`,
    );
  }
  return { contradictions, stored, notStored };
}

function streamOf({ topic, partition, stamp }: SendEntry): string {
  return `producer ${stamp.producerId}/${stamp.epoch} in ${topic}-${partition}`;
}

function placeName({ lane, segment, offset }: JournalPosition): string {
  return `lane ${lane}, segment ${segment.toString(16).padStart(16, '0')}, offset ${offset}`;
}
