import type { BatchItem } from './batch-item.js';
import type { Figure } from './figures.js';
import type { TailBound, TailReading } from './partition-tail.js';
import type { RecordRange } from './record-cut.js';
import type { SendLog } from './send-log.js';
import type { Failure } from './trouble.js';
import type { ProducerState } from './wire/apis/describe-producers.js';

/** What partitions need of the sink as a whole. */
export interface SinkHost {
  readonly signal: AbortSignal;
  readonly backoffMaxMs: number;
  /** Backs off, and waits for the circuit breaker, before the next try. */
  pauseForTry(attempt: number, baseMs: number): Promise<void>;
  /** How long a batch waits for one that was sent before it in an earlier run. */
  readonly holdMs: number;
  readonly log: SendLog;
  /** Where a producer id begins to count. */
  readonly firstSequence: number;
  /** For so long a broker surely remembers a producer. */
  readonly rememberedMs: number;
  /** Metadata anew; coalesced with other wishes. Never rejects. */
  refresh(): Promise<void>;
  /** The shared producer id, or, `fresh`, a new one. Tries until it has one or the sink stops. */
  producerFor(fresh: boolean): Promise<{ readonly id: bigint; readonly epoch: number } | null>;
  /** What the partition's leader knows. Rejects with ClusterError. */
  describeProducers(topic: string, partition: number): Promise<readonly ProducerState[]>;
  /** Hands over the batches at the end of a partition; one such reading at a time. Rejects with ClusterError. */
  readTail(topic: string, partition: number, bound: TailBound, visit: (batch: Buffer) => void): Promise<TailReading>;
  /** Writes the item's stamp to the send log, or that it is void. */
  logStamp(item: BatchItem, place: { readonly topic: string; readonly index: number }, isVoid: boolean): void;
  /** Writes to the send log that these records of the item are stored, though not under a stamp of ours. */
  logStored(item: BatchItem, place: { readonly topic: string; readonly index: number }, range: RecordRange): void;
  /** Places items anew: their partition is no more. */
  replace(items: readonly BatchItem[]): void;
  /** For the log: what an operator should know of once. */
  report(text: string, fields: Readonly<Record<string, unknown>>): void;
  /** The user may not write to the topic, for longer than is to be waited for, while other topics take their batches. */
  deniedForGood(topic: string): boolean;
  delivered(item: BatchItem, topic: string): void;
  trouble(failure: Failure): void;
  count(figure: Figure, by?: number): void;
}
