import type { MessagePort } from 'node:worker_threads';
import type { EnrichmentPlan } from '../native/enrich.js';
import type { Samples } from '../native/frames.js';
import type { CodecName, LanePlan, ListenerPlan, PipelinePlan } from '../native/pipeline.js';

/** What small frames of a route are compressed with. */
export interface RouteDictionary {
  readonly route: number;
  readonly dictionary: Uint8Array;
}

export interface CompressionPlan {
  readonly codec: CodecName;
  /** 'auto' (zstd only): what the worker's load allows, between the next two. */
  readonly level: number | 'auto';
  readonly levelMin: number;
  readonly levelMax: number;
  /** Batches below this stay as they are. */
  readonly minBytes: number;
  /** Share of the bytes that compression is to save, else they stay as they are: 0 to 1. */
  readonly gainMin: number;
}

/** All that a worker needs: plain data and shared memory, handed to its one long task. */
export interface WorkerPlan {
  readonly index: number;
  readonly rings: readonly SharedArrayBuffer[];
  readonly ringIds: readonly number[];
  readonly doorbell: SharedArrayBuffer;
  readonly stats: SharedArrayBuffer;
  /** Int32 words, see `Control`. */
  readonly control: SharedArrayBuffer;
  readonly pipeline: PipelinePlan;
  readonly lane: LanePlan | null;
  /** The format packs, compiled; null: none. */
  readonly formats?: Uint8Array | null;
  /** What events are enriched from; null: nothing. */
  readonly enrichment?: EnrichmentPlan | null;
  readonly compression: CompressionPlan;
  /** How often samples are handed over, of how many texts of small frames at least; 0: never. */
  readonly sampling: { readonly intervalMs: number; readonly countMin: number };
  /** Dictionaries in use. */
  readonly dictionaries?: readonly RouteDictionary[];
  /** Figures of compression, see `CompressionFigures`. */
  readonly compressionFigures: SharedArrayBuffer;
  /** Most that a batch has before compression when it is closed. */
  readonly batchBytes: number;
  /** What a batch is to have after compression, about. */
  readonly batchPackedBytes: number;
  /** Longest time an event waits for its batch to fill, until the control block says otherwise. */
  readonly lingerMs: number;
  /** Size of one batch buffer: the largest batch before compression. */
  readonly bufferBytes: number;
  /** CPU to run on; −1: any. */
  readonly cpu: number;
  /** How often the listeners were changed before this run of the worker. */
  readonly version: number;
}

/** What workers do with finished groups while the journal is full. */
export const Hold = { off: 0, block: 1, drop: 2 } as const;

/** Words of a worker's control block: the main thread writes, the worker looks between batches. */
export const Control = {
  /** 1: finish what is in the rings, commit, return. */
  stop: 0,
  /** The journal is full. `Hold.block`: commit nothing now; `Hold.drop`: throw away and count what would be committed. */
  hold: 1,
  /** 1 while a worker holds the lane and the rings; a successor waits for 0. */
  alive: 2,
  /** 1 from a message about commits until the main thread wants another: one stands for many. */
  told: 3,
  /** Changes so far that messages on the task's port tell of (`WorkerChange`). */
  version: 4,
  /** 1 when something was committed since the main thread last looked. */
  committed: 5,
  /** Microseconds that an event waits for its batch to fill; 0: as the plan says. */
  lingerUs: 6,
  /** The worker's: bytes before compression at which it closes a batch now. */
  batchBytes: 7,
  /** Most that a batch has before compression, and what it is to have after it; 0: as the plan says. */
  batchBytesMax: 8,
  batchPackedBytes: 9,
  words: 16,
} as const;

/** What a worker learns from now on; what is left out stays as it is. */
export interface Change {
  readonly listeners?: readonly ListenerPlan[];
  readonly formats?: Uint8Array | null;
  readonly enrichment?: EnrichmentPlan | null;
  /** All that are in use. */
  readonly dictionaries?: readonly RouteDictionary[];
}

/** Main → worker. */
export interface WorkerChange extends Change {
  readonly version: number;
}

/** How far a worker had got between two groups. */
export interface WorkerMark {
  /** Events committed by then. */
  readonly committedEvents: number;
  /** Its lane's last batch by then; null: it stores nothing. */
  readonly position: { readonly lane: number; readonly segment: number; readonly offset: number } | null;
}

/** Worker → main; of 'committed' at most one per group, and one per `quietMs` (pool.ts). */
export type WorkerMessage =
  | { readonly type: 'changed'; readonly version: number; readonly mark: WorkerMark }
  | { readonly type: 'committed' }
  | { readonly type: 'samples'; readonly samples: Samples }
  /** The lane could not be written; the worker goes on trying. */
  | { readonly type: 'commit-failed'; readonly errno: number }
  | { readonly type: 'commit-recovered' };

export interface WorkerTask {
  readonly plan: WorkerPlan;
  readonly port: MessagePort;
}
