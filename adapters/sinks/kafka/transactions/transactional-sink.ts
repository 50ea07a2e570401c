import { randomBytes } from 'node:crypto';
import { backoffMs, pause, pauseForTry } from '../../../../engine/backoff.js';
import type { JournalPosition, Sink, SinkContext, SinkSpec, StoredBatch } from '../../../../engine/contracts.js';
import { DeliveryError } from '../../../../engine/errors.js';
import { type BatchItem, newItem } from '../batch-item.js';
import { Cluster } from '../cluster.js';
import { failureOf } from '../cluster-error.js';
import { announceDictionary } from '../dictionary-topic.js';
import { countersOf, type Figure, transactionFigures } from '../figures.js';
import type { RecordRange } from '../record-cut.js';
import type { KafkaSettings } from '../settings.js';
import { splitItem } from '../split-item.js';
import { deliveryError, Trouble } from '../trouble.js';
import { TransactionLost } from './coordinator.js';
import { DeliveryCursor, type RefusedRecords } from './delivery-cursor.js';
import { Leaders } from './leaders.js';
import { type SenderHost, type Sent, sendInOrder } from './partition-sender.js';
import { transactionalIdOf } from './transactional-id.js';
import { Transactions } from './transactions.js';

/** Of the time after which the cluster gives a transaction up: what is left is for the last slice, and for ending it. */
const sendingPart = 0.25;
/** After so many batches the time is looked at; half as many each time that a transaction is lost. */
const batchesPerSlice = 64;

/** What a transaction holds so far. */
interface OpenTransaction {
  /** Items from the first on: all of these are sent or refused. */
  taken: number;
  /** 'topic-partition' that the coordinator was told of. */
  readonly partitions: Set<string>;
  readonly sent: Sent[];
}

/**
 * Delivers in transactions, one a commit interval, for consumers that read only what is committed. How far the journal has come
 * is committed within each of them, so that the cluster itself knows what is delivered: no send log is needed, and the start
 * begins where the last committed transaction ended.
 */
export class TransactionalSink implements Sink {
  readonly spec: SinkSpec;
  readonly inFlightBytesMax: number;
  readonly #settings: KafkaSettings;
  readonly #abort = new AbortController();
  readonly #cluster: Cluster;
  readonly #leaders: Leaders;
  readonly #transactions: Transactions;
  readonly #trouble: Trouble;
  readonly #sender: SenderHost;
  readonly #figures = countersOf(transactionFigures);
  readonly #id: string;
  /** This process, in the cursors that it commits. */
  readonly #instance = randomBytes(6).toString('hex');
  #cursor: DeliveryCursor;
  #number = -1n;
  #waiting: BatchItem[] = [];
  #waitingBytes = 0;
  #inFlight = 0;
  #inFlightBytes = 0;
  #rotation = 0;
  #started = false;
  #fenced = false;
  #running: Promise<void> = Promise.resolve();
  #wake: (() => void) | null = null;

  constructor(spec: SinkSpec, settings: KafkaSettings, context: SinkContext) {
    this.spec = spec;
    this.#settings = settings;
    this.inFlightBytesMax = settings.inFlightBytesMax;
    this.#id = transactionalIdOf(spec, context);
    this.#trouble = new Trouble(context.log, context.breaker);
    this.#cursor = new DeliveryCursor(this.#instance);
    const host = {
      signal: this.#abort.signal,
      pauseForTry: (attempt: number, baseMs: number) =>
        pauseForTry(backoffMs(attempt, baseMs, settings.backoffMaxMs), context.breaker, this.#abort.signal),
      transactionalId: this.#id,
      trouble: (failure: Parameters<Trouble['note']>[0]) => {
        if (!this.#abort.signal.aborted) this.#trouble.note(failure);
      },
      succeeded: () => this.#trouble.clear(),
      answered: (bytes: number, throttledMs: number) => {
        this.#count('requests_total');
        this.#count('throttled_seconds_total', throttledMs / 1000);
        this.#count('answered_bytes_total', bytes);
      },
      count: (figure: Figure, by?: number) => this.#count(figure, by),
    };
    this.#cluster = new Cluster(settings, this.#abort.signal);
    this.#leaders = new Leaders(this.#cluster, settings, host);
    this.#transactions = new Transactions(
      this.#id,
      settings.topics[0]!,
      settings.transactionTimeoutMs,
      this.#cluster,
      host,
    );
    this.#sender = { ...host, leaders: this.#leaders, transactions: this.#transactions, sequences: new Map() };
  }

  async start(): Promise<void> {
    for (let attempt = 1; !this.#topicsKnown(); attempt++) {
      await this.#leaders.refresh();
      if (this.#abort.signal.aborted) throw this.#stopped();
      if (!this.#topicsKnown()) await this.#sender.pauseForTry(attempt, 100);
    }
    const committed = await this.#begin();
    if (committed !== null) {
      this.#cursor = committed.cursor.copy(this.#instance);
      this.#number = committed.number;
    }
    this.#started = true;
    this.#trouble.clear();
    this.#running = this.#run();
  }

  /** Ends whatever is open, and tells how far it had come; it does not give up, since going on without knowing could store twice. */
  async #begin(): ReturnType<Transactions['committed']> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#transactions.takeOver();
        this.#sender.sequences.clear();
        return await this.#transactions.committed();
      } catch (error) {
        if (this.#abort.signal.aborted) throw this.#stopped();
        this.#trouble.note(failureOf(error));
        await this.#sender.pauseForTry(attempt, 100);
      }
    }
  }

  deliver(batch: StoredBatch): Promise<void> {
    if (this.#abort.signal.aborted) return Promise.reject(this.#stopped());
    if (this.#cursor.covers(batch.position)) return this.#answerCommitted(batch);
    this.#inFlight++;
    this.#inFlightBytes += batch.bytes.length;
    const delivered = new Promise<void>((resolve, reject) => this.#waiting.push(newItem(batch, { resolve, reject })));
    this.#waitingBytes += batch.bytes.length;
    this.#wake?.();
    return delivered.finally(() => {
      this.#inFlight--;
      this.#inFlightBytes -= batch.bytes.length;
      this.#wake?.();
    });
  }

  forget(): void {}

  partitionCount(route: number): Promise<number> {
    const ask = async (): Promise<number> => {
      for (let attempt = 1; !this.#abort.signal.aborted; attempt++) {
        const count = this.#leaders.partitionCount(this.#topicOf(route));
        if (count > 0) return count;
        await this.#leaders.refresh();
        await this.#sender.pauseForTry(attempt, 100);
      }
      throw this.#stopped();
    };
    return ask();
  }

  keepDictionary(name: string, bytes: Uint8Array): Promise<void> {
    return announceDictionary(this.#settings, name, bytes, this.#abort.signal);
  }

  health(): { ready: boolean; detail: string } {
    const { detail, serious } = this.#trouble;
    if (detail !== null) return { ready: this.#started && !this.#fenced && !serious, detail };
    if (!this.#started) return { ready: false, detail: 'connecting to Kafka' };
    return { ready: true, detail: `delivers to ${this.#settings.topics.join(', ')} in transactions` };
  }

  figures(): Readonly<Record<string, number>> {
    return {
      ...this.#figures,
      in_flight_bytes: this.#inFlightBytes,
      in_flight_batches: this.#inFlight,
      brokers_connected: this.#leaders.connected,
    };
  }

  async stop(deadlineMs: number): Promise<void> {
    const until = performance.now() + deadlineMs;
    while (this.#inFlight > 0 && performance.now() < until) await pause(5, this.#abort.signal);
    this.#abort.abort();
    this.#wake?.();
    this.#leaders.close();
    this.#transactions.close();
    this.#cluster.close();
    await this.#running;
    for (const item of this.#waiting.splice(0)) item.reject(this.#stopped());
  }

  /** One transaction after another. */
  async #run(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      if (this.#waiting.length === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      const deadline = performance.now() + this.#settings.transactionIntervalMs;
      while (
        this.#waitingBytes < this.inFlightBytesMax / 2 &&
        performance.now() < deadline &&
        !this.#abort.signal.aborted
      )
        await pause(Math.min(10, Math.max(1, deadline - performance.now())), this.#abort.signal);
      const items = this.#waiting.splice(0);
      this.#waitingBytes = 0;
      await this.#transact(items);
    }
  }

  /** Until all of it is committed, in as many transactions as that takes, or the sink stops. */
  async #transact(items: readonly BatchItem[]): Promise<void> {
    let rest = items;
    for (let attempt = 1; rest.length > 0 && !this.#abort.signal.aborted; attempt++) {
      const open: OpenTransaction = { taken: 0, partitions: new Set(), sent: [] };
      let next = this.#cursor;
      const committed = () => {
        this.#committed(next, open.sent);
        rest = rest.slice(open.taken);
        attempt = 0;
      };
      try {
        await this.#send(rest, open, Math.max(1, batchesPerSlice >> Math.min(attempt - 1, 30)));
        next = this.#cursorAfter(rest.slice(0, open.taken), open.sent);
        await this.#transactions.commit(next, this.#number + 1n);
        committed();
      } catch (error) {
        if (this.#abort.signal.aborted) break;
        const code = error instanceof TransactionLost ? error.code : 'UNEXPECTED';
        const text = `transaction ${this.#id}: ${error instanceof Error ? error.message : error}: it is done again`;
        this.#trouble.note({ class: 'retry', code, text });
        this.#count('transactions_redone_total');
        if (await this.#recover()) committed();
        else await this.#sender.pauseForTry(attempt, 50);
      }
    }
    for (const item of rest) item.reject(this.#stopped());
  }
  /** True: the transaction that seemed lost was committed. False: it is to be done again, or the sink stops. */
  async #recover(): Promise<boolean> {
    await this.#leaders.refresh();
    const committed = await this.#begin().catch(() => null);
    if (committed === null || committed.number <= this.#number) return false;
    if (committed.cursor.by === this.#instance) return true;
    await this.#standBack();
    return false;
  }
  /** Another process delivers this journal, or a copy of it: going on would deliver twice. */
  async #standBack(): Promise<void> {
    this.#fenced = true;
    const text = `transaction ${this.#id}: another Penstock uses this journal's identity: stop one of the two, then start this one again`;
    this.#trouble.note({ class: 'wait', code: 'PRODUCER_FENCED', text });
    await new Promise<void>((resolve) => this.#abort.signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  /** Sends within a transaction what a part of its time suffices for, from the first on, so that the cursor can tell how far it came. */
  async #send(items: readonly BatchItem[], open: OpenTransaction, perSlice: number): Promise<void> {
    const until = performance.now() + this.#settings.transactionTimeoutMs * sendingPart;
    while (open.taken < items.length && (open.taken === 0 || performance.now() < until)) {
      const slice = items.slice(open.taken, open.taken + perSlice);
      open.sent.push(...(await this.#sendSlice(slice, open)));
      open.taken += slice.length;
    }
  }
  /** Each partition in order, the partitions beside one another. */
  async #sendSlice(items: readonly BatchItem[], open: OpenTransaction): Promise<Sent[]> {
    const places = new Map<string, { topic: string; partition: number; items: BatchItem[] }>();
    for (const item of items) {
      const { topic, partition } = this.#placeOf(item.batch);
      const name = `${topic}-${partition}`;
      const place = places.get(name);
      if (place === undefined) places.set(name, { topic, partition, items: [item] });
      else place.items.push(item);
    }
    const added = [...places].filter(([name]) => !open.partitions.has(name)).map(([, place]) => place);
    const topics = [...new Set(added.map(({ topic }) => topic))].map((name) => ({
      name,
      partitions: added.filter(({ topic }) => topic === name).map(({ partition }) => partition),
    }));
    if (topics.length > 0) await this.#transactions.addPartitions(topics);
    for (const name of places.keys()) open.partitions.add(name);
    // All are waited for, also when one fails: nothing of an old transaction may be on its way when the next begins.
    const all = [...places.values()];
    const results = await Promise.allSettled(all.map((place) => sendInOrder(this.#sender, place, place.items)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return results.flatMap((result) => (result as PromiseFulfilledResult<Sent[]>).value);
  }
  #placeOf(batch: StoredBatch): { topic: string; partition: number } {
    const topic = this.#topicOf(batch.route);
    const count = this.#leaders.partitionCount(topic);
    if (count === 0) throw new TransactionLost('TOPIC_GONE');
    const partition = batch.partition >= 0 ? batch.partition % count : this.#rotation++ % count;
    return { topic, partition };
  }

  #cursorAfter(items: readonly BatchItem[], sent: readonly Sent[]): DeliveryCursor {
    const next = this.#cursor.copy();
    for (const { source } of items) next.advance(source.next);
    next.refused = refusedOf(sent);
    return next;
  }
  #committed(cursor: DeliveryCursor, sent: readonly Sent[]): void {
    this.#cursor = cursor;
    this.#number += 1n;
    this.#count('transactions_total');
    this.#trouble.clear();
    for (const { item, refusal } of sent) {
      this.#count(refusal === null ? 'delivered_records_total' : 'refused_records_total', item.batch.count);
      if (refusal === null) {
        this.#count('delivered_batches_total');
        item.resolve();
      } else item.reject(deliveryError(refusal));
    }
  }
  /** The cursor of the last transaction covers it: it is stored; what was refused of it may not yet be a dead letter. */
  #answerCommitted(batch: StoredBatch): Promise<void> {
    this.#count('skipped_batches_total');
    const refused = this.#cursor.refusedOf(batch.position);
    if (refused === undefined) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const ranges: RecordRange[] = refused.ranges.map(([first, count]) => ({ first, count }));
      const item = newItem(batch, { resolve, reject });
      const error = new DeliveryError('never', refused.code, `${refused.code}: refused before the last start`);
      for (const part of splitItem(item, ranges) ?? [item]) part.reject(error);
    });
  }

  #topicsKnown(): boolean {
    return this.#settings.topics.every((topic) => this.#leaders.partitionCount(topic) > 0);
  }
  #topicOf(route: number): string {
    return this.#settings.topics[route] ?? this.#settings.topics[0]!;
  }
  #count(figure: Figure, by = 1): void {
    this.#figures[figure] = (this.#figures[figure] ?? 0) + by;
  }
  #stopped(): DeliveryError {
    return new DeliveryError('wait', 'STOPPED', `sink ${this.spec.url} was stopped`);
  }
}

/** What was refused, by batch. */
function refusedOf(sent: readonly Sent[]): RefusedRecords[] {
  const found = new Map<StoredBatch, { position: JournalPosition; code: string; ranges: [number, number][] }>();
  for (const { item, refusal } of sent) {
    if (refusal === null) continue;
    const range: [number, number] = [item.first, item.batch.count];
    const known = found.get(item.source);
    if (known === undefined)
      found.set(item.source, { position: item.source.position, code: refusal.code, ranges: [range] });
    else known.ranges.push(range);
  }
  return [...found.values()];
}
