/**
 * /metrics: every figure of the engine as Prometheus text. Label sets are bounded by the configuration.
 */
import { ioStatTable } from '../../native/io.js';
import type { EngineReadings } from '../readings.js';
import { writeCompression } from './compression-figures.js';
import { writeEnrichment } from './enrichment-figures.js';
import type { LatencyHistograms } from './latency.js';
import { ledger } from './ledger.js';
import { writeProcessFigures } from './process-figures.js';
import { type Labels, PrometheusText } from './prometheus.js';
import { writeSchemas } from './schema-figures.js';

type Samples = (readonly [Labels, number])[];

export function renderMetrics(readings: EngineReadings, latency: LatencyHistograms, version: string): string {
  const text = new PrometheusText();
  text.gauge('penstock_info', 'Version.', [[{ version }, 1]]);
  text.gauge('penstock_ready', '1 while events are taken.', readings.state === 'running' ? 1 : 0);
  writeReloads(text, readings);
  writeListeners(text, readings);
  writePipeline(text, readings);
  writeCompression(text, readings);
  writeEnrichment(text, readings);
  writeSchemas(text, readings);
  writeRings(text, readings);
  writeQueues(text, readings);
  writeJournal(text, readings);
  writeSinks(text, readings);
  writeLedger(text, readings);
  text.histogram(
    'penstock_event_latency_seconds',
    "From an event's own timestamp to its acknowledgement by the sink; sampled.",
    latency.event(),
  );
  text.histogram(
    'penstock_delivery_latency_seconds',
    'From the oldest arrival in a batch to its acknowledgement by the sink.',
    latency.delivery(),
  );
  text.gauge('penstock_memory_max_bytes', 'PENSTOCK_MEMORY_MAX; 0: none.', readings.memory.bytesMax);
  text.gauge('penstock_memory_full', '1 while nothing is taken in for want of memory.', readings.memory.full ? 1 : 0);
  text.counter('penstock_memory_holds_total', 'Times intake was held back for want of memory.', readings.memory.holds);
  text.gauge('penstock_request_keys', 'Idempotency-Keys remembered.', readings.requestKeys);
  writeProcessFigures(text, readings.startedMs);
  return text.toString();
}

function writeReloads(text: PrometheusText, { reloads }: EngineReadings): void {
  if (!reloads) return;
  const { fingerprint, lastSuccessMs, lastSucceeded, count } = reloads;
  text.gauge('penstock_config_info', 'Fingerprint of the settings in effect, secrets aside.', [[{ fingerprint }, 1]]);
  text.counter(
    'penstock_config_reloads_total',
    'Times the configuration was read again, by result.',
    Object.entries(count).map(([result, times]) => [{ result }, times]),
  );
  text.gauge('penstock_config_last_reload_successful', '1 unless the last reload was refused.', lastSucceeded ? 1 : 0);
  text.gauge(
    'penstock_config_last_success_timestamp_seconds',
    'When the settings in effect were taken over.',
    lastSuccessMs / 1000,
  );
}

function writeListeners(text: PrometheusText, { listeners }: EngineReadings): void {
  const each = (pick: (listener: EngineReadings['listeners'][number]) => number): Samples =>
    listeners.map((listener) => [{ listener: listener.spec.url }, pick(listener)]);
  text.counter(
    'penstock_events_received_total',
    'Events received and committed.',
    each((l) => l.events),
  );
  text.counter(
    'penstock_events_failed_total',
    'Of these, not understood (kept with their bytes).',
    each((l) => l.failed),
  );
  text.counter(
    'penstock_received_bytes_total',
    'Bytes of these, as received, without what frames them.',
    each((l) => l.bytes),
  );
  const ends: Samples = listeners.flatMap(({ spec, certificateEndsMs }) =>
    certificateEndsMs === null ? [] : [[{ listener: spec.url }, certificateEndsMs / 1000]],
  );
  if (ends.length > 0)
    text.gauge(
      'penstock_listener_certificate_expiry_timestamp_seconds',
      'When the certificate that a listener shows, or one of its chain, stops being valid.',
      ends,
    );
  const names = new Set(listeners.flatMap((listener) => Object.keys(listener.figures)));
  for (const metric of new Set([...names].map((name) => name.split('.')[0] as string))) {
    // name.reason: one reason of a counter.
    const samples = listeners.flatMap((listener) =>
      Object.entries(listener.figures)
        .filter(([name]) => name === metric || name.startsWith(`${metric}.`))
        .map(([name, value]) => {
          const reason = name.split('.')[1];
          return [{ listener: listener.spec.url, ...(reason === undefined ? {} : { reason }) }, value] as const;
        }),
    );
    family(text, `penstock_listener_${metric}`, listenerHelp(metric), samples);
  }
}

function writePipeline(
  text: PrometheusText,
  { pipeline, packNames, batching, workers, workerRestarts }: EngineReadings,
): void {
  const total = (name: string) => pipeline.totals[name] ?? 0;
  text.counter(
    'penstock_parse_problems_total',
    'Problems met in events, by reason.',
    Object.entries(pipeline.problems).map(([reason, count]) => [{ reason }, count]),
  );
  text.counter(
    'penstock_events_recognised_total',
    'Events that a format pack understood.',
    [...pipeline.packs].map(([counter, count]) => [{ pack: packName(packNames, counter) }, count]),
  );
  text.counter(
    'penstock_events_unrecognised_total',
    'Events that no format pack understood: they keep what their envelope said.',
    total('events_unrecognised'),
  );
  text.counter(
    'penstock_documents_split_total',
    'JSON documents of many events (Records, logEvents …) that became one event for each element.',
    total('documents_split'),
  );
  text.counter(
    'penstock_records_joined_total',
    'Linux audit records that became part of the event that they belong to, with the record before them.',
    total('records_joined'),
  );
  text.counter(
    'penstock_events_rejected_total',
    "Events that do not fit their listener's schema: they go to the dead letters of each sink.",
    total('events_rejected'),
  );
  text.counter('penstock_record_bytes_total', 'Bytes of encoded records before compression.', total('record_bytes'));
  text.counter('penstock_batch_bytes_total', 'Bytes of record batches, compressed.', total('batch_bytes'));
  text.counter('penstock_batches_total', 'Record batches committed.', total('batches'));
  text.counter('penstock_groups_total', 'Groups of batches committed.', total('groups'));
  text.counter('penstock_chunks_total', 'Chunks taken from rings.', total('chunks'));
  text.counter('penstock_pipeline_calls_total', 'Calls from JavaScript into the pipeline loop.', total('runs'));
  text.counter('penstock_pipeline_sleeps_total', 'Times a worker found nothing to do.', total('sleeps'));
  text.counter('penstock_commit_errors_total', 'Groups the lane did not take at first.', total('commit_errors'));
  text.counter(
    'penstock_chunks_replayed_total',
    'Chunks done again by the successor of a dead worker.',
    total('chunks_replayed'),
  );
  text.gauge(
    'penstock_compression_ratio',
    'Record bytes over batch bytes.',
    ratio(total('record_bytes'), total('batch_bytes')),
  );
  text.gauge(
    'penstock_batch_target_bytes',
    'Bytes before compression at which a batch is closed now: what compresses to PENSTOCK_BATCH_PACKED_BYTES.',
    batching.targetBytes,
  );
  text.gauge(
    'penstock_linger_seconds',
    'Longest time an event waits now for its batch to fill.',
    batching.lingerMs / 1000,
  );
  text.gauge('penstock_workers', 'Worker threads.', workers);
  text.counter('penstock_worker_restarts_total', 'Workers that died and were followed by a successor.', workerRestarts);
}

/** The last counter is that of all packs that have none of their own (kStatPacks of native/src/pipeline/pipeline_stats.h). */
const lastPackCounter = 255;
function packName(names: readonly string[], counter: number): string {
  return counter === lastPackCounter ? 'others' : (names[counter] ?? 'unknown');
}

function writeRings(text: PrometheusText, { rings }: EngineReadings): void {
  const each = (pick: (ring: EngineReadings['rings'][number]) => number): Samples =>
    rings.map((ring) => [{ producer: ring.producer, worker: ring.worker }, pick(ring)]);
  text.gauge(
    'penstock_ring_depth_bytes',
    'Bytes in a ring, committed or not.',
    each((ring) => ring.depthBytes),
  );
  text.gauge(
    'penstock_ring_capacity_bytes',
    'Bytes that a ring may hold.',
    each((ring) => ring.capacityBytes),
  );
}

function writeQueues(text: PrometheusText, { queues }: EngineReadings): void {
  const each = (pick: (queue: EngineReadings['queues'][number]) => number): Samples =>
    queues.map((queue) => [{ stage: queue.stage, ...(queue.sink !== '' && { sink: queue.sink }) }, pick(queue)]);
  text.gauge(
    'penstock_queue_depth_bytes',
    'Bytes that wait in a stage: ring, batches, journal, in_flight (by sink).',
    each(({ depthBytes }) => depthBytes),
  );
  text.gauge(
    'penstock_queue_capacity_bytes',
    'Bytes that a stage may hold.',
    each(({ capacityBytes }) => capacityBytes),
  );
  text.gauge(
    'penstock_queue_fill_ratio',
    'Depth over capacity; of the rings, the fullest.',
    each(({ fill }) => fill),
  );
  text.gauge(
    'penstock_queue_high',
    '1 from PENSTOCK_HIGH_WATER_PERCENT on until below PENSTOCK_LOW_WATER_PERCENT.',
    each(({ high }) => (high ? 1 : 0)),
  );
  text.counter(
    'penstock_queue_high_total',
    'Times a stage came above its high water mark.',
    each(({ raised }) => raised),
  );
}

function writeJournal(text: PrometheusText, readings: EngineReadings): void {
  const { journal, journalFull, laneErrors, pipeline, removedSinks } = readings;
  if (!journal) return;
  const total = (name: string) => pipeline.totals[name] ?? 0;
  text.gauge('penstock_journal_bytes', 'Bytes of the segments, without spares.', journal.bytes);
  text.gauge('penstock_journal_memory_bytes', 'Bytes of segments in memory (durability memory).', journal.memoryBytes);
  text.counter(
    'penstock_journal_spilled_bytes_total',
    'Bytes written to the disk because memory had no room (durability memory).',
    total('journal_spilled_bytes'),
  );
  text.gauge('penstock_journal_bytes_max', 'PENSTOCK_JOURNAL_BYTES_MAX; 0: no limit.', journal.bytesMax);
  text.gauge('penstock_journal_segments', 'Segments (files) of the journal.', journal.segments);
  text.gauge(
    'penstock_journal_spare_bytes',
    'Bytes of files of delivered segments, kept to be written over.',
    journal.spareBytes,
  );
  text.gauge(
    'penstock_journal_spare_segments',
    'Files of delivered segments, kept to be written over.',
    journal.spares,
  );
  text.counter(
    'penstock_journal_segments_recycled_total',
    'Segments made of spare files.',
    total('journal_segments_recycled'),
  );
  text.gauge('penstock_journal_oldest_age_seconds', 'Age of the oldest segment.', journal.oldestAgeSeconds);
  text.gauge('penstock_journal_removed_sinks', 'Sinks no longer configured that it keeps events for.', removedSinks);
  text.gauge('penstock_journal_full', '1 while the limit holds back workers.', journalFull ? 1 : 0);
  text.counter('penstock_journal_corrupt_bytes_total', 'Damaged bytes skipped.', journal.corruptBytes);
  text.counter('penstock_journal_torn_tails_total', 'Segments that ended in bytes never committed.', journal.tornTails);
  text.counter(
    'penstock_journal_torn_bytes_total',
    'Bytes that an earlier run had not finished writing, cut at the start.',
    total('journal_torn_bytes'),
  );
  text.counter('penstock_journal_corrupt_places_total', 'Damaged places skipped.', journal.corruptPlaces);
  text.gauge('penstock_journal_quarantined_bytes', 'Damaged bytes kept aside for repair.', journal.quarantinedBytes);
  text.counter('penstock_journal_syncs_total', 'Syncs to the disk (durability fsync).', total('syncs'));
  text.counter('penstock_journal_sync_errors_total', 'Syncs that the disk refused.', total('sync_errors'));
  text.gauge('penstock_journal_sync_failing', '1 while the disk refuses syncs.', total('sync_errno') > 0 ? 1 : 0);
  text.gauge('penstock_journal_disk_failing', '1 while the disk refuses other journal work.', journal.problem ? 1 : 0);
  text.counter(
    'penstock_journal_segments_lost_total',
    'Segments that somebody deleted while they were written.',
    total('journal_segments_deleted'),
  );
  text.gauge('penstock_journal_lanes_failing', 'Lanes that cannot be written now.', laneErrors.size);
}

function writeSinks(text: PrometheusText, { sinks }: EngineReadings): void {
  text.gauge(
    'penstock_sink_ready',
    '1 while the sink takes batches.',
    sinks.map((sink) => [{ sink: sink.spec.id }, sink.ready ? 1 : 0]),
  );
  text.gauge(
    'penstock_sink_breaker_state',
    '1 for the state its circuit breaker is in: closed, open, half_open.',
    sinks.flatMap(({ spec, breaker }) =>
      (['closed', 'open', 'half_open'] as const).map(
        (state) => [{ sink: spec.id, state }, breaker.state === state ? 1 : 0] as const,
      ),
    ),
  );
  text.counter(
    'penstock_sink_breaker_opened_total',
    'Times the circuit breaker opened.',
    sinks.map(({ spec, breaker }) => [{ sink: spec.id }, breaker.opened]),
  );
  for (const name of new Set(sinks.flatMap((sink) => Object.keys(sink.figures)))) {
    const having = sinks.filter((sink) => name in sink.figures);
    const samples = having.map((sink) => [{ sink: sink.spec.id }, sink.figures[name] as number] as const);
    family(text, `penstock_sink_${name}`, having[0]?.figureTexts[name] ?? '', samples);
  }
}

function writeLedger(text: PrometheusText, readings: EngineReadings): void {
  const book = ledger(readings);
  const each = (pick: (sink: (typeof book.sinks)[number]) => number): Samples =>
    book.sinks.map((sink) => [{ sink: sink.sink }, pick(sink)]);
  text.counter('penstock_events_committed_total', 'Events in committed batches.', book.committed);
  text.counter(
    'penstock_priority_events_total',
    'Of these, events with priority (PENSTOCK_PRIORITY).',
    readings.pipeline.totals.priority_events ?? 0,
  );
  text.counter(
    'penstock_events_delivered_total',
    'Events acknowledged by the sink.',
    each((sink) => sink.delivered),
  );
  text.counter(
    'penstock_events_dead_lettered_total',
    'Events that the sink refused for ever, kept as dead letters.',
    each((sink) => sink.deadLettered),
  );
  text.counter(
    'penstock_events_dropped_total',
    'Events given up for a sink because the journal was full or they were too old.',
    each((sink) => sink.dropped),
  );
  text.gauge(
    'penstock_in_flight_events',
    'Events handed to the sink.',
    each((sink) => sink.inFlight),
  );
  text.gauge(
    'penstock_journal_events',
    'Events waiting in the journal, of this run and earlier ones.',
    each((sink) => sink.inJournal),
  );
  text.gauge('penstock_unaccounted_events', 'Events no term of the ledger explains: 0, or a defect.', book.unaccounted);
  text.gauge(
    'penstock_ledger_opening_events',
    'Events that earlier runs left in the journal.',
    each((sink) => sink.opening),
  );
  text.counter(
    'penstock_ledger_received_events_total',
    'Events received and committed, by class of source.',
    [...book.bySource].map(([source, events]) => [{ source }, events]),
  );
  text.counter(
    'penstock_ledger_dropped_events_total',
    'Events known to be lost, by class of source and reason.',
    book.dropped.map(({ source, reason, events }) => [{ source, reason }, events]),
  );
  text.counter('penstock_ledger_checks_total', 'Times the ledger was checked.', readings.ledger.checks);
  text.counter('penstock_ledger_breaches_total', 'Checks that found events unaccounted for.', readings.ledger.breaches);
}

/** Of the counters by reason; what each reason means stands on the reference page. */
const byReason: Readonly<Record<string, string>> = {
  connections_refused_total: 'Connections closed at once, by reason.',
  handshake_failures_total: 'TLS handshakes that failed, by reason.',
  dropped_datagrams_total: 'Datagrams dropped, by reason.',
  requests_refused_total: 'Requests refused, by reason.',
};

/** From the one list of the other counters. */
function listenerHelp(metric: string): string {
  return byReason[metric] ?? ioStatTable().find(({ name }) => name === metric)?.text ?? '';
}

function family(text: PrometheusText, name: string, help: string, samples: Samples): void {
  if (name.endsWith('_total')) text.counter(name, help, samples);
  else text.gauge(name, help, samples);
}

function ratio(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}
