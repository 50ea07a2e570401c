/**
 * What a running engine can be asked: read when metrics are scraped, never per event. Telemetry and admin know only this.
 */
import type { ListenerSpec, SinkSpec } from './contracts.js';
import type { JournalFigures } from './journal/journal.js';
import type { RouteFigures, WorkerFigures } from './telemetry/compression-block.js';
import type { LedgerState } from './telemetry/ledger-watch.js';
import type { PipelineFigures } from './telemetry/pipeline-figures.js';
import type { QueueReading } from './telemetry/queue-watch.js';

export interface SinkReading {
  readonly spec: SinkSpec;
  readonly ready: boolean;
  /** Why not, or what of. */
  readonly detail: string;
  /** Of its circuit breaker; `opened`: how often. */
  readonly breaker: { readonly state: 'closed' | 'open' | 'half_open'; readonly opened: number };
  /** The delivery's figures and the sink's own; names without prefix, units last. */
  readonly figures: Readonly<Record<string, number>>;
  /** What they count, by name. */
  readonly figureTexts: Readonly<Record<string, string>>;
}

export interface ListenerReading {
  readonly spec: ListenerSpec;
  readonly port: number;
  /** When the certificate that it shows stops being valid, milliseconds since the epoch; null: it shows none. */
  readonly certificateEndsMs: number | null;
  readonly events: number;
  readonly failed: number;
  readonly bytes: number;
  /** Of the events, those that there would not be, were documents of many one each. */
  readonly split: number;
  /** Records that became part of the event before them (Linux audit). */
  readonly joined: number;
  /** Of the native receiver or the source: connections, drops, refusals …; names without prefix, units last. */
  readonly figures: Readonly<Record<string, number>>;
}

export interface RingReading {
  readonly producer: number;
  readonly worker: number;
  readonly depthBytes: number;
  readonly capacityBytes: number;
}

/** What batches are like now; read when metrics are scraped. */
export interface BatchingReadings {
  /** How long an event waits at most for its batch to fill. */
  readonly lingerMs: number;
  /** Bytes before compression at which the workers close a batch: the most of any worker; 0: none was closed yet. */
  readonly targetBytes: number;
}

/** What the workers' compression did since the start, and does. */
export interface CompressionReadings {
  readonly codec: string;
  readonly workers: readonly WorkerFigures[];
  /** Those that had batches; `route`: the URL of a listener, or 'all'. */
  readonly routes: readonly (RouteFigures & { readonly route: string })[];
  /** Trainings of dictionaries by how they ended; null: they are off. */
  readonly dictionaries: Readonly<Record<'trained' | 'promoted' | 'declined' | 'failed', number>> | null;
}

/** What the schema registry has of us. */
export interface SchemaReadings {
  /** The record header "schema". */
  readonly fingerprint: string;
  /** Empty: no registry is configured, or no sink has topics. */
  readonly subjects: readonly {
    readonly name: string;
    readonly state: 'waiting' | 'registered' | 'incompatible';
    readonly failures: number;
  }[];
}

/** Of the files that events are enriched from. */
export interface EnrichmentReadings {
  readonly files: readonly {
    readonly path: string;
    readonly type: string;
    /** When its content was made; 0: unknown. */
    readonly builtSeconds: number;
    readonly loadedMs: number;
    readonly bytes: { readonly length: number };
  }[];
  /** Of the rules in use, by number. */
  readonly ruleNames: readonly string[];
  readonly lists: readonly { readonly kind: string; readonly entries: number; readonly skipped: number }[];
  /** Changed files taken over, and tries that failed. */
  readonly swaps: number;
  readonly failures: number;
}

export interface ReloadReadings {
  /** Of the settings in effect. */
  readonly fingerprint: string;
  /** When they were taken over: at the start, or at the last reload that succeeded. Milliseconds since the epoch. */
  readonly lastSuccessMs: number;
  /** How the last reload ended; true when there was none. */
  readonly lastSucceeded: boolean;
  /** By result. */
  readonly count: Readonly<Record<string, number>>;
}

export interface EngineReadings {
  readonly state: 'starting' | 'running' | 'draining' | 'stopped';
  readonly startedMs: number;
  /** null: this process is not reloaded (an engine inside a test). */
  readonly reloads: ReloadReadings | null;
  readonly listeners: readonly ListenerReading[];
  /** Closed by a reload; those of one kind may be one. They count in totals, and have no series of their own. */
  readonly formerListeners: readonly ListenerReading[];
  readonly pipeline: PipelineFigures;
  readonly batching: BatchingReadings;
  readonly compression: CompressionReadings;
  /** Names of the format packs by counter; those beyond the counters share the last. */
  readonly packNames: readonly string[];
  readonly enrichment: EnrichmentReadings;
  readonly schemas: SchemaReadings;
  readonly rings: readonly RingReading[];
  /** How full the queues between the stages are. */
  readonly queues: readonly QueueReading[];
  /** Beside PENSTOCK_MEMORY_MAX. */
  readonly memory: { readonly bytesMax: number; readonly full: boolean; readonly holds: number };
  /** Requests known by their Idempotency-Key. */
  readonly requestKeys: number;
  readonly workers: number;
  readonly workerRestarts: number;
  /** errno by worker whose lane cannot be written now. */
  readonly laneErrors: ReadonlyMap<number, number>;
  readonly journal: JournalFigures | null;
  /** The journal is at its size limit: nothing more is stored until sinks take some of it. */
  readonly journalFull: boolean;
  /** Sinks no longer configured that the journal still keeps events for. */
  readonly removedSinks: number;
  readonly sinks: readonly SinkReading[];
  /** What the last check of the ledger found. */
  readonly ledger: LedgerState;
}

/** Called with every delivered batch, for latency: milliseconds since the epoch. */
export interface DeliveryObserver {
  delivered(
    sinkId: string,
    batch: { readonly firstReceivedMs: number; readonly lastReceivedMs: number; eventTimesMs(): number[] },
    ackMs: number,
  ): void;
}

/** What the ledger is checked from. */
export type LedgerReadings = Pick<
  EngineReadings,
  'listeners' | 'formerListeners' | 'pipeline' | 'rings' | 'journal' | 'sinks'
>;
