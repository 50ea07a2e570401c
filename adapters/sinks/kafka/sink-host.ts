import type { BatchItem } from './batch-item.js';
import type { SendLog } from './send-log.js';
import type { Failure } from './trouble.js';
import type { ProducerState } from './wire/apis/describe-producers.js';

/** What partitions need of the sink as a whole. */
export interface SinkHost {
  readonly signal: AbortSignal;
  readonly backoffMaxMs: number;
  /** How long a batch waits for one that was sent before it in an earlier run. */
  readonly holdMs: number;
  readonly log: SendLog;
  /** Metadata anew; coalesced with other wishes. Never rejects. */
  refresh(): Promise<void>;
  /** The shared producer id, or, `fresh`, a new one. Tries until it has one or the sink stops. */
  producerFor(fresh: boolean): Promise<{ readonly id: bigint; readonly epoch: number } | null>;
  /** What the partition's leader knows. Rejects with ClusterError. */
  describeProducers(topic: string, partition: number): Promise<readonly ProducerState[]>;
  /** Writes the item's stamp (or that it is void) to the send log. */
  logStamp(item: BatchItem, place: { readonly topic: string; readonly index: number }, isVoid: boolean): void;
  delivered(item: BatchItem): void;
  trouble(failure: Failure): void;
  count(figure: string, by?: number): void;
}
