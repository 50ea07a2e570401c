/**
 * From settings to what each worker is handed.
 */
import type { EnrichmentPlan } from '../native/enrich.js';
import { type LanePlan, type ListenerPlan, type PipelinePlan, paddingBytes } from '../native/pipeline.js';
import { decodedBytesAllowed } from '../schema/frames/sections.js';
import type { WorkerPlan } from '../workers/plan.js';
import type { Settings } from './config/settings.js';
import { type EngineMemory, ringId } from './memory.js';

export interface WorkerPlanContext {
  readonly settings: Settings;
  readonly memory: EngineMemory;
  readonly listeners: readonly ListenerPlan[];
  readonly identity: { readonly node: number; readonly boot: number };
  /** Partitions of the topic for keyed partitioning; 0: unknown. */
  readonly partitions: number;
  /** Fingerprint of the event schema, and its id in a registry where values begin with it; −1: they do not. */
  readonly schema: { readonly fingerprint: string; readonly prefixId: number };
  /** The lane of a worker; null: nothing is stored. */
  readonly lane: (worker: number) => LanePlan | null;
  /** The format packs, compiled; null: none. */
  readonly formats: Uint8Array | null;
  /** What events are enriched from; null: nothing. */
  readonly enrichment: EnrichmentPlan | null;
  /** Where to stop, for measuring; default: nowhere. */
  readonly lastStage?: PipelinePlan['lastStage'];
}

/** Largest record one event can become, over its message's limit: JSON escapes (six for one) and names. */
const growthOfOneEvent = 7;
/** Texts of small frames that a dictionary is trained on at least. */
const samplesMin = 200;
const recordOverheadBytes = 64 * 1024;

export function workerPlans(context: WorkerPlanContext): WorkerPlan[] {
  const { settings, memory } = context;
  return Array.from({ length: settings.workers }, (_, worker) => ({
    index: worker,
    rings: memory.rings.map((ringsOfProducer) => ringsOfProducer[worker] as SharedArrayBuffer),
    ringIds: memory.rings.map((_ring, producer) => ringId(producer, worker, settings.workers)),
    doorbell: memory.doorbells[worker] as SharedArrayBuffer,
    stats: memory.pipelineStats[worker] as SharedArrayBuffer,
    control: memory.controls[worker] as SharedArrayBuffer,
    pipeline: {
      listeners: context.listeners,
      encoding: settings.encoding,
      frameEvents: settings.frameEvents,
      // A larger one would be refused by readers that were not told to allow it.
      frameBytesMax: Math.min(settings.batchBytesMax, decodedBytesAllowed()),
      partitioning: settings.partitioning,
      partitionField: settings.partitionField,
      partitions: context.partitions,
      keepOriginal: settings.keepOriginal,
      eventHash: settings.eventHash,
      messageBytesMax: settings.messageBytesMax,
      jsonDepthMax: settings.jsonDepthMax,
      documentEventsMax: settings.documentEventsMax,
      joinAudit: settings.joinAudit,
      node: context.identity.node,
      boot: context.identity.boot,
      schema: context.schema.fingerprint,
      schemaId: context.schema.prefixId,
      fsyncIntervalMs: settings.durability === 'fsync' ? settings.fsyncIntervalMs : 0,
      lastStage: context.lastStage ?? 'all',
    },
    lane: context.lane(worker),
    formats: context.formats,
    enrichment: context.enrichment,
    compression: {
      codec: settings.compression,
      level: settings.compressionLevel,
      levelMin: settings.compressionLevelMin,
      levelMax: settings.compressionLevelMax,
      minBytes: settings.compressionMinBytes,
      gainMin: settings.compressionGainMinPercent / 100,
    },
    sampling: {
      intervalMs: settings.dictionaries && settings.encoding === 'frames' ? settings.dictionaryIntervalMs : 0,
      countMin: samplesMin,
    },
    compressionFigures: memory.compressionFigures[worker] as SharedArrayBuffer,
    batchBytes: settings.batchBytes,
    batchPackedBytes: settings.batchPackedBytes,
    lingerMs: settings.lingerMs,
    bufferBytes: bufferBytes(settings),
    cpu: cpuOf(settings, worker),
    version: 0,
  }));
}

/** One batch buffer: at least one event of the largest size must fit, whatever it holds. */
function bufferBytes(settings: Settings): number {
  const oneEvent = settings.messageBytesMax * growthOfOneEvent + recordOverheadBytes;
  // Values in columns may take more before they are packed than they do in records.
  const batch = settings.encoding === 'frames' ? 2 * settings.batchBytesMax : settings.batchBytesMax;
  return Math.max(batch, oneEvent) + paddingBytes;
}

/** Receivers are pinned first, workers behind them; −1 when the list ends. */
function cpuOf(settings: Settings, worker: number): number {
  return settings.cpuPin[settings.receivers + worker] ?? -1;
}
