/**
 * One sink's dead letters through a journal of their own (<data>/redrive/<sink>) and the normal delivery. That journal is never
 * emptied: it says which dead letters were sent again, and its cursor and the sink's send log see that each is sent once.
 */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { LaneWriter } from '../../native/journal.js';
import type { Settings } from '../config/settings.js';
import type { Sink, SinkSpec } from '../contracts.js';
import { Breakers } from '../deliver/breakers.js';
import { Deliveries } from '../deliver/deliveries.js';
import { type DeadLetter, readDeadLetters } from '../journal/dead-letter.js';
import { Journal } from '../journal/journal.js';
import { LaneReader } from '../journal/lane-reader.js';
import { type BatchRecord, eventsOf, makeBatch, readBatchRecords } from '../journal/records.js';
import { createSink, sinkTypeOf } from '../sinks.js';

const fromHeader = 'penstock.redriven.from';
const timeHeader = 'penstock.redriven.time';
const segmentBytes = 64 * 2 ** 20;
/** A batch is closed at so many bytes: well below what a broker takes unless told otherwise. */
const batchBytes = 256 * 1024;

export interface RedriveFilter {
  readonly code: string | null;
  readonly sinceMs: number;
  readonly untilMs: number;
}

export interface RedriveContext {
  readonly settings: Settings;
  readonly log: Logger;
  readonly filter: RedriveFilter;
  readonly timeoutMs: number;
  readonly dryRun: boolean;
}

/** In events. */
export interface RedriveReport {
  /** Taken up now. */
  readonly chosen: number;
  /** Delivered now, those that an interrupted redrive left included. */
  readonly delivered: number;
  readonly refused: number;
  /** Taken up and not yet delivered. */
  readonly waiting: number;
  /** Matching ones that an earlier redrive took up. */
  readonly earlier: number;
  readonly broken: number;
}

/** @throws OperatingError, also when another redrive of this sink runs */
export async function redriveSink(spec: SinkSpec, context: RedriveContext): Promise<RedriveReport> {
  const { settings, filter, dryRun } = context;
  const dataDir =
    sinkTypeOf(spec).redriveDirectory?.(spec) ?? join(settings.dataDir, 'redrive', encodeURIComponent(spec.id));
  const journal = new Journal({ directory: join(dataDir, 'journal'), segmentBytes, bytesMax: 0 });
  try {
    const sent = sentBefore(journal.directory, spec.id);
    const found = { chosen: 0, earlier: 0, broken: 0 };
    const chosen = choose(join(settings.dataDir, 'journal'), spec.id, { filter, sent, found });
    if (dryRun) {
      while (!chosen.next().done);
      return { ...found, delivered: 0, refused: 0, waiting: 0 };
    }
    takeUp(journal, chosen);
    return { ...found, ...(await deliver(journal, spec, { ...context, dataDir })) };
  } finally {
    journal.close();
  }
}

/** Dead letters that were taken up as often as they had been refused, so that nothing is left to send of them. */
function sentBefore(directory: string, sinkId: string): Set<string> {
  const open = new Map<string, number>();
  const count = (record: BatchRecord, by: number) => {
    const id = String(record.headers.find(([name]) => name === fromHeader)?.[1] ?? '');
    open.set(id, (open.get(id) ?? 0) + by);
  };
  const reader = new LaneReader(directory, 0, null);
  for (let batches = reader.read(); batches.length > 0; batches = reader.read())
    for (const { bytes } of batches) for (const record of readBatchRecords(bytes)) count(record, 1);
  reader.close();
  for (const { record } of readDeadLetters(directory, sinkId)) count(record, -1);
  return new Set([...open].filter(([, times]) => times > 0).map(([id]) => id));
}

/** Those to be sent now, one after the other; counts what it passes over. */
function* choose(
  journal: string,
  sinkId: string,
  state: {
    readonly filter: RedriveFilter;
    readonly sent: ReadonlySet<string>;
    readonly found: { chosen: number; earlier: number; broken: number };
  },
): Generator<DeadLetter> {
  const { filter, sent, found } = state;
  for (const letter of readDeadLetters(journal, sinkId)) {
    if (!matches(letter, filter)) continue;
    if (letter.reason.form === 'batch') found.broken++;
    else if (sent.has(letter.id)) found.earlier++;
    else {
      found.chosen++;
      yield letter;
    }
  }
}

function matches({ reason }: DeadLetter, { code, sinceMs, untilMs }: RedriveFilter): boolean {
  const ms = Date.parse(reason.time);
  return (code === null || reason.code === code) && (Number.isNaN(ms) || (ms >= sinceMs && ms < untilMs));
}

/** Writes them into the redrive's own journal, each group whole or not at all. */
function takeUp(journal: Journal, letters: Iterable<DeadLetter>): void {
  const { directory, lane } = journal.lanePlan(0);
  const writer = new LaneWriter(directory, { lane, segmentBytes, node: journal.identity.node, boot: journal.boot });
  const time = Buffer.from(new Date().toISOString());
  const byPlace = new Map<string, { route: number; partition: number; records: BatchRecord[]; bytes: number }>();
  const commit = (place: { route: number; partition: number; records: BatchRecord[] }) => {
    const { route, partition, records } = place;
    if (records.length === 0) return;
    const errno = writer.commitGroup([{ bytes: makeBatch(records), count: eventsOf(records), route, partition }]);
    if (errno !== 0) throw new Error(`cannot write ${directory}: errno ${errno}`);
  };
  for (const { id, record, route, partition } of letters) {
    const key = `${route} ${partition}`;
    const place = byPlace.get(key) ?? { route, partition, records: [], bytes: 0 };
    byPlace.set(key, place);
    const headers = record.headers.filter(([name]) => name !== fromHeader && name !== timeHeader);
    const bytes = (record.value?.length ?? 0) + (record.key?.length ?? 0);
    if (place.bytes + bytes > batchBytes) {
      commit(place);
      place.records = [];
      place.bytes = 0;
    }
    place.records.push({ ...record, headers: [...headers, [fromHeader, Buffer.from(id)], [timeHeader, time]] });
    place.bytes += bytes;
  }
  for (const place of byPlace.values()) commit(place);
  const errno = writer.sync();
  writer.close();
  if (errno !== 0) throw new Error(`cannot sync ${directory}: errno ${errno}`);
}

async function deliver(
  journal: Journal,
  spec: SinkSpec,
  { settings, log, timeoutMs, dataDir }: RedriveContext & { readonly dataDir: string },
): Promise<Pick<RedriveReport, 'delivered' | 'refused' | 'waiting'>> {
  const { breakerFailures: failures, breakerAfterMs: afterMs, breakerProbeMs: probeMs } = settings;
  const breakers = new Breakers({ failures, afterMs, probeMs }, log, () => deliveries.notify());
  const sink =
    sinkTypeOf(spec).redriveDirectory === undefined
      ? createSink(spec, { ...settings, dataDir }, log, breakers.of(spec.id))
      : keeper(spec);
  const breakerOf = (id: string) => breakers.of(id);
  const deliveries = new Deliveries({ journal, sinks: [sink], log, breakerOf, alsoNeeds: () => null });
  const failed = new Promise<never>((_resolve, reject) => deliveries.start(reject));
  try {
    await Promise.race([deliveries.drain(timeoutMs), failed]);
  } finally {
    await deliveries.stop(1000);
  }
  const figures = deliveries.figures().get(spec.id) ?? {};
  const delivered = figures.delivered_events_total ?? 0;
  const refused = figures.dead_lettered_events_total ?? 0;
  return { delivered, refused, waiting: journaled(journal) - passed(journal, spec.id) };
}

/** Of a sink that reads its events from the journal they were taken up into: they have arrived. */
function keeper(spec: SinkSpec): Sink {
  return {
    spec,
    inFlightBytesMax: 64 * 2 ** 20,
    start: async () => {},
    deliver: async () => {},
    forget: () => {},
    health: () => ({ ready: true, detail: 'keeps what is taken up' }),
    figures: () => ({}),
    stop: async () => {},
  };
}

/** Events ever taken up. */
function journaled(journal: Journal): number {
  const reader = new LaneReader(journal.directory, 0, null);
  let events = 0;
  for (let batches = reader.read(); batches.length > 0; batches = reader.read())
    for (const batch of batches) events += batch.events;
  reader.close();
  return events;
}

function passed(journal: Journal, sinkId: string): number {
  const cursor = journal.cursor(sinkId);
  const events = cursor.passed(0);
  cursor.close();
  return events;
}
