import { backoffMs, pause } from '../../../../engine/backoff.js';
import type { Cluster } from '../cluster.js';
import { ClusterError, failureOf } from '../cluster-error.js';
import { type Failure, failureOfCode } from '../trouble.js';
import type { Api } from '../wire/api.js';
import { findCoordinator } from '../wire/apis/find-coordinator.js';
import type { Connection } from '../wire/connection.js';

export interface CoordinatorHost {
  readonly signal: AbortSignal;
  /** Backs off, and waits for the circuit breaker, before the next try. */
  pauseForTry(attempt: number, baseMs: number): Promise<void>;
  trouble(failure: Failure): void;
  /** A try after trouble went well. */
  succeeded(): void;
}

/** The transaction cannot go on: someone ended it, or took over. */
export class TransactionLost extends Error {
  override readonly name = 'TransactionLost';
  constructor(readonly code: string) {
    super(code);
  }
}

/** The broker that coordinates a group or a transactional id, whoever that is at the moment. */
export class Coordinator {
  #connection: Connection | null = null;

  constructor(
    private readonly cluster: Cluster,
    private readonly kind: 'group' | 'transaction',
    private readonly key: string,
    private readonly host: CoordinatorHost,
  ) {}

  /**
   * Asks until there is an answer that is no passing fault; it finds the coordinator anew where that moved. Rejects with
   * TransactionLost, with ClusterError when the host stops, and for what `fatal` says is one.
   */
  async ask<Q, S extends { readonly errorCode: number }>(
    api: Api<Q, S>,
    request: Q,
    fatal: (code: number) => boolean = () => false,
  ): Promise<S> {
    for (let attempt = 1; ; attempt++) {
      const { answer, failure } = await this.#askOnce(api, request);
      if (answer !== null && (answer.errorCode === 0 || fatal(answer.errorCode))) {
        if (attempt > 1) this.host.succeeded();
        return answer;
      }
      if (failure.class === 'recover') throw new TransactionLost(failure.code);
      if (this.host.signal.aborted) throw new ClusterError(failure);
      // The end of the transaction before takes a moment: that is no trouble.
      const expected = failure.code === 'CONCURRENT_TRANSACTIONS' || failure.code === 'UNSTABLE_OFFSET_COMMIT';
      if (!expected) this.host.trouble(failure);
      if (failure.class !== 'retry') this.close();
      if (expected) await pause(backoffMs(attempt, 10, 100), this.host.signal);
      else await this.host.pauseForTry(attempt, failure.class === 'wait' ? 1000 : 50);
    }
  }
  close(): void {
    this.#connection?.close();
    this.#connection = null;
  }

  async #askOnce<Q, S extends { readonly errorCode: number }>(api: Api<Q, S>, request: Q) {
    try {
      if (!this.#connection?.open || performance.now() > this.#connection.retireAt)
        this.#connection = await this.#connect();
      const answer = await this.#connection.call(api, request);
      return { answer, failure: failureOfCode(answer.errorCode, `${this.kind} ${this.key}: ${api.name}`, null) };
    } catch (error) {
      this.close();
      return { answer: null, failure: failureOf(error) };
    }
  }
  async #connect(): Promise<Connection> {
    this.close();
    const found = await this.cluster.ask(findCoordinator, { key: this.key, kind: this.kind });
    if (found.errorCode !== 0)
      throw new ClusterError(failureOfCode(found.errorCode, `coordinator of ${this.key}`, found.errorMessage));
    return this.cluster.open(found);
  }
}
