/**
 * Typed face of the native Pipeline: one worker's way from rings to sealed record batches.
 */
import type { EnrichmentPlan } from './enrich.js';
import { anyPack } from './formats.js';
import { loadAddon } from './load.js';

/** What `run` met. */
export const Turn = { idle: 0, due: 1, needsBuffer: 2 } as const;

/** Kafka's compression codes (RecordBatch attributes, bits 0–2). */
export const batchCodec = { none: 0, gzip: 1, lz4: 3, zstd: 4 } as const;
export type CodecName = keyof typeof batchCodec;

/** Bytes of a RecordBatch v2 header; compressed records are written behind it. */
export const batchHeaderBytes = 61;
/** Readable bytes every buffer needs behind its end. */
export const paddingBytes = 64;
/** Where a frame stands in a batch's buffer; what comes before it and behind it fits. */
export const framePlace = batchHeaderBytes + 67;
export const frameTailBytes = 1024;
/** Words of `describe` for each batch. */
export const describedWords = 4;

const formats = { listener: 0, syslog: 1, json: 2, text: 3 } as const;
const encodings = { protobuf: 0, json: 1, compact: 2, frames: 3, avro: 4, msgpack: 5, ocsf: 6 } as const;
const partitionings = { sticky: 0, source: 1, field: 2 } as const;
const stages = { all: 0, receive: 1, frame: 2, parse: 3, encode: 4 } as const;
export const keepOriginals = { auto: 0, always: 1, never: 2 } as const;
export type KeepOriginal = keyof typeof keepOriginals;

export interface ListenerPlan {
  readonly format: keyof typeof formats;
  /** Value of the record header "source". */
  readonly source: string;
  readonly route: number;
  /** Zone of timestamps that name none. */
  readonly utcOffsetSeconds: number;
  /** Index of the only format pack to be tried, or `anyPack` (the default), `noPack` (native/formats.ts). */
  readonly pack?: number;
  /** Its name; 'none'; '' or missing: any. Not for the addon. */
  readonly packName?: string;
  /**
   * Which events go first: for each facility 0 to 23, and behind them those without one, a bit for each severity 0 to 7, and bit 8 for
   * those without one. Empty: none.
   */
  readonly priority: readonly number[];
  /** What its events have to fit, compiled (engine/validation/compile.ts); missing: nothing. */
  readonly schema?: Uint8Array;
  /** The file it was compiled from. Not for the addon. */
  readonly schemaPath?: string;
}

export interface PipelinePlan {
  readonly listeners: readonly ListenerPlan[];
  readonly encoding: keyof typeof encodings;
  /** Encoding 'frames': a frame is due at this many events. */
  readonly frameEvents: number;
  /** Encoding 'frames': most that the events of one frame take as LogEvents. */
  readonly frameBytesMax: number;
  readonly partitioning: keyof typeof partitionings;
  /** Dotted ECS name, for partitioning 'field'. */
  readonly partitionField: string;
  /** Partitions of the topic; 0: unknown, the sink chooses. */
  readonly partitions: number;
  readonly keepOriginal: KeepOriginal;
  /** event.hash: SHA-256 of the bytes as received. */
  readonly eventHash: boolean;
  readonly messageBytesMax: number;
  readonly jsonDepthMax: number;
  readonly documentEventsMax: number;
  /** Records of a Linux audit event become one. */
  readonly joinAudit: boolean;
  readonly node: number;
  /** Seconds since the epoch when the process started. */
  readonly boot: number;
  /** Value of the record header "schema". */
  readonly schema: string;
  /** Of a schema registry: values begin with it; −1: they do not. */
  readonly schemaId: number;
  /** > 0: what is acknowledged is on the disk, synced this often; 0: in the page cache. */
  readonly fsyncIntervalMs: number;
  /** Where to stop, for measuring what each stage costs; 'all' is the product. */
  readonly lastStage: keyof typeof stages;
}

export interface LanePlan {
  readonly directory: string;
  readonly lane: number;
  readonly segmentBytes: number;
  /** Space reserved ahead at a time; 0: none. */
  readonly reserveBytes: number;
  /** Spare files that new segments may be made of; 0: none. */
  readonly sparesMax: number;
  /** Segments are in memory up to so many bytes; 0: none is. */
  readonly memoryBytes: number;
  /** Of these: from the first on segments go to the disk, until less than the second is taken. */
  readonly memoryHighPercent: number;
  readonly memoryLowPercent: number;
}

/** Owned and used by one worker thread. */
export interface Pipeline {
  addBuffer(buffer: Uint8Array): void;
  /**
   * Works until a group is due (a batch has `batchBytes` before compression, or the oldest event has waited `lingerUs`), a buffer
   * is needed, or nothing came for `maxWaitUs`.
   */
  run(maxWaitUs: number, batchBytes: number, lingerUs: number): (typeof Turn)[keyof typeof Turn];
  /**
   * Open batches; for batch i, `describedWords` each: its buffer, bytes of records, records, and its route, or, with
   * encoding 'frames', its listener.
   */
  describe(): number;
  /** Encoding 'frames': ends the frame of batch i, which then stands, plain, at `framePlace` in its buffer. Its bytes; 0: it is no frame. */
  endFrame(i: number): number;
  /** Writes the header of batch i. `out`: header room, then `recordsBytes` bytes of compressed records; unused without codec. */
  seal(i: number, codec: number, out: Uint8Array | undefined, recordsBytes: number): void;
  /** Gives a listener its plan, also a new one; between runs, while no chunk of the listener is in a ring. */
  setListener(index: number, plan: object): void;
  /** The format packs from now on, compiled (empty: none); between runs. Answers '' or what is wrong with the plan, which is not taken then. */
  setPacks(plan: Uint8Array): string;
  /** What events are enriched from, from now on (null: nothing); between runs. Answers '' or what is wrong with it: then what was set before stays. */
  setEnrichment(plan: EnrichmentPlan | null): string;
  /** Segment and offset of the last batch committed; segment 0: none yet. */
  committedPlace(): [segment: number, offset: number];
  /** Stores the group and frees its chunks. 0, or an errno: call again later. */
  commit(): number;
  /** Instead of `commit`: counts the group as dropped and frees its chunks. */
  discard(): void;
  /** Sleeps until something comes, at most this long. */
  wait(us: number): void;
  /** Gives up the lane and the rings. */
  close(): void;
}

interface Addon {
  Pipeline: new (
    options: object,
    rings: Uint8Array[],
    ringIds: number[],
    doorbell: Uint8Array,
    stats: Uint8Array,
    info: Uint32Array,
    lane: LanePlan | null,
    alive: Int32Array,
  ) => Pipeline;
  pipelineLayout: {
    stats: string[];
    problems: string[];
    problemSlots: number;
    listenerSlots: number;
    perListener: number;
    packSlots: number;
    ruleSlots: number;
    count: number;
    /** Behind the counters: what no pack understands (native/src/pipeline/unparsed.h). */
    unparsedHeaderBytes: number;
    unparsedSlotBytes: number;
    unparsedBytes: number;
  };
}

/** Names and places of a pipeline's counters (u64 each) in its stats block. */
export function pipelineLayout(): Addon['pipelineLayout'] {
  return loadAddon<Addon>().pipelineLayout;
}

/** A listener's plan as the addon takes it. */
export function nativeListener(listener: ListenerPlan): object {
  return { pack: anyPack, ...listener, format: formats[listener.format] };
}

/** Throws when the lane cannot be opened. */
export function createPipeline(
  plan: PipelinePlan,
  memory: {
    rings: readonly SharedArrayBuffer[];
    ringIds: readonly number[];
    doorbell: SharedArrayBuffer;
    stats: SharedArrayBuffer;
    /** One word: 1 from construction until the lane and the rings are given up. */
    alive: Int32Array;
  },
  info: Uint32Array,
  lane: LanePlan | null,
): Pipeline {
  const options = {
    ...plan,
    listeners: plan.listeners.map(nativeListener),
    encoding: encodings[plan.encoding],
    partitioning: partitionings[plan.partitioning],
    keepOriginal: keepOriginals[plan.keepOriginal],
    lastStage: stages[plan.lastStage],
  };
  return new (loadAddon<Addon>().Pipeline)(
    options,
    memory.rings.map((ring) => new Uint8Array(ring)),
    [...memory.ringIds],
    new Uint8Array(memory.doorbell),
    new Uint8Array(memory.stats),
    info,
    lane,
    memory.alive,
  );
}
