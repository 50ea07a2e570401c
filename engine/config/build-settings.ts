/** From typed values, each within its own bounds, to settings; what needs more than one value or more than a type is checked here. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { SinkType, SourceType } from '../contracts.js';
import { readAdmin } from './admin.js';
import { checkMemory } from './buffers.js';
import { readCompression } from './compression.js';
import { allowedCpus, parseCpuList } from './cpu-list.js';
import { readEnrich } from './enrich.js';
import { readListeners } from './listeners.js';
import type { OptionValue } from './parse-value.js';
import { readPriority } from './priority.js';
import { checkRelations } from './relations.js';
import { readSchemas } from './schemas.js';
import type { Settings } from './settings.js';
import { readSinks } from './sinks.js';
import { utcOffsetSeconds, zones } from './time-zone.js';

/** The kinds of sources and sinks there are: adapters/index.ts. */
export interface Adapters {
  readonly sourceTypes: readonly SourceType[];
  readonly sinkTypes: readonly SinkType[];
}

/** Called for each mistake. */
export type Report = (flag: string, value: string, allowed: string) => void;

export function buildSettings(
  values: ReadonlyMap<string, OptionValue | null>,
  cwd: string,
  adapters: Adapters,
  problem: Report,
): Settings {
  const text = (flag: string) => String(values.get(flag) ?? '');
  const number = (flag: string) => Number(values.get(flag));
  const listeners = readListeners(text('PENSTOCK_LISTEN'), adapters.sourceTypes, (value, allowed) =>
    problem('PENSTOCK_LISTEN', value, allowed),
  );
  const settings: Settings = {
    listeners,
    priority: readPriority(text('PENSTOCK_PRIORITY'), listeners, (value, allowed) =>
      problem('PENSTOCK_PRIORITY', value, allowed),
    ),
    sinks: readSinks(text('PENSTOCK_DELIVER'), adapters.sinkTypes, (value, allowed) =>
      problem('PENSTOCK_DELIVER', value, allowed),
    ),
    deadLetter: readDeadLetter(text('PENSTOCK_DEAD_LETTER'), adapters, problem),
    admin: readAdmin(text('PENSTOCK_ADMIN'), text('PENSTOCK_ADMIN_HOSTS'), problem),
    dataDir: resolve(cwd, text('PENSTOCK_DATA')),
    workers: number('PENSTOCK_WORKERS') || Math.max(1, availableParallelism() - 1),
    receivers: number('PENSTOCK_RECEIVERS'),
    cpuPin: readCpuPin(text('PENSTOCK_CPU_PIN'), problem),
    ringBytes: number('PENSTOCK_RING_BYTES'),
    batchBytes: Number(values.get('PENSTOCK_BATCH_BYTES') ?? number('PENSTOCK_BATCH_BYTES_MAX') * 0.75),
    batchPackedBytes: number('PENSTOCK_BATCH_PACKED_BYTES'),
    batchBytesMax: number('PENSTOCK_BATCH_BYTES_MAX'),
    lingerMs: number('PENSTOCK_LINGER_MS'),
    lingerMsMax: number('PENSTOCK_LINGER_MAX_MS'),
    ...readCompression(values, problem),
    encoding: text('PENSTOCK_ENCODING') as Settings['encoding'],
    schemas: readSchemas(values, cwd, problem),
    frameEvents: number('PENSTOCK_FRAME_EVENTS'),
    eventHash: values.get('PENSTOCK_EVENT_HASH') === true,
    keepOriginal: text('PENSTOCK_KEEP_ORIGINAL') as Settings['keepOriginal'],
    ...readPartitioning(text('PENSTOCK_PARTITIONING'), problem),
    formats: readFormats(text('PENSTOCK_FORMATS'), cwd),
    enrich: readEnrich(values, cwd, problem),
    messageBytesMax: number('PENSTOCK_MESSAGE_BYTES_MAX'),
    jsonDepthMax: number('PENSTOCK_JSON_DEPTH_MAX'),
    documentEventsMax: number('PENSTOCK_DOCUMENT_EVENTS_MAX'),
    joinAudit: values.get('PENSTOCK_AUDIT_JOIN') === true,
    timeZone: text('PENSTOCK_TIME_ZONE'),
    utcOffsetSeconds: readTimeZone(text('PENSTOCK_TIME_ZONE'), problem),
    connectionsMax: number('PENSTOCK_CONNECTIONS_MAX'),
    connectionsTotalMax: number('PENSTOCK_CONNECTIONS_TOTAL_MAX'),
    idleTimeoutMs: number('PENSTOCK_IDLE_TIMEOUT_MS'),
    memoryMax: number('PENSTOCK_MEMORY_MAX'),
    partialBytesMax: number('PENSTOCK_PARTIAL_BYTES_MAX'),
    idempotencyKeysMax: number('PENSTOCK_IDEMPOTENCY_KEYS_MAX'),
    durability: text('PENSTOCK_DURABILITY') as Settings['durability'],
    journalMemoryBytes: number('PENSTOCK_JOURNAL_MEMORY_BYTES'),
    fsyncIntervalMs: number('PENSTOCK_FSYNC_INTERVAL_MS'),
    deadLetterBytesMax: number('PENSTOCK_DEAD_LETTER_BYTES_MAX'),
    deadLetterWhenFull: text('PENSTOCK_DEAD_LETTER_WHEN_FULL') as Settings['deadLetterWhenFull'],
    journalBytesMax: number('PENSTOCK_JOURNAL_BYTES_MAX'),
    journalWhenFull: text('PENSTOCK_JOURNAL_WHEN_FULL') as Settings['journalWhenFull'],
    journalAgeMsMax: number('PENSTOCK_JOURNAL_AGE_MAX_MS'),
    journalReserveBytes: number('PENSTOCK_JOURNAL_RESERVE_BYTES'),
    journalSpareSegments: number('PENSTOCK_JOURNAL_SPARE_SEGMENTS'),
    segmentBytes: number('PENSTOCK_SEGMENT_BYTES'),
    removedSinkKeepMs: number('PENSTOCK_REMOVED_SINK_KEEP_MS'),
    configPollMs: number('PENSTOCK_CONFIG_POLL_MS'),
    logLevel: text('PENSTOCK_LOG_LEVEL') as Settings['logLevel'],
    shutdownTimeoutMs: number('PENSTOCK_SHUTDOWN_TIMEOUT_MS'),
    highWaterPercent: number('PENSTOCK_HIGH_WATER_PERCENT'),
    lowWaterPercent: number('PENSTOCK_LOW_WATER_PERCENT'),
    breakerFailures: number('PENSTOCK_BREAKER_FAILURES'),
    breakerAfterMs: number('PENSTOCK_BREAKER_AFTER_MS'),
    breakerProbeMs: number('PENSTOCK_BREAKER_PROBE_MS'),
  };
  checkRelations(settings, problem);
  checkMemory(settings, adapters, problem);
  const keeper = settings.sinks.find(({ scheme }) => keepsInJournal(scheme, adapters));
  if (settings.durability === 'memory' && keeper)
    problem('PENSTOCK_DURABILITY', 'memory', `flush or fsync: ${keeper.url} keeps its events in the journal`);
  if (settings.encoding === 'ocsf' && keeper)
    problem('PENSTOCK_ENCODING', 'ocsf', `any other: ${keeper.url} has columns of ECS`);
  return settings;
}

function keepsInJournal(scheme: string, { sinkTypes }: Adapters): boolean {
  return sinkTypes.some((type) => type.keepsInJournal === true && type.schemes.includes(scheme));
}

function readDeadLetter(text: string, adapters: Adapters, problem: Report): Settings['deadLetter'] {
  if (text === '') return null;
  const wrong = (value: string, allowed: string) => problem('PENSTOCK_DEAD_LETTER', value, allowed);
  const [spec, ...more] = readSinks(text, adapters.sinkTypes, wrong);
  if (spec === undefined) return null;
  if (more.length === 0 && spec.authority !== '') return spec;
  wrong(spec.url, 'one URL such as kafka://host:9092/topic: penstock query shows dead letters without it');
  return null;
}

export function readFormats(text: string, cwd: string): string | null {
  if (text === '' || text === 'off') return text || null;
  return resolve(cwd, text);
}

function readCpuPin(text: string, problem: Report): readonly number[] {
  const cpus = parseCpuList(text);
  const allowed = cpus && cpus.length > 0 ? allowedCpus() : undefined;
  if (!cpus) problem('PENSTOCK_CPU_PIN', text, 'different CPU numbers and ranges, e.g. 0,2-5');
  else if (allowed && !cpus.every((cpu) => allowed.includes(cpu)))
    problem('PENSTOCK_CPU_PIN', text, `among the CPUs this process may use: ${allowed.join(',')}`);
  return cpus ?? [];
}

function readPartitioning(text: string, problem: Report): Pick<Settings, 'partitioning' | 'partitionField'> {
  if (text === 'sticky' || text === 'source') return { partitioning: text, partitionField: '' };
  const field = /^field:(@?[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)$/.exec(text)?.[1];
  if (field === undefined) problem('PENSTOCK_PARTITIONING', text, 'sticky, source, or field:<ECS name>');
  return { partitioning: 'field', partitionField: field ?? '' };
}

export function readTimeZone(text: string, problem: Report): number {
  const seconds = utcOffsetSeconds(text);
  if (seconds === undefined) problem('PENSTOCK_TIME_ZONE', text, zones);
  return seconds ?? 0;
}
