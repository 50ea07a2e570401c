import { backoffMs, pause } from './backoff.js';
import { type BatchItem, noteError, sendPart } from './batch-item.js';
import type { BrokerLink } from './broker-link.js';
import { ClusterError } from './cluster.js';
import { errorCode } from './error-codes.js';
import type { SinkHost } from './sink-host.js';
import { advanceSequence, atOrAfter, lastSequence } from './stamp.js';
import { type Failure, failureOfCode, failureOfError } from './trouble.js';

/** The queue whose batches are in doubt. */
interface Place {
  readonly topic: string;
  readonly index: number;
  readonly name: string;
  readonly link: BrokerLink | null;
  finish(item: BatchItem): void;
  refuse(item: BatchItem, failure: Failure): void;
  restamp(items: readonly BatchItem[]): void;
}

/**
 * Kafka keeps a producer's state for 24 hours by default (producer.id.expiration.ms). Below half of that, a broker that does
 * not know the producer never stored anything of it.
 */
const forgottenAfterMs = 12 * 3600 * 1000;
/** So often may the broker call a sequence wrong that it asked for itself. */
const disagreementsMax = 3;

/**
 * Settles batches that were sent under stamps of which we do not know whether they arrived: after a restart, or when the broker
 * calls a sequence wrong. It asks the broker for the producer's last sequence and then, one batch at a time: what lies before it
 * is stored; what follows it is sent with its old stamp, so that a request still on its way cannot be stored twice; behind a gap
 * nothing can have been stored under that stamp, and the batch gets a new one.
 */
export class Recovery {
  readonly #place: Place;
  readonly #host: SinkHost;
  #items: BatchItem[] = [];
  #running = false;
  #attempts = 0;

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
    while (this.#items.length > 0 && !this.#host.signal.aborted) {
      try {
        await this.#settle(this.#items[0]!.stamp!.producerId);
        this.#attempts = 0;
      } catch (error) {
        await this.#pauseFor(error instanceof ClusterError ? error.failure : failureOfError(error));
      }
    }
    this.#running = false;
    this.#place.link?.schedule();
  }

  /** One pass over the batches of one producer id. Throws ClusterError when the broker cannot be asked or fails. */
  async #settle(producerId: bigint): Promise<void> {
    const { topic, index } = this.#place;
    const states = await this.#host.describeProducers(topic, index);
    const last = states.find((state) => state.producerId === producerId)?.lastSequence ?? this.#assumeLast(producerId);
    const behindGaps: BatchItem[] = [];
    try {
      if (last === null) behindGaps.push(...this.#takeForgotten(producerId));
      else await this.#settleFrom(producerId, last, behindGaps);
    } finally {
      if (behindGaps.length > 0) this.#place.restamp(behindGaps);
    }
  }
  /** `last`: the broker has everything up to this sequence and nothing behind it. */
  async #settleFrom(producerId: bigint, lastKnown: number, behindGaps: BatchItem[]): Promise<void> {
    const deadline = Date.now() + this.#host.holdMs;
    let last = lastKnown;
    let confirmed = false;
    while (!this.#host.signal.aborted) {
      const item = this.#next(producerId, last, confirmed, Date.now() >= deadline);
      if (item === null) return;
      if (item === 'hold') {
        await pause(20, this.#host.signal);
        continue;
      }
      const end = endOf(item);
      if (item.maybeStored && atOrAfter(last, end)) {
        // The last one is sent once more: its answer says that the replicas have it, and with it those before.
        if (end === last && (await this.#resend(item, true)) !== 'stored') continue;
        confirmed ||= end === last;
        this.#settled(item);
        this.#host.count('recovered_batches_total');
        continue;
      }
      const outcome = item.stamp!.baseSequence === advanceSequence(last, 1) ? await this.#resend(item, false) : 'gap';
      if (outcome === 'refused') return;
      if (outcome === 'gap') behindGaps.push(this.#remove(item));
      else {
        this.#settled(item);
        last = end;
        confirmed = true;
      }
    }
  }
  #takeForgotten(producerId: bigint): BatchItem[] {
    const mine = this.#items.filter((item) => item.stamp!.producerId === producerId);
    for (const item of mine) {
      this.#remove(item);
      if (item.maybeStored) this.#host.count('possible_duplicates_total', item.batch.count);
    }
    return mine;
  }

  /**
   * The broker does not know the producer. Stamped recently: nothing was ever stored, the sequence begins with the earliest
   * stamp we know. Long ago: it has forgotten, and we cannot tell.
   */
  #assumeLast(producerId: bigint): number | null {
    const entries = this.#outstanding(producerId);
    const first = entries.reduce<(typeof entries)[number] | null>(
      (best, entry) => (best === null || atOrAfter(best.stamp.baseSequence, entry.stamp.baseSequence) ? entry : best),
      null,
    );
    if (first === null || Date.now() - first.stampedAt > forgottenAfterMs) return null;
    return advanceSequence(first.stamp.baseSequence, 2 ** 31 - 1);
  }
  /** Stamps of this partition and producer that may still be sent. */
  #outstanding(producerId: bigint) {
    const { topic, index } = this.#place;
    return this.#host.log
      .entries()
      .filter(
        (entry) =>
          !entry.void &&
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
  /** Sends with the old stamp. `known`: the broker has it, as it said. Throws ClusterError for passing faults. */
  async #resend(item: BatchItem, known: boolean): Promise<'stored' | 'refused' | 'gap'> {
    const { link, topic, index, name } = this.#place;
    if (link === null) throw new ClusterError(failureOfCode(5, name, null));
    const { code, text } = await new Promise<{ code: number; text: string | null }>((resolve) =>
      link.sendAlone(sendPart(item, topic, index, (code, text) => resolve({ code, text }))),
    );
    const { class: errorClass } = errorCode(code);
    if (code === 0 || errorClass === 'done' || (known && errorClass === 'recover')) return 'stored';
    const failure = failureOfCode(code, name, text);
    if (errorClass === 'never') {
      this.#place.refuse(this.#remove(item), failure);
      return 'refused';
    }
    noteError(item, code);
    if (errorClass === 'recover' && ++item.attempts > disagreementsMax) return 'gap';
    throw new ClusterError(errorClass === 'recover' ? { ...failure, class: 'retry' } : failure);
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
