import { backoffMs, pause, pauseForTry } from '../../../engine/backoff.js';
import type { JournalPosition, Sink, SinkContext, SinkSpec, StoredBatch } from '../../../engine/contracts.js';
import { DeliveryError } from '../../../engine/errors.js';
import { certificateEndsMs } from '../../lib/pem-files.js';
import { type BatchItem, newItem } from './batch-item.js';
import { BrokerLinks } from './broker-links.js';
import { Cluster } from './cluster.js';
import { failureOf } from './cluster-error.js';
import { Denials } from './denials.js';
import { announceDictionary } from './dictionary-topic.js';
import { errorCode } from './error-codes.js';
import { countersOf, type Figure, figures } from './figures.js';
import { Placement } from './placement.js';
import { type SendEntry, SendLog } from './send-log.js';
import type { KafkaSettings } from './settings.js';
import type { SinkHost } from './sink-host.js';
import { storedCrc } from './stamp.js';
import { deliveryError, type Failure, failureOfCode, Trouble } from './trouble.js';
import type { TopicMetadata } from './wire/apis/metadata.js';

/** Partitions may be added and leaders moved without any error reaching us. */
const metadataAgeMs = 60_000;
/**
 * For so long at least a broker remembers a producer that has sent something (producer.id.expiration.ms, 24 hours by default; the
 * manual asks for ten minutes).
 */
const rememberedMs = 60_000;
const holdMsMax = 10_000;

/** What tests set and users cannot. */
export interface Internals {
  /** Where each producer id begins to count: near the wrap, to see it. */
  readonly firstSequence?: number;
  readonly metadataAgeMs?: number;
  readonly rememberedMs?: number;
}

/** Delivers stored batches to Kafka topics, each exactly once (see README.md, "What is guaranteed"). */
export class KafkaSink implements Sink {
  readonly spec: SinkSpec;
  readonly inFlightBytesMax: number;
  readonly #settings: KafkaSettings;
  /** When the certificate shown to brokers stops being valid, seconds since the epoch. */
  readonly #certificateEnds: number | null;
  readonly #context: SinkContext;
  readonly #abort = new AbortController();
  readonly #cluster: Cluster;
  readonly #trouble: Trouble;
  /** As the cluster last told. */
  #topicMissing = false;
  readonly #denials: Denials;
  readonly #host: SinkHost;
  readonly #links: BrokerLinks;
  readonly #placement: Placement;
  /** Asks for topics that are waited for again; null: none is. */
  #askTimer: NodeJS.Timeout | null = null;
  #asked = 0;
  readonly #figures = countersOf(figures);
  readonly #lanesSeen = new Set<number>();
  #log: SendLog | null = null;
  #refreshing: Promise<void> | null = null;
  #producer: Promise<{ readonly id: bigint; readonly epoch: number } | null> | null = null;
  #refreshTimer: NodeJS.Timeout | null = null;
  #started = false;
  readonly #firstSequence: number;
  readonly #metadataAgeMs: number;
  readonly #rememberedMs: number;
  /** The reading of a partition's tail that runs, or ran last. */
  #tailReading: Promise<unknown> = Promise.resolve();
  #inFlightBytes = 0;
  #inFlightBatches = 0;
  #onIdle: (() => void) | null = null;

  constructor(spec: SinkSpec, settings: KafkaSettings, context: SinkContext, internals: Internals = {}) {
    this.#firstSequence = internals.firstSequence ?? 0;
    this.#rememberedMs = internals.rememberedMs ?? rememberedMs;
    this.#metadataAgeMs = internals.metadataAgeMs ?? metadataAgeMs;
    this.spec = spec;
    this.#settings = settings;
    const cert = settings.connection.tls?.cert;
    this.#certificateEnds = cert === undefined ? null : certificateEndsMs(Buffer.from(cert)) / 1000;
    this.#context = context;
    this.inFlightBytesMax = settings.inFlightBytesMax;
    this.#cluster = new Cluster(settings, this.#abort.signal);
    this.#denials = new Denials(settings.deniedWaitMs);
    this.#trouble = new Trouble(context.log, context.breaker);
    this.#links = this.#makeLinks();
    this.#host = this.#makeHost();
    this.#placement = new Placement(settings.topics, this.#links, this.#host, context.log);
  }

  async start(): Promise<void> {
    for (let attempt = 0; !this.#started; attempt++) {
      if (this.#abort.signal.aborted) throw stopped(this.spec);
      if (this.#logOpens()) await this.#refresh();
      // One is enough: a topic that is not there, or not for us, holds up no other.
      this.#started = this.#log !== null && this.#placement.known.length > 0;
      if (!this.#started) await this.#pauseForTry(attempt, 100);
    }
    if (!this.#topicMissing) this.#trouble.clear();
    this.#askAgain();
    this.#refreshTimer = setInterval(() => void this.#refresh(), this.#metadataAgeMs);
    this.#refreshTimer.unref();
  }

  deliver(batch: StoredBatch): Promise<void> {
    if (this.#abort.signal.aborted) return Promise.reject(stopped(this.spec));
    this.#learnCursor(batch.position);
    this.#inFlightBytes += batch.bytes.length;
    this.#inFlightBatches++;
    const delivered = new Promise<void>((resolve, reject) => {
      if (!this.#placement.place(newItem(batch, { resolve, reject })) && this.#started) this.#askAgain();
    });
    return delivered.finally(() => {
      this.#inFlightBytes -= batch.bytes.length;
      this.#inFlightBatches--;
      if (this.#inFlightBatches === 0) this.#onIdle?.();
    });
  }

  forget(position: JournalPosition): void {
    this.#log?.forget(position);
  }

  keepDictionary(name: string, bytes: Uint8Array): Promise<void> {
    return announceDictionary(this.#settings, name, bytes, this.#abort.signal);
  }

  health(): { ready: boolean; detail: string } {
    const { detail, serious } = this.#trouble;
    if (detail !== null) return { ready: this.#started && !serious, detail };
    if (!this.#started) return { ready: false, detail: 'connecting to Kafka' };
    return { ready: true, detail: `delivers to ${this.#settings.topics.join(', ')}` };
  }

  figures(): Readonly<Record<string, number>> {
    return {
      ...this.#figures,
      in_flight_bytes: this.#inFlightBytes,
      in_flight_batches: this.#inFlightBatches,
      brokers_connected: this.#links.connected,
      send_log_entries: this.#log?.size ?? 0,
      ...(this.#certificateEnds !== null && { certificate_expiry_timestamp_seconds: this.#certificateEnds }),
    };
  }

  async stop(deadlineMs: number): Promise<void> {
    if (this.#inFlightBatches > 0 && deadlineMs > 0) {
      const idle = new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
      await Promise.race([idle, pause(deadlineMs, this.#abort.signal)]);
    }
    this.#abort.abort();
    if (this.#refreshTimer !== null) clearInterval(this.#refreshTimer);
    if (this.#askTimer !== null) clearTimeout(this.#askTimer);
    this.#links.close();
    this.#cluster.close();
    this.#placement.abandon({ class: 'wait', code: 'STOPPED', text: stopped(this.spec).message });
    this.#log?.close();
    this.#log = null;
  }

  /** How many partitions the topic of a route has, for keyed partitioning. Waits until Kafka tells; rejects when stopped. */
  async partitionCount(route: number): Promise<number> {
    const topic = this.#placement.topicOf(route);
    for (let attempt = 0; !this.#abort.signal.aborted; attempt++) {
      if (this.#placement.partitionsOf(topic) === undefined) await this.#refresh();
      const count = this.#placement.partitionsOf(topic);
      if (count !== undefined) return count;
      await pause(backoffMs(attempt, 100, this.#settings.backoffMaxMs), this.#abort.signal);
    }
    throw stopped(this.spec);
  }

  #openLog(): SendLog {
    if (this.#log !== null) return this.#log;
    this.#log = SendLog.open(this.#context.stateDir);
    if (this.#log.damagedRecords > 0)
      this.#context.log.warn(
        { records: this.#log.damagedRecords },
        'the send log has damaged records: batches sent shortly before the last end may be sent again',
      );
    return this.#log;
  }
  /** Whether the system lets us: the disk may be full, or files too many. Someone may see to that. */
  #logOpens(): boolean {
    try {
      this.#openLog();
      return true;
    } catch (error) {
      const text = `the send log cannot be opened: ${(error as Error).message}`;
      this.#trouble.note({ class: 'wait', code: 'SEND_LOG', text });
      return false;
    }
  }
  /** The engine begins each lane at its cursor: everything before is delivered. */
  #learnCursor(position: JournalPosition): void {
    if (this.#lanesSeen.has(position.lane)) return;
    this.#lanesSeen.add(position.lane);
    this.#openLog().forget(position);
  }
  #refresh(): Promise<void> {
    this.#refreshing ??= this.#refreshOnce().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }
  async #refreshOnce(): Promise<void> {
    try {
      const topics = await this.#cluster.describeTopics(this.#settings.topics);
      for (const topic of topics) this.#applyTopic(topic);
      this.#links.closeAbsent();
      this.#topicMissing = topics.some((topic) => isMissing(topic.errorCode));
      if (topics.every((topic) => topic.errorCode === 0)) this.#clearWhenIdle();
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#trouble.note(failureOf(error));
    }
  }
  #askAgain(): void {
    if (this.#askTimer !== null || !this.#placement.waits || this.#abort.signal.aborted) return;
    const ms = backoffMs(this.#asked++, 100, this.#settings.backoffMaxMs);
    this.#askTimer = setTimeout(() => {
      this.#askTimer = null;
      void this.#refresh().then(() => this.#askAgain());
    }, ms);
  }
  #applyTopic(topic: TopicMetadata): void {
    if (this.#abort.signal.aborted) return;
    if (topic.errorCode !== 0) {
      const failure = failureOfCode(topic.errorCode, `topic ${topic.name}`, null);
      const told: Failure = isMissing(topic.errorCode) ? { ...failure, class: 'wait' } : failure;
      this.#trouble.note(told);
      if (told.class === 'wait' && !this.#placement.known.includes(topic.name)) this.#refuseUnplaced(topic.name, told);
      return;
    }
    this.#denials.described(topic.name);
    this.#asked = 0;
    this.#placement.follow(topic);
    if (this.#started) this.#askAgain();
  }
  /** What waits for a topic that cannot be described for long, while another can. What may be stored already waits on. */
  #refuseUnplaced(topic: string, failure: Failure): void {
    if (!this.#denials.unknownForGood(topic, this.#placement.known)) return;
    for (const item of this.#placement.takeUnplaced(topic)) item.reject(deliveryError({ ...failure, class: 'never' }));
  }
  /** Without batches in flight no acknowledgement can say that all is well again; the connections do. */
  #clearWhenIdle(): void {
    if (this.#topicMissing) return;
    if (this.#started && this.#inFlightBatches === 0 && this.#placement.healthy) this.#trouble.clear();
  }
  async #producerFor(fresh: boolean): Promise<{ readonly id: bigint; readonly epoch: number } | null> {
    if (fresh) return this.#newProducer();
    this.#producer ??= this.#newProducer();
    return this.#producer;
  }
  async #newProducer(): Promise<{ readonly id: bigint; readonly epoch: number } | null> {
    for (let attempt = 0; !this.#abort.signal.aborted; attempt++) {
      try {
        return await this.#cluster.newProducer();
      } catch (error) {
        if (!this.#abort.signal.aborted) this.#trouble.note(failureOf(error));
        await this.#pauseForTry(attempt, 100);
      }
    }
    return null;
  }
  #pauseForTry(attempt: number, baseMs: number): Promise<void> {
    const ms = backoffMs(attempt, baseMs, this.#settings.backoffMaxMs);
    return pauseForTry(ms, this.#context.breaker, this.#abort.signal);
  }
  #makeLinks(): BrokerLinks {
    return new BrokerLinks(this.#cluster, this.#settings, {
      signal: this.#abort.signal,
      pauseForTry: (attempt) => this.#pauseForTry(attempt, 100),
      failed: (failure) => {
        this.#trouble.note(failure);
        void this.#refresh();
      },
      connected: () => this.#clearWhenIdle(),
      answered: (bytes, throttledMs) => {
        this.#count('requests_total');
        this.#count('throttled_seconds_total', throttledMs / 1000);
        this.#count('answered_bytes_total', bytes);
      },
    });
  }
  #makeHost(): SinkHost {
    const openLog = () => this.#openLog();
    return {
      signal: this.#abort.signal,
      backoffMaxMs: this.#settings.backoffMaxMs,
      pauseForTry: (attempt, baseMs) => this.#pauseForTry(attempt, baseMs),
      holdMs: Math.min(holdMsMax, this.#settings.connection.requestTimeoutMs),
      get log() {
        return openLog();
      },
      refresh: () => this.#refresh(),
      producerFor: (fresh) => this.#producerFor(fresh),
      describeProducers: (topic, partition) =>
        this.#cluster.describeProducers(this.#placement.leaderOf(topic, partition), topic, partition),
      firstSequence: this.#firstSequence,
      rememberedMs: this.#rememberedMs,
      readTail: (topic, partition, bound, visit) => {
        const leader = () => this.#placement.leaderOf(topic, partition);
        const read = () => this.#cluster.readTail(leader(), { topic, partition }, bound, visit);
        const reading = this.#tailReading.then(read, read);
        this.#tailReading = reading.catch(() => {});
        return reading;
      },
      logStamp: (item, place, isVoid) => this.#openLog().append(entryOf(item, place, isVoid)),
      logStored: (item, place, { first, count }) =>
        this.#openLog().append({ ...entryOf(item, place, false), first: item.first + first, count, stored: true }),
      replace: (items) => {
        for (const item of items) if (!this.#placement.replace(item)) this.#askAgain();
      },
      report: (text, fields) => this.#context.log.warn(fields, text),
      deniedForGood: (topic) => this.#denials.forGood(topic),
      delivered: (item, topic) => {
        this.#denials.delivered(topic);
        this.#openLog().settle(item.batch.position, item.first);
        this.#count('delivered_batches_total');
        this.#count('delivered_records_total', item.batch.count);
        // What another topic takes says nothing of the one that is missing: health would change with every batch.
        if (this.#topicMissing) this.#context.breaker?.succeeded();
        else this.#trouble.clear();
      },
      trouble: (failure) => {
        if (!this.#abort.signal.aborted) this.#trouble.note(failure);
      },
      count: (figure, by) => this.#count(figure, by),
    };
  }
  #count(figure: Figure, by = 1): void {
    this.#figures[figure] = (this.#figures[figure] ?? 0) + by;
  }
}

function entryOf(
  item: BatchItem,
  place: { readonly topic: string; readonly index: number },
  isVoid: boolean,
): SendEntry {
  return {
    position: item.source.position,
    first: item.first,
    count: item.batch.count,
    topic: place.topic,
    topicId: item.topicId,
    partition: place.index,
    stamp: item.stamp!,
    after: item.after,
    crc: storedCrc(item.source.bytes),
    stampedAt: Date.now(),
    void: isVoid,
  };
}
function stopped(spec: SinkSpec): DeliveryError {
  return new DeliveryError('wait', 'STOPPED', `sink ${spec.url} was stopped`);
}

/** What the cluster says of a topic that is not there, or not for us: somebody has to act. */
function isMissing(code: number): boolean {
  return code === 3 || errorCode(code).class === 'wait';
}
