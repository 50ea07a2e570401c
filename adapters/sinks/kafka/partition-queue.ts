import { type BatchItem, mayBeForgotten, noteError, precedes, type SendPart, sendPart } from './batch-item.js';
import type { BrokerLink, PartSource } from './broker-link.js';
import { errorCode } from './error-codes.js';
import { evenRanges } from './record-cut.js';
import { corruptTriesMax, Recovery } from './recovery.js';
import type { SinkHost } from './sink-host.js';
import { SizeLimit } from './size-limit.js';
import { divide, splitItem } from './split-item.js';
import { advanceSequence } from './stamp.js';
import { deliveryError, type Failure, failureOfCode } from './trouble.js';
import type { ProduceAnswer } from './wire/apis/produce.js';

/** The broker recognises the last five batches of a producer and partition as duplicates, no older ones. */
const unacknowledgedMax = 5;
const denied = 'TOPIC_AUTHORIZATION_FAILED';

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
  /** Hexadecimal; '' before metadata told. */
  topicId = '';
  /** The partition is no more: what is left of its batches goes to others. */
  gone = false;
  readonly #host: SinkHost;
  readonly #recovery: Recovery;
  readonly #items: BatchItem[] = [];
  /** Errors of this round, by item. */
  readonly #errors = new Map<BatchItem, Failure & { number: number; badRecords: readonly number[] }>();
  readonly #sizes = new SizeLimit();
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
  #nextSequence: number;
  /** Offset of the last acknowledged record; −1: none yet. */
  #lastOffset = -1n;

  constructor(topic: string, index: number, host: SinkHost) {
    this.topic = topic;
    this.index = index;
    this.#host = host;
    this.#nextSequence = host.firstSequence;
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
  /** Batches of an earlier identity, cleared for a new stamp: they go before what comes after them and is not yet sent. */
  restamp(items: readonly BatchItem[]): void {
    for (const item of items) item.stamp = null;
    for (const item of items) this.#items.splice(this.#placeOf(item), 0, item);
    this.#link?.schedule();
  }
  /** Behind those of its lane that come before it, in front of all others. */
  #placeOf(item: BatchItem): number {
    let at = this.#items.length;
    while (at > this.#sent && !precedes(this.#items[at - 1]!, item)) at--;
    return at;
  }
  /** One that another partition could not send: in front of what comes after it. */
  adopt(item: BatchItem): void {
    this.pendingBytes += item.batch.bytes.length;
    this.restamp([item]);
  }
  /** `rest` stands for what is left to be sent of `item`. */
  exchange(item: BatchItem, rest: readonly BatchItem[]): void {
    for (const part of rest) this.pendingBytes += part.batch.bytes.length;
    this.pendingBytes -= item.batch.bytes.length;
    this.restamp(rest);
  }
  /** Takes back what no broker has seen and may go to any partition. */
  takeMovable(): BatchItem[] {
    const isMovable = (item: BatchItem): boolean => item.stamp === null && item.batch.partition < 0;
    const movable = this.#items.filter(isMovable);
    const kept = this.#items.filter((item) => !isMovable(item));
    this.#items.splice(0, this.#items.length, ...kept);
    for (const { batch } of movable) this.pendingBytes -= batch.bytes.length;
    return movable;
  }
  /** The partition's leader, as metadata has it now, and the id of its topic. */
  follow(leader: number, link: BrokerLink | null, topicId: string): void {
    this.leader = leader;
    if (this.topicId !== '' && topicId !== this.topicId) this.#forgetTopic();
    this.topicId = topicId;
    if (this.#link !== link) this.#link?.detach(this);
    this.#link = link;
    link?.attach(this);
  }

  /** The topic was created anew without this partition. */
  retire(): void {
    this.gone = true;
    this.#link?.detach(this);
    this.#link = null;
    this.#giveBack();
  }
  #giveBack(): void {
    if (this.#unanswered > 0) return; // when the last answer is there
    this.#host.replace(this.#items.splice(0));
    this.pendingBytes = 0;
  }
  /** Nothing that was known of the old topic holds for the new one. */
  #forgetTopic(): void {
    this.#producer = null;
    this.#lastOffset = -1n;
    this.#host.count('topics_recreated_total');
  }

  takePart(brokerId: number): SendPart | null {
    if (this.#blocked || !this.#recovery.idle || this.#unanswered >= this.#windowSize()) return null;
    // The new leader gets nothing while the old one may still answer.
    if (this.#unanswered > 0 && this.#sentTo !== brokerId) return null;
    const item = this.#items[this.#sent];
    if (item === undefined) return null;
    if (item.stamp !== null && this.#doubtful(item)) {
      if (this.#sent === 0) this.#toRecovery(this.#items.slice(0, this.#stampedItems()));
      return null;
    }
    if (item.stamp === null && this.#presplit(item)) return this.takePart(brokerId);
    if (item.stamp === null && !this.#stamp(item)) return null;
    this.#sent++;
    this.#unanswered++;
    this.#sentTo = brokerId;
    return sendPart(item, this.topic, this.index, (code, text, answer) => this.#answered(item, code, text, answer));
  }
  /** An item that needs nothing more: it is stored. */
  finish(item: BatchItem): void {
    this.pendingBytes -= item.batch.bytes.length;
    this.#host.delivered(item, this.topic);
    item.resolve();
  }
  /** An item the broker will never take as it is. Its stamp is used up. What can be split is, down to the single event. */
  refuse(item: BatchItem, failure: Failure, badRecords: readonly number[]): void {
    this.pendingBytes -= item.batch.bytes.length;
    if (item.stamp !== null) this.#logRefusal(item);
    const parts = divide(item, failure.code, badRecords);
    if (parts === null) {
      this.#host.count('refused_batches_total');
      this.#host.count('refused_records_total', item.batch.count);
      item.reject(deliveryError(failure));
      return;
    }
    if (failure.code !== 'INVALID_RECORD') this.#sizes.refused(item.batch.bytes.length);
    this.#host.count('split_batches_total');
    for (const part of parts.send) this.pendingBytes += part.batch.bytes.length;
    this.restamp(parts.send);
    for (const part of parts.refuse) {
      this.#host.count('refused_records_total', part.batch.count);
      part.reject(deliveryError(failure));
    }
  }
  /** Splits what is larger than the partition was seen to take. */
  #presplit(item: BatchItem): boolean {
    const { bytes, count } = item.batch;
    const pieces = count < 2 ? 1 : this.#sizes.pieces(bytes.length);
    const parts = pieces < 2 ? null : splitItem(item, evenRanges({ first: 0, count }, pieces));
    if (parts === null) return false;
    this.#items.splice(this.#sent, 1);
    this.exchange(item, parts);
    return true;
  }
  /** Under this stamp it may be stored, and the broker may have forgotten so, or lost it. */
  #doubtful(item: BatchItem): boolean {
    return item.topicId !== this.topicId || (item.maybeStored && mayBeForgotten(item, this.#host.rememberedMs));
  }
  #stampedItems(): number {
    const unstamped = this.#items.findIndex((item) => item.stamp === null);
    return unstamped < 0 ? this.#items.length : unstamped;
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

  /**
   * A broker without state of a producer takes any sequence from it, also one behind a batch that failed. So the first batch
   * under a producer id goes alone, and so does the first one after a pause in which the broker may have forgotten the id.
   */
  #windowSize(): number {
    return Date.now() - this.#acknowledgedAt < this.#host.rememberedMs ? unacknowledgedMax : 1;
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
    item.topicId = this.topicId;
    item.after = this.#lastOffset;
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
    this.#nextSequence = this.#host.firstSequence;
    this.#acknowledgedAt = 0;
    this.#askingForProducer = false;
    this.#link?.schedule();
  }

  #answered(item: BatchItem, code: number, text: string | null, answer?: ProduceAnswer): void {
    this.#unanswered--;
    // After a stop everything has been handed back already.
    if (this.#host.signal.aborted) return;
    if (code === 0 || errorCode(code).class === 'done') {
      if (code !== 0) this.#host.count('duplicates_recognised_total');
      this.#items.splice(this.#items.indexOf(item), 1);
      this.#sent--;
      if (item.stamp!.producerId === this.#producer?.id) this.#acknowledgedAt = Date.now();
      this.#learnOffset(item, answer);
      this.finish(item);
    } else {
      noteError(item, code);
      this.#errors.set(item, {
        ...failureOfCode(code, this.name, text),
        number: code,
        badRecords: answer?.badRecords ?? [],
      });
      this.#blocked = true;
    }
    if (this.#unanswered > 0) return;
    if (this.#errors.size > 0) void this.#endRound();
    else if (this.gone) this.#giveBack();
    else this.#link?.schedule();
  }
  #learnOffset(item: BatchItem, answer: ProduceAnswer | undefined): void {
    if (answer === undefined || answer.baseOffset < 0n || item.topicId !== this.topicId) return;
    const last = answer.baseOffset + BigInt(item.batch.count) - 1n;
    if (last > this.#lastOffset) this.#lastOffset = last;
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
      if (first.maybeStored)
        this.#toRecovery(sent); // an earlier try may have arrived
      else {
        this.#items.shift();
        this.#toRecovery(sent.slice(1));
        this.refuse(first, { ...failure, class: 'never' }, failure.badRecords);
      }
    } else if (failure.code === denied && this.#host.deniedForGood(this.topic)) {
      this.#refuseDenied(sent, failure);
    } else if (failure.class === 'recover') {
      this.#host.trouble(failure);
      this.#toRecovery(sent);
    } else {
      // Everything sent keeps its stamp and its place, and goes out again in order.
      await this.#pauseFor(failure, first.attempts);
    }
    this.#blocked = false;
    if (this.gone) this.#giveBack();
    else this.#link?.schedule();
  }
  /** The user has no right to the topic while others of the sink take theirs: nobody else waits for it. */
  #refuseDenied(sent: readonly BatchItem[], failure: Failure): void {
    const known = sent.findIndex((item) => item.maybeStored);
    const refused = known < 0 ? sent : sent.slice(0, known);
    this.#items.splice(0, refused.length);
    this.#toRecovery(sent.slice(refused.length));
    for (const item of refused) this.refuse(item, { ...failure, class: 'never' }, []);
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
    await this.#host.pauseForTry(attempt, slow);
    if (failure.class !== 'retry') await this.#host.refresh();
    this.#blocked = false;
    this.#link?.schedule();
  }
}
