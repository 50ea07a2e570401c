/**
 * The shared memory of one engine: a ring for every pair of producer and worker, and the workers' own blocks.
 */

import { pipelineLayout } from '../native/pipeline.js';
import { Control } from '../workers/plan.js';
import type { RingReading } from './readings.js';
import { createDoorbell, createRing, ringDepthBytes } from './ring/rings.js';
import { CompressionFigures } from './telemetry/compression-block.js';

export interface EngineMemory {
  /** rings[producer][worker]; producers are the receiver threads, then the feeder. */
  readonly rings: readonly (readonly SharedArrayBuffer[])[];
  readonly doorbells: readonly SharedArrayBuffer[];
  /** Control words, one block a worker. */
  readonly controls: readonly SharedArrayBuffer[];
  /** Counters and samples of what no pack understands, one block a worker. */
  readonly pipelineStats: readonly SharedArrayBuffer[];
  /** Figures of compression, one block a worker. */
  readonly compressionFigures: readonly SharedArrayBuffer[];
}

const wordBytes = 4;
const counterBytes = 8;

export function createMemory(shape: { receivers: number; workers: number; ringBytes: number }): EngineMemory {
  const perWorker = <T>(make: () => T): T[] => Array.from({ length: shape.workers }, make);
  return {
    rings: Array.from({ length: shape.receivers + 1 }, () => perWorker(() => createRing(shape.ringBytes))),
    doorbells: perWorker(createDoorbell),
    controls: perWorker(() => new SharedArrayBuffer(Control.words * wordBytes)),
    pipelineStats: perWorker(
      () => new SharedArrayBuffer(pipelineLayout().count * counterBytes + pipelineLayout().unparsedBytes),
    ),
    compressionFigures: perWorker(CompressionFigures.memory),
  };
}

/** A ring's number in event ids and commit records: stable for a shape of receivers and workers. */
export function ringId(producer: number, worker: number, workers: number): number {
  return producer * workers + worker;
}

/** How full each ring is. */
export function ringReadings(memory: EngineMemory, capacityBytes: number): RingReading[] {
  return memory.rings.flatMap((rings, producer) =>
    rings.map((ring, worker) => ({ producer, worker, capacityBytes, depthBytes: ringDepthBytes(ring) })),
  );
}
