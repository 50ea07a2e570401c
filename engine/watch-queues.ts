import type { Logger } from 'pino';
import { sinkTypes, sourceTypes } from '../adapters/index.js';
import { bufferTerms } from './config/buffers.js';
import type { Settings } from './config/settings.js';
import type { Sink } from './contracts.js';
import type { Journal } from './journal/journal.js';
import { type EngineMemory, ringReadings } from './memory.js';
import { readPipelineTotal } from './telemetry/pipeline-figures.js';
import { queueDepths } from './telemetry/queue-depths.js';
import { QueueWatch } from './telemetry/queue-watch.js';

/** The queues between the stages, wherever they are kept. */
export interface Queues {
  /** Those in effect. */
  readonly settings: () => Settings;
  readonly memory: EngineMemory;
  readonly journal: Journal | null;
  readonly sinks: () => readonly Sink[];
  readonly inFlightBytes: (sinkId: string) => number;
  readonly log: Logger;
}

/** Watches how full each of them is; to be started. */
export function watchQueues({ settings, memory, journal, sinks, inFlightBytes, log }: Queues): QueueWatch {
  const { ringBytes } = settings(); // fixed while the process runs
  const batches = bufferTerms(settings(), { sourceTypes, sinkTypes }).find(({ name }) => name === 'batches');
  return new QueueWatch({
    marks: () => ({ high: settings().highWaterPercent, low: settings().lowWaterPercent }),
    log,
    depths: () =>
      queueDepths({
        rings: ringReadings(memory, ringBytes),
        openBatchBytes: readPipelineTotal(memory.pipelineStats, 'open_batch_bytes'),
        batches,
        journal: journal && { bytes: journal.space().bytes, bytesMax: journal.bytesMax },
        sinks: sinks().map(({ spec: { id }, inFlightBytesMax }) => ({
          id,
          inFlightBytes: inFlightBytes(id),
          inFlightBytesMax,
        })),
      }),
  });
}
