import { backoffMs, pause } from './backoff.js';
import { type BatchItem, noteError, type SendPart, sendPart } from './batch-item.js';
import type { BrokerLink, PartSource } from './broker-link.js';
import { errorCode } from './error-codes.js';
import { Recovery } from './recovery.js';
import type { SinkHost } from './sink-host.js';
import { advanceSequence } from './stamp.js';
import { deliveryError, type Failure, failureOfCode } from './trouble.js';

/** The broker recognises the last five batches of a producer and partition as duplicates, no older ones. */
const unacknowledgedMax = 5;
/**
 * A broker without state of a producer takes any sequence from it, also one behind a batch that failed. So the first batch
 * under a producer id goes alone, and so does the first one after a pause in which the broker may have forgotten the id
 * (producer.id.expiration.ms, 24 hours by default).
 */
const rememberedMs = 3600 * 1000;
/** After so many tries a batch that always arrives damaged is damaged here. */
const corruptTriesMax = 5;

/**
 * The batches of one partition, in order. The first `#sent` are with the broker. When one fails nothing more is sent until
 * all of them are answered; then they are sent again, in order and with the same stamps. Batches whose stamps are in doubt
 * go through `Recovery` first.
 */
export class PartitionQueue implements PartSource {
  readonly topic: string;
  readonly index: number;
  pendingBytes = 0;
  /** −1: none. */
  leader = -1;
  readonly #host: SinkHost;
  readonly #recovery: Recovery;
  readonly #items: BatchItem[] = [];
  /** Errors of this round, by item. */
  readonly #errors = new Map<BatchItem, Failure & { number: number }>();
  #sent = 0;
  #unanswered = 0;
  /** Broker that has the unanswered ones. */
  #sentTo = -1;
  #blocked = false;
  #link: BrokerLink | null = null;
  #producer: { readonly id: bigint; readonly epoch: number } | null = null;
  #askingForProducer = false;
  /** Something was acknowledged under `#producer`, last then. */
  #acknowledgedAt = 0;
  #identities = 0;
  #nextSequence = 0;

  constructor(topic: string, index: number, host: SinkHost) {
    this.topic = topic;
    this.index = index;
    this.#host = host;
    this.#recovery = new Recovery(this, host);
  }

  get name(): string {
    return `${this.topic}-${this.index}`;
  }
  get link(): BrokerLink | null {
    return this.#link;
  }
  get idle(): boolean {
    return this.#items.length === 0 && this.#recovery.idle;
  }
  /** True when batches sent now have a chance. */
  get healthy(): boolean {
    return this.#link !== null && !this.#link.down;
  }

  add(item: BatchItem): void {
    this.pendingBytes += item.batch.bytes.length;
    if (item.stamp !== null) this.#recovery.add([item]);
    else this.#items.push(item);
    this.#link?.schedule();
  }
  /** Batches of an earlier identity, cleared for a new stamp: they go before everything not yet sent. */
  restamp(items: readonly BatchItem[]): void {
    for (const item of items) item.stamp = null;
    this.#items.splice(this.#sent, 0, ...items);
    this.#link?.schedule();
  }
  /** Takes back what no broker has seen and may go to any partition. */
  takeMovable(): BatchItem[] {
    const movable = this.#items.filter((item) => item.stamp === null && item.batch.partition < 0);
    for (const item of movable) {
      this.#items.splice(this.#items.indexOf(item), 1);
      this.pendingBytes -= item.batch.bytes.length;
    }
    return movable;
  }
  /** The partition's leader, as metadata has it now. */
  follow(leader: number, link: BrokerLink | null): void {
    this.leader = leader;
    if (this.#link !== link) this.#link?.detach(this);
    this.#link = link;
    link?.attach(this);
  }

  takePart(brokerId: number): SendPart | null {
    if (this.#blocked || !this.#recovery.idle || this.#unanswered >= this.#windowSize()) return null;
    // The new leader gets nothing while the old one may still answer.
    if (this.#unanswered > 0 && this.#sentTo !== brokerId) return null;
    const item = this.#items[this.#sent];
    if (item === undefined) return null;
    if (item.stamp === null && !this.#stamp(item)) return null;
    this.#sent++;
    this.#unanswered++;
    this.#sentTo = brokerId;
    return sendPart(item, this.topic, this.index, (code, text) => this.#answered(item, code, text));
  }
  /** An item that needs nothing more: it is stored. */
  finish(item: BatchItem): void {
    this.pendingBytes -= item.batch.bytes.length;
    this.#host.delivered(item);
    item.resolve();
  }
  /** An item the broker will never take. Its stamp is used up. */
  refuse(item: BatchItem, failure: Failure): void {
    this.pendingBytes -= item.batch.bytes.length;
    if (item.stamp !== null) this.#logRefusal(item);
    this.#host.count('refused_batches_total');
    item.reject(deliveryError(failure));
  }
  #logRefusal(item: BatchItem): void {
    try {
      this.#host.logStamp(item, this, true);
    } catch (error) {
      // The next run would ask the broker about this stamp and be told the same.
      this.#host.trouble({ class: 'wait', code: 'SEND_LOG', text: `the send log: ${(error as Error).message}` });
    }
  }
  rejectAll(failure: Failure): void {
    for (const item of [...this.#items.splice(0), ...this.#recovery.stop()]) item.reject(deliveryError(failure));
  }

  #windowSize(): number {
    return Date.now() - this.#acknowledgedAt < rememberedMs ? unacknowledgedMax : 1;
  }
  /** False when that is not possible now: no producer id yet, or the send log cannot be written. */
  #stamp(item: BatchItem): boolean {
    const producer = this.#producer;
    if (producer === null) {
      void this.#askForProducer();
      return false;
    }
    const { count } = item.batch;
    item.stamp = { producerId: producer.id, epoch: producer.epoch, baseSequence: this.#nextSequence };
    try {
      this.#host.logStamp(item, this, false);
    } catch (error) {
      item.stamp = null;
      void this.#pauseFor({
        class: 'wait',
        code: 'SEND_LOG',
        text: `the send log cannot be written: ${(error as Error).message}`,
      });
      return false;
    }
    this.#nextSequence = advanceSequence(this.#nextSequence, count);
    return true;
  }
  async #askForProducer(): Promise<void> {
    if (this.#askingForProducer) return;
    this.#askingForProducer = true;
    this.#producer = await this.#host.producerFor(this.#identities++ > 0);
    this.#nextSequence = 0;
    this.#acknowledgedAt = 0;
    this.#askingForProducer = false;
    this.#link?.schedule();
  }

  #answered(item: BatchItem, code: number, text: string | null): void {
    this.#unanswered--;
    // After a stop everything has been handed back already.
    if (this.#host.signal.aborted) return;
    if (code === 0 || errorCode(code).class === 'done') {
      if (code !== 0) this.#host.count('duplicates_recognised_total');
      this.#items.splice(this.#items.indexOf(item), 1);
      this.#sent--;
      this.#acknowledgedAt = Date.now();
      this.finish(item);
    } else {
      noteError(item, code);
      this.#errors.set(item, { ...failureOfCode(code, this.name, text), number: code });
      this.#blocked = true;
    }
    if (this.#unanswered > 0) return;
    if (this.#errors.size > 0) void this.#endRound();
    else this.#link?.schedule();
  }
  /** Every request is answered and at least one failed: the first in order says what happened. */
  async #endRound(): Promise<void> {
    const first = this.#items[0]!;
    const failure = this.#errors.get(first)!;
    this.#errors.clear();
    const sent = this.#items.slice(0, this.#sent);
    first.attempts++;
    this.#sent = 0;
    this.#host.count('retries_total');
    if (failure.class === 'never' || (failure.number === 2 && first.attempts >= corruptTriesMax)) {
      this.#items.shift();
      this.refuse(first, { ...failure, class: 'never' });
      this.#toRecovery(sent.slice(1));
    } else if (failure.class === 'recover') {
      this.#host.trouble(failure);
      this.#toRecovery(sent);
    } else {
      // Everything sent keeps its stamp and its place, and goes out again in order.
      await this.#pauseFor(failure, first.attempts);
    }
    this.#blocked = false;
    this.#link?.schedule();
  }
  /** The sequence is broken: what was sent is looked up at the broker, what comes after gets a new producer id. */
  #toRecovery(items: readonly BatchItem[]): void {
    this.#items.splice(0, items.length);
    this.#producer = null;
    if (items.length > 0) this.#recovery.add(items);
  }
  async #pauseFor(failure: Failure, attempt = 6): Promise<void> {
    this.#blocked = true;
    this.#host.trouble(failure);
    const slow = failure.class === 'wait' ? 1000 : 50;
    await pause(backoffMs(attempt, slow, this.#host.backoffMaxMs), this.#host.signal);
    if (failure.class !== 'retry') await this.#host.refresh();
    this.#blocked = false;
    this.#link?.schedule();
  }
}
