/**
 * The parsing pool: Piscina threads, one long task each. A worker that dies is followed by a successor on the same rings,
 * which goes on where the journal says its predecessor had got to.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Logger } from 'pino';
import { Piscina } from 'piscina';
import type { Samples } from '../native/frames.js';
import { Changes } from './changes.js';
import {
  type Change,
  Control,
  Hold,
  type WorkerChange,
  type WorkerMark,
  type WorkerMessage,
  type WorkerPlan,
  type WorkerTask,
} from './plan.js';

/** How much later than at once a commit is noticed that follows another one closely. */
const quietMs = 2;
const restartDelayMs = 100;
const restartDelayMsMax = 5_000;

export interface WorkerEvents {
  /** A worker committed a group. */
  committed(worker: number): void;
  /** What small frames of a route hold, to train a dictionary on. */
  samples(samples: Samples): void;
  /** A worker's lane cannot be written (errno), or can again (0). */
  laneState(worker: number, errno: number): void;
}

export class WorkerPool {
  /** One pool of one thread for each run of a worker: a pool whose thread dies while it begins starts no other. */
  readonly #pools = new Map<number, Piscina>();
  readonly #runs: Promise<void>[] = [];
  readonly #ports = new Map<number, MessagePort>();
  readonly #changes: Changes;
  #plans: readonly WorkerPlan[];
  #stopping = false;
  /** Workers that died and were followed by a successor. */
  restarts = 0;

  constructor(
    plans: readonly WorkerPlan[],
    readonly events: WorkerEvents,
    readonly log: Logger,
  ) {
    this.#plans = plans;
    this.#changes = new Changes(plans.length);
  }

  /** The threads, for tests that kill one. */
  get threads(): Piscina['threads'] {
    return [...this.#pools.values()].flatMap(({ threads }) => threads);
  }

  start(): void {
    for (const { index } of this.#plans) this.#runs.push(this.#keepRunning(index));
  }

  /** Lets the workers finish what is in their rings; after the deadline they are ended as they are. */
  async stop(deadlineMs: number): Promise<void> {
    this.#stopping = true;
    for (const plan of this.#plans) Atomics.store(new Int32Array(plan.control), Control.stop, 1);
    const timer = new AbortController();
    await Promise.race([
      Promise.all(this.#runs),
      delay(deadlineMs, undefined, { signal: timer.signal }).catch(() => undefined),
    ]);
    timer.abort();
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
  }

  /** The journal is full: workers commit nothing, or drop what they have. null: it has room. */
  hold(how: 'block' | 'drop_newest' | null): void {
    const hold = how === null ? Hold.off : how === 'block' ? Hold.block : Hold.drop;
    for (const plan of this.#plans) Atomics.store(new Int32Array(plan.control), Control.hold, hold);
  }

  /**
   * Tells every worker what is from now on. Resolves, once all know, with how far each had got before it knew; rejects when one
   * does not answer in time.
   */
  async change(what: Change): Promise<readonly WorkerMark[]> {
    const version = this.#changes.next();
    const change: WorkerChange = { ...what, version };
    const { listeners, ...others } = what;
    this.#plans = this.#plans.map((plan) => ({
      ...plan,
      ...others,
      version,
      pipeline: listeners ? { ...plan.pipeline, listeners } : plan.pipeline,
    }));
    for (const plan of this.#plans) {
      this.#ports.get(plan.index)?.postMessage(change);
      Atomics.store(new Int32Array(plan.control), Control.version, version);
    }
    return this.#changes.known(version);
  }

  async #keepRunning(index: number): Promise<void> {
    let waitMs = restartDelayMs;
    for (;;) {
      const startedMs = performance.now();
      try {
        await this.#runOnce(this.#plans[index] as WorkerPlan);
        return;
      } catch (error) {
        if (this.#stopping) return;
        this.restarts++;
        this.log.error({ worker: index, err: error }, 'a worker died; its successor takes over its rings');
        waitMs = performance.now() - startedMs > 60_000 ? restartDelayMs : Math.min(waitMs * 2, restartDelayMsMax);
        await delay(waitMs);
        const control = new Int32Array((this.#plans[index] as WorkerPlan).control);
        while (Atomics.load(control, Control.alive) === 1) await delay(10);
      }
    }
  }

  /**
   * A message from thread to thread costs more than looking: after one, commits are looked for once more and without a message
   * `quietMs` later, as long as there are any.
   */
  #committed(index: number, control: Int32Array): void {
    Atomics.store(control, Control.committed, 0); // before the journal is read: what is committed from now on counts anew
    this.events.committed(index);
    setTimeout(() => {
      Atomics.store(control, Control.told, 0); // a commit after this is told, one before it is seen here
      if (Atomics.load(control, Control.committed) === 0) return;
      Atomics.store(control, Control.told, 1);
      this.#committed(index, control);
    }, quietMs);
  }

  async #runOnce(plan: WorkerPlan): Promise<void> {
    const control = new Int32Array(plan.control);
    Atomics.store(control, Control.told, 0);
    const { port1, port2 } = new MessageChannel();
    port1.on('message', (message: WorkerMessage) => {
      if (message.type === 'committed') this.#committed(plan.index, control);
      else if (message.type === 'samples') this.events.samples(message.samples);
      else if (message.type === 'changed') this.#changes.answered(plan.index, message.version, message.mark);
      else this.events.laneState(plan.index, message.type === 'commit-failed' ? message.errno : 0);
    });
    port1.unref();
    this.#ports.set(plan.index, port1);
    try {
      await this.#runInThread(plan.index, { plan, port: port2 });
    } finally {
      port1.close();
    }
  }

  /** Rejects when the thread dies, also before it has taken the task. */
  async #runInThread(index: number, task: WorkerTask): Promise<void> {
    const pool = new Piscina({
      filename: new URL('./worker.js', import.meta.url).href,
      minThreads: 1,
      maxThreads: 1,
      concurrentTasksPerWorker: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
    });
    this.#pools.set(index, pool);
    const died = new Promise<never>((_resolve, reject) => pool.once('error', reject));
    try {
      await Promise.race([pool.run(task, { transferList: [task.port] }), died]);
    } finally {
      pool.on('error', () => {}); // a thread that is being ended
      await pool.destroy();
    }
  }
}
