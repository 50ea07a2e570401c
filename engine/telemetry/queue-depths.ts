/** From what stages know of themselves to how full the queues between them are. */
import type { BufferTerm } from '../contracts.js';
import type { RingReading } from '../readings.js';
import type { QueueDepth } from './queue-watch.js';

export interface QueueSources {
  readonly rings: readonly RingReading[];
  /** Bytes in the workers' open batches, and what these may take. */
  readonly openBatchBytes: number;
  readonly batches: BufferTerm | undefined;
  /** null: there is none. */
  readonly journal: { readonly bytes: number; readonly bytesMax: number } | null;
  readonly sinks: readonly { readonly id: string; readonly inFlightBytes: number; readonly inFlightBytesMax: number }[];
}

export function queueDepths({ rings, openBatchBytes, batches, journal, sinks }: QueueSources): QueueDepth[] {
  const ring: QueueDepth = {
    stage: 'ring',
    sink: '',
    depthBytes: rings.reduce((sum, { depthBytes }) => sum + depthBytes, 0),
    capacityBytes: rings.reduce((sum, { capacityBytes }) => sum + capacityBytes, 0),
    fill: Math.max(0, ...rings.map(({ depthBytes, capacityBytes }) => depthBytes / capacityBytes)),
  };
  const queues = [ring, queue('batches', '', openBatchBytes, batches?.bytes ?? 0)];
  if (journal !== null && journal.bytesMax > 0) queues.push(queue('journal', '', journal.bytes, journal.bytesMax));
  for (const { id, inFlightBytes, inFlightBytesMax } of sinks)
    queues.push(queue('in_flight', id, inFlightBytes, inFlightBytesMax));
  return queues;
}

function queue(stage: QueueDepth['stage'], sink: string, depthBytes: number, capacityBytes: number): QueueDepth {
  return { stage, sink, depthBytes, capacityBytes, fill: capacityBytes > 0 ? depthBytes / capacityBytes : 0 };
}
