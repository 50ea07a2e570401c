import type { Cluster } from '../cluster.js';
import { addOffsetsToTxn } from '../wire/apis/add-offsets-to-txn.js';
import { addPartitionsToTxn } from '../wire/apis/add-partitions-to-txn.js';
import { endTxn } from '../wire/apis/end-txn.js';
import { initProducerId } from '../wire/apis/init-producer-id.js';
import { offsetFetch } from '../wire/apis/offset-fetch.js';
import { txnOffsetCommit } from '../wire/apis/txn-offset-commit.js';
import { Coordinator, type CoordinatorHost, TransactionLost } from './coordinator.js';
import { DeliveryCursor } from './delivery-cursor.js';

const isGone = (code: number) => code === 3;
const fencedCodes: ReadonlySet<number> = new Set([47, 49, 90]);

/** Our dialogue with the two coordinators: who we are, what a transaction holds, how far we have come. */
export class Transactions {
  producerId = -1n;
  epoch = -1;
  readonly #transaction: Coordinator;
  readonly #group: Coordinator;

  /**
   * `id` is the transactional id, and the id of the group that the cursor is kept under. `topic`: whose partition 0 it stands for.
   * `timeoutMs`: the broker aborts a transaction that takes longer; it is done again then.
   */
  constructor(
    private readonly id: string,
    private readonly topic: string,
    private readonly timeoutMs: number,
    cluster: Cluster,
    host: CoordinatorHost,
  ) {
    this.#transaction = new Coordinator(cluster, 'transaction', id, host);
    this.#group = new Coordinator(cluster, 'group', id, host);
  }

  /** Takes over: whoever had the id before can send no more, and what was left open is ended. */
  async takeOver(): Promise<void> {
    const ask = (producerId: bigint, epoch: number) => {
      const transaction = { id: this.id, timeoutMs: this.timeoutMs, producerId, epoch };
      return this.#transaction.ask(initProducerId, { transaction }, (code) => fencedCodes.has(code));
    };
    let answer = await ask(this.producerId, this.epoch);
    // The coordinator ended a transaction that took too long, or someone else took over: the cursor will tell.
    if (answer.errorCode !== 0) answer = await ask(-1n, -1);
    if (answer.errorCode !== 0) throw new TransactionLost('PRODUCER_FENCED');
    this.producerId = answer.producerId;
    this.epoch = answer.epoch;
  }
  /** The cursor that was committed last, and its number; null: none. */
  async committed(): Promise<{ readonly cursor: DeliveryCursor; readonly number: bigint } | null> {
    const answer = await this.#group.ask(offsetFetch, { groupId: this.id, topic: this.topic, partition: 0 });
    const cursor = answer.offset < 0n ? null : DeliveryCursor.parse(answer.metadata);
    return cursor === null ? null : { cursor, number: answer.offset };
  }
  async addPartitions(
    topics: readonly { readonly name: string; readonly partitions: readonly number[] }[],
  ): Promise<void> {
    notGone(await this.#transaction.ask(addPartitionsToTxn, { ...this.#who(), topics }, isGone));
  }
  /** Commits what was sent together with the cursor. Rejects with TransactionLost when that is not, or not surely, so. */
  async commit(cursor: DeliveryCursor, number: bigint): Promise<void> {
    const group = { ...this.#who(), groupId: this.id };
    await this.#transaction.ask(addOffsetsToTxn, group);
    const offset = { topic: this.topic, partition: 0, offset: number, metadata: cursor.text() };
    notGone(await this.#group.ask(txnOffsetCommit, { ...group, ...offset }, isGone));
    await this.#transaction.ask(endTxn, { ...this.#who(), commit: true });
  }
  close(): void {
    this.#transaction.close();
    this.#group.close();
  }

  #who() {
    return { transactionalId: this.id, producerId: this.producerId, epoch: this.epoch };
  }
}

/** The topic was deleted, or has fewer partitions than it had: the transaction is done again with what there is. */
function notGone({ errorCode }: { readonly errorCode: number }): void {
  if (isGone(errorCode)) throw new TransactionLost('UNKNOWN_TOPIC_OR_PARTITION');
}
