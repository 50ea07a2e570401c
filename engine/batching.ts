import { Control } from '../workers/plan.js';
import { AdaptiveLinger } from './deliver/adaptive-linger.js';
import type { JournalBatch } from './journal/journal-batch.js';
import type { BatchingReadings } from './readings.js';

/** Lets the workers' batches follow how quickly sinks answer. */
export class Batching {
  #linger: AdaptiveLinger;
  readonly #controls: readonly Int32Array[];
  #lingerMs: number;

  constructor(settings: { lingerMs: number; lingerMsMax: number }, controls: readonly SharedArrayBuffer[]) {
    this.#linger = new AdaptiveLinger(settings.lingerMs, settings.lingerMsMax);
    this.#lingerMs = settings.lingerMs;
    this.#controls = controls.map((control) => new Int32Array(control));
  }

  delivered(sinkId: string, batch: Pick<JournalBatch, 'lastReceivedMs'>, ackMs: number): void {
    this.#linger.observe(sinkId, ackMs - batch.lastReceivedMs);
    this.#tell();
  }

  /** The sink is no more. */
  forget(sinkId: string): void {
    this.#linger.forget(sinkId);
    this.#tell();
  }

  /** Other bounds than those that it began with. */
  take(settings: { lingerMs: number; lingerMsMax: number; batchBytes: number; batchPackedBytes: number }): void {
    this.#linger = this.#linger.within(settings.lingerMs, settings.lingerMsMax);
    for (const control of this.#controls) {
      Atomics.store(control, Control.batchBytesMax, settings.batchBytes);
      Atomics.store(control, Control.batchPackedBytes, settings.batchPackedBytes);
    }
    this.#lingerMs = Number.NaN; // to be told in any case
    this.#tell();
  }

  readings(): BatchingReadings {
    const targets = this.#controls.map((control) => Atomics.load(control, Control.batchBytes));
    return { lingerMs: this.#lingerMs, targetBytes: Math.max(0, ...targets) };
  }

  #tell(): void {
    const ms = Math.round(this.#linger.ms);
    if (ms === this.#lingerMs) return;
    this.#lingerMs = ms;
    for (const control of this.#controls) Atomics.store(control, Control.lingerUs, Math.max(1, ms * 1000));
  }
}
