import { backoffMs, pause } from '../../../engine/backoff.js';
import { type BatchItem, mayBeForgotten, noteError, sendPart } from './batch-item.js';
import type { BrokerLink } from './broker-link.js';
import { ClusterError, failureOf } from './cluster-error.js';
import { errorCode } from './error-codes.js';
import type { SinkHost } from './sink-host.js';
import { advanceSequence, atOrAfter, lastSequence } from './stamp.js';
import { compareWithTail } from './tail-settling.js';
import { type Failure, failureOfCode } from './trouble.js';

/** The queue whose batches are in doubt. */
export interface Place {
  readonly topic: string;
  readonly topicId: string;
  readonly index: number;
  readonly name: string;
  readonly link: BrokerLink | null;
  finish(item: BatchItem): void;
  refuse(item: BatchItem, failure: Failure, badRecords: readonly number[]): void;
  /** Items that get a new stamp, before what comes after them and is not yet sent. */
  restamp(items: readonly BatchItem[]): void;
  /** The same for items that stand for what is left of `item`. */
  exchange(item: BatchItem, rest: readonly BatchItem[]): void;
  /** True: the partition is no more. */
  readonly gone: boolean;
}

/** So often may the broker call a sequence wrong that it asked for itself. */
const disagreementsMax = 3;
/** After so many tries a batch that always arrives damaged is damaged here. */
export const corruptTriesMax = 5;

/**
 * Settles batches that were sent under stamps of which we do not know whether they arrived: after a restart, or when the broker
 * calls a sequence wrong. It asks the broker for the producer's last sequence and then, one batch at a time: what lies before it
 * is stored; what follows it is sent with its old stamp, so that a request still on its way cannot be stored twice; behind a gap
 * nothing can have been stored under that stamp, and the batch gets a new one.
 *
 * Where the broker does not know the producer (its state expired, the topic was created anew, records were deleted) the
 * partition's tail is read first: what is there needs no sending (see tail-settling.ts).
 */
export class Recovery {
  readonly #place: Place;
  readonly #host: SinkHost;
  #items: BatchItem[] = [];
  #running = false;
  #attempts = 0;
  /** Producers of which the broker's word on sequences says nothing about what was stored before. */
  readonly #forgotten = new Set<bigint>();

  constructor(place: Place, host: SinkHost) {
    this.#place = place;
    this.#host = host;
  }

  get idle(): boolean {
    return this.#items.length === 0;
  }
  add(items: readonly BatchItem[]): void {
    this.#items.push(...items);
    if (!this.#running) void this.#run();
  }
  /** Gives up; answers what is left. */
  stop(): BatchItem[] {
    return this.#items.splice(0);
  }

  async #run(): Promise<void> {
    this.#running = true;
    await this.#host.refresh();
    while (this.#items.length > 0 && !this.#host.signal.aborted) {
      if (this.#place.gone) {
        this.#host.replace(this.#items.splice(0));
        break;
      }
      try {
        await this.#settle(this.#items[0]!.stamp!.producerId);
        this.#attempts = 0;
      } catch (error) {
        await this.#pauseFor(failureOf(error));
      }
    }
    this.#running = false;
    this.#place.link?.schedule();
  }

  /** One pass over the batches of one producer id. Throws ClusterError when the broker cannot be asked or fails. */
  async #settle(producerId: bigint): Promise<void> {
    const { topic, index } = this.#place;
    const states = await this.#host.describeProducers(topic, index);
    const known = states.find((state) => state.producerId === producerId)?.lastSequence;
    const mine = () => this.#items.filter((item) => item.stamp!.producerId === producerId);
    if (known === undefined ? this.#mayBeForgotten(mine()) : mine().some((item) => this.#elsewhere(item)))
      this.#forgotten.add(producerId);
    if (this.#forgotten.has(producerId)) {
      const doubtful = mine().filter((item) => item.maybeStored);
      const { stored, partly } = await compareWithTail(this.#place, this.#host, doubtful);
      for (const item of stored) this.#settled(item);
      for (const { item, rest } of partly) {
        this.#place.exchange(this.#remove(item), rest);
      }
    }
    const first = known ?? this.#lastBefore(producerId, mine());
    if (first !== null) await this.#settleFrom(producerId, first);
  }
  /** The batch was sent to an earlier topic of this name. */
  #elsewhere(item: BatchItem): boolean {
    return item.topicId !== this.#place.topicId;
  }
  /** A producer that the broker does not know, and that it cannot have forgotten, has stored nothing. */
  #mayBeForgotten(items: readonly BatchItem[]): boolean {
    return items.some((item) => this.#elsewhere(item) || mayBeForgotten(item, this.#host.rememberedMs));
  }
  /** `last`: the broker has everything up to this sequence and nothing behind it. */
  async #settleFrom(producerId: bigint, lastKnown: number): Promise<void> {
    const deadline = performance.now() + this.#host.holdMs;
    let last = lastKnown;
    let confirmed = false;
    while (!this.#host.signal.aborted) {
      const item = this.#next(producerId, last, confirmed, performance.now() >= deadline);
      if (item === null) return;
      if (item === 'hold') {
        await pause(20, this.#host.signal);
        continue;
      }
      const end = endOf(item);
      // Handed over after the tail was read: it is looked for there first.
      if (item.maybeStored && this.#forgotten.has(producerId)) return;
      if (item.maybeStored && atOrAfter(last, end)) {
        // The last one is sent once more: its answer says that the replicas have it, and with it those before.
        if (end === last && !(await this.#confirmed(item))) continue;
        confirmed ||= end === last;
        this.#settled(item);
        this.#host.count('recovered_batches_total');
        continue;
      }
      const outcome = item.stamp!.baseSequence === advanceSequence(last, 1) ? await this.#resend(item) : 'gap';
      if (outcome === 'refused') return;
      if (outcome === 'gap') this.#place.restamp([this.#remove(item)]);
      else {
        this.#settled(item);
        last = end;
        confirmed = true;
      }
    }
  }
  /**
   * The broker does not know the producer and takes any sequence from it: the one before the earliest stamp that may still be
   * sent. Old stamps are used all the same, so that a request still on its way cannot be stored twice.
   */
  #lastBefore(producerId: bigint, mine: readonly BatchItem[]): number | null {
    if (mine.length === 0) return null; // settled, or the sink stopped
    const sequences = [
      ...mine.map((item) => item.stamp!),
      ...this.#outstanding(producerId).map((entry) => entry.stamp),
    ];
    const first = sequences.map((stamp) => stamp.baseSequence).reduce((a, b) => (atOrAfter(a, b) ? b : a));
    return advanceSequence(first, 2 ** 31 - 1);
  }
  /** Stamps of this partition and producer that may still be sent. */
  #outstanding(producerId: bigint) {
    const { topic, index } = this.#place;
    return this.#host.log.entries(
      (entry) =>
        !entry.void &&
        !entry.stored &&
        !entry.settled &&
        entry.stamp.producerId === producerId &&
        entry.partition === index &&
        entry.topic === topic,
    );
  }
  /**
   * The batch to treat next: the last stored one, those before it, then the one that follows. While the engine may still hand
   * over a batch that belongs before (or is the last stored one), the others wait for it; once `expired`, no longer.
   */
  #next(producerId: bigint, last: number, confirmed: boolean, expired: boolean): BatchItem | 'hold' | null {
    const mine = this.#items.filter((item) => item.stamp!.producerId === producerId);
    if (mine.length === 0) return null;
    const outstanding = expired ? [] : this.#outstanding(producerId);
    const lastStored = mine.find((item) => endOf(item) === last);
    if (lastStored !== undefined) return lastStored;
    const stored = mine.find((item) => atOrAfter(last, endOf(item)));
    if (stored !== undefined) {
      const lastComes = outstanding.some((entry) => lastSequence(entry.stamp.baseSequence, entry.count) === last);
      return lastComes && !confirmed ? 'hold' : stored;
    }
    const expected = advanceSequence(last, 1);
    const following = mine.find((item) => item.stamp!.baseSequence === expected);
    if (following !== undefined) return following;
    return outstanding.some((entry) => entry.stamp.baseSequence === expected) ? 'hold' : mine[0]!;
  }
  /**
   * The broker says that it has the item's sequence; sent again it answers when the replicas have it, too. Where it refuses to look
   * (the limit on sizes was lowered) the tail of the partition, which shows only what the replicas have, must show it.
   */
  async #confirmed(item: BatchItem): Promise<boolean> {
    const { code, text } = await this.#send(item);
    const { class: errorClass } = errorCode(code);
    if (code === 0 || errorClass === 'done' || errorClass === 'recover') return true;
    if (errorClass === 'never') {
      const { stored, complete } = await compareWithTail(this.#place, this.#host, [item]);
      item.maybeStored = true;
      if (stored.length > 0 || !complete) return true;
      throw new ClusterError({ ...failureOfCode(code, this.#place.name, text), class: 'retry' });
    }
    throw new ClusterError(failureOfCode(code, this.#place.name, text));
  }
  /** Sends with the old stamp. Throws ClusterError for passing faults. */
  async #resend(item: BatchItem): Promise<'stored' | 'refused' | 'gap'> {
    const { code, text, badRecords } = await this.#send(item);
    const { class: errorClass } = errorCode(code);
    if (code === 0 || errorClass === 'done') return 'stored';
    const failure = failureOfCode(code, this.#place.name, text);
    const corrupt = code === 2 && ++item.attempts >= corruptTriesMax;
    if (errorClass === 'never' || corrupt) {
      this.#place.refuse(this.#remove(item), { ...failure, class: 'never' }, badRecords);
      return 'refused';
    }
    noteError(item, code);
    if (errorClass === 'recover' && ++item.attempts > disagreementsMax) return 'gap';
    throw new ClusterError(errorClass === 'recover' ? { ...failure, class: 'retry' } : failure);
  }
  #send(item: BatchItem): Promise<{ code: number; text: string | null; badRecords: readonly number[] }> {
    const { link, topic, index, topicId, name } = this.#place;
    if (link === null) throw new ClusterError(failureOfCode(5, name, null));
    item.topicId = topicId;
    return new Promise((resolve) =>
      link.sendAlone(
        sendPart(item, topic, index, (code, text, answer) =>
          resolve({ code, text, badRecords: answer?.badRecords ?? [] }),
        ),
      ),
    );
  }
  #settled(item: BatchItem): void {
    this.#place.finish(this.#remove(item));
  }
  #remove(item: BatchItem): BatchItem {
    this.#items.splice(this.#items.indexOf(item), 1);
    return item;
  }
  async #pauseFor(failure: Failure): Promise<void> {
    this.#host.trouble(failure);
    const base = failure.class === 'wait' ? 1000 : 50;
    await pause(backoffMs(++this.#attempts, base, this.#host.backoffMaxMs), this.#host.signal);
    await this.#host.refresh();
  }
}

function endOf(item: BatchItem): number {
  return lastSequence(item.stamp!.baseSequence, item.batch.count);
}
