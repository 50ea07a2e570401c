/**
 * What the engine is run with: the checked result of flags, file and defaults. Field for field the options of
 * `options.ts`, in the engine's units.
 */
import type { ListenerSpec, SinkSpec } from '../contracts.js';
import type { AdminAddress } from './admin.js';
import type { EnrichSettings } from './enrich.js';
import type { PriorityRule } from './priority.js';
import type { SchemaSettings } from './schemas.js';

/** What becomes of events while the journal is at its limit. */
export type WhenFull = 'block' | 'drop_oldest' | 'drop_newest';

export interface Settings {
  readonly listeners: readonly ListenerSpec[];
  readonly sinks: readonly SinkSpec[];
  /** Which events go first; empty: none. */
  readonly priority: readonly PriorityRule[];
  /** What sinks refuse for ever goes there, too; null: it is only kept. */
  readonly deadLetter: SinkSpec | null;
  /** Of one sink; 0: no limit. */
  readonly deadLetterBytesMax: number;
  readonly deadLetterWhenFull: 'block' | 'drop_oldest';
  /** Admin server; null: none. */
  readonly admin: AdminAddress | null;
  /** Absolute path: journal, cursors, identity, sink state. */
  readonly dataDir: string;

  /** ≥ 1, already resolved from 0 (one less than the CPUs). */
  readonly workers: number;
  readonly receivers: number;
  /** CPUs to pin receivers and workers to, in that order; empty: no pinning. */
  readonly cpuPin: readonly number[];
  /** Power of two. */
  readonly ringBytes: number;

  /** Most bytes before compression at which a batch is closed. */
  readonly batchBytes: number;
  /** Bytes after compression that a batch is closed at, about. */
  readonly batchPackedBytes: number;
  /** Largest batch before compression. */
  readonly batchBytesMax: number;
  readonly lingerMs: number;
  /** Below `lingerMs`: as that. */
  readonly lingerMsMax: number;
  readonly compression: 'zstd' | 'lz4' | 'gzip' | 'none';
  readonly compressionLevel: number | 'auto';
  /** Of auto. */
  readonly compressionLevelMin: number;
  readonly compressionLevelMax: number;
  /** Batches below this are not compressed. */
  readonly compressionMinBytes: number;
  /** What compression is to save at least. */
  readonly compressionGainMinPercent: number;
  readonly dictionaries: boolean;
  readonly dictionaryBytes: number;
  readonly dictionaryGainMinPercent: number;
  readonly dictionaryIntervalMs: number;
  readonly encoding: 'protobuf' | 'json' | 'compact' | 'frames' | 'avro' | 'msgpack' | 'ocsf';
  /** The schema registry. */
  readonly schemas: SchemaSettings;
  /** Encoding 'frames': events at which a frame is due. */
  readonly frameEvents: number;
  /** event.hash: SHA-256 of the bytes as received. */
  readonly eventHash: boolean;
  readonly keepOriginal: 'auto' | 'always' | 'never';
  readonly partitioning: 'sticky' | 'source' | 'field';
  /** Dotted ECS name for partitioning 'field', else ''. */
  readonly partitionField: string;

  /** Directory of the user's format packs: absolute; null: only the product's own; 'off': none at all. */
  readonly formats: string | null;
  /** What events are enriched from. */
  readonly enrich: EnrichSettings;
  readonly messageBytesMax: number;
  readonly jsonDepthMax: number;
  readonly documentEventsMax: number;
  readonly joinAudit: boolean;
  /** Zone of timestamps that name none (per listener: the option time_zone). */
  readonly timeZone: string;
  /** Its seconds east of UTC when the settings were read. */
  readonly utcOffsetSeconds: number;
  readonly connectionsMax: number;
  /** Of the process; 0: no limit. */
  readonly connectionsTotalMax: number;
  readonly idleTimeoutMs: number;
  readonly idempotencyKeysMax: number;
  /** Ceiling of the process; 0: none. */
  readonly memoryMax: number;
  readonly partialBytesMax: number;

  readonly durability: 'flush' | 'fsync' | 'memory';
  /** With `memory`: most that is kept there. */
  readonly journalMemoryBytes: number;
  readonly fsyncIntervalMs: number;
  readonly journalBytesMax: number;
  readonly journalWhenFull: WhenFull;
  /** 0: none is too old. */
  readonly journalAgeMsMax: number;
  readonly journalReserveBytes: number;
  readonly journalSpareSegments: number;
  readonly segmentBytes: number;
  readonly removedSinkKeepMs: number;
  /** 0: the file is read again on SIGHUP only. */
  readonly configPollMs: number;

  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  readonly shutdownTimeoutMs: number;
  readonly highWaterPercent: number;
  /** Below the high one. */
  readonly lowWaterPercent: number;
  readonly breakerFailures: number;
  readonly breakerAfterMs: number;
  readonly breakerProbeMs: number;
}
