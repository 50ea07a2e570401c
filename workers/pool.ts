/**
 * The parsing pool: Piscina threads, one long task each. A worker that dies is followed by a successor on the same rings,
 * which goes on where the journal says its predecessor had got to.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import type { Logger } from 'pino';
import { Piscina } from 'piscina';
import { Control, type WorkerMessage, type WorkerPlan } from './plan.js';

const restartDelayMs = 100;
const restartDelayMsMax = 5_000;

export interface WorkerEvents {
  /** A worker committed a group. */
  committed(worker: number): void;
  /** A worker's lane cannot be written (errno), or can again (0). */
  laneState(worker: number, errno: number): void;
}

export class WorkerPool {
  readonly #piscina: Piscina;
  readonly #runs: Promise<void>[] = [];
  #stopping = false;
  /** Workers that died and were followed by a successor. */
  restarts = 0;

  constructor(
    readonly plans: readonly WorkerPlan[],
    readonly events: WorkerEvents,
    readonly log: Logger,
  ) {
    this.#piscina = new Piscina({
      filename: new URL('./worker.js', import.meta.url).href,
      minThreads: plans.length,
      maxThreads: plans.length,
      concurrentTasksPerWorker: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
    });
  }

  /** The threads, for tests that kill one. */
  get threads(): Piscina['threads'] {
    return this.#piscina.threads;
  }

  start(): void {
    for (const plan of this.plans) this.#runs.push(this.#keepRunning(plan));
  }

  /** Lets the workers finish what is in their rings; after the deadline they are ended as they are. */
  async stop(deadlineMs: number): Promise<void> {
    this.#stopping = true;
    for (const plan of this.plans) Atomics.store(new Int32Array(plan.control), Control.stop, 1);
    const timer = new AbortController();
    await Promise.race([
      Promise.all(this.#runs),
      delay(deadlineMs, undefined, { signal: timer.signal }).catch(() => undefined),
    ]);
    timer.abort();
    await this.#piscina.destroy();
  }

  /** While true, workers commit nothing: the journal is full. */
  hold(on: boolean): void {
    for (const plan of this.plans) Atomics.store(new Int32Array(plan.control), Control.hold, on ? 1 : 0);
  }

  async #keepRunning(plan: WorkerPlan): Promise<void> {
    let waitMs = restartDelayMs;
    for (;;) {
      const startedMs = Date.now();
      try {
        await this.#runOnce(plan);
        return;
      } catch (error) {
        if (this.#stopping) return;
        this.restarts++;
        this.log.error({ worker: plan.index, err: error }, 'a worker died; its successor takes over its rings');
        waitMs = Date.now() - startedMs > 60_000 ? restartDelayMs : Math.min(waitMs * 2, restartDelayMsMax);
        await delay(waitMs);
        const control = new Int32Array(plan.control);
        while (Atomics.load(control, Control.alive) === 1) await delay(10);
      }
    }
  }

  async #runOnce(plan: WorkerPlan): Promise<void> {
    const control = new Int32Array(plan.control);
    Atomics.store(control, Control.told, 0);
    const { port1, port2 } = new MessageChannel();
    port1.on('message', (message: WorkerMessage) => {
      if (message.type === 'committed') {
        Atomics.store(control, Control.told, 0); // before the journal is read: what is committed from now on is told anew
        this.events.committed(plan.index);
      } else this.events.laneState(plan.index, message.type === 'commit-failed' ? message.errno : 0);
    });
    port1.unref();
    try {
      await this.#piscina.run({ plan, port: port2 }, { transferList: [port2] });
    } finally {
      port1.close();
    }
  }
}
