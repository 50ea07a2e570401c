/** Which change of the listeners each worker has answered. */
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkerMark } from './plan.js';

const pollMs = 5;
const deadlineMsDefault = 10_000;

export class Changes {
  readonly #answers: { version: number; mark: WorkerMark }[];
  #version = 0;

  constructor(workers: number) {
    const mark: WorkerMark = { committedEvents: 0, position: null };
    this.#answers = Array.from({ length: workers }, () => ({ version: -1, mark }));
  }

  /** Number of the next change. */
  next(): number {
    return ++this.#version;
  }

  answered(worker: number, version: number, mark: WorkerMark): void {
    this.#answers[worker] = { version, mark };
  }

  /** Resolves with every worker's mark when all know the change; rejects when one is silent for too long. */
  async known(version: number, deadlineMs = deadlineMsDefault): Promise<readonly WorkerMark[]> {
    const until = performance.now() + deadlineMs;
    while (this.#answers.some((answer) => answer.version < version)) {
      if (performance.now() > until) throw new Error(`a worker did not take change ${version} within ${deadlineMs} ms`);
      await delay(pollMs);
    }
    return this.#answers.map(({ mark }) => mark);
  }
}
