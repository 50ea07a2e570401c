import { pause } from '../../../engine/backoff.js';
import { asClusterError, ClusterError } from './cluster-error.js';
import { errorCode } from './error-codes.js';
import { readTail, type TailBound, type TailReading } from './partition-tail.js';
import type { KafkaSettings } from './settings.js';
import { failureOfCode } from './trouble.js';
import type { Api } from './wire/api.js';
import { createTopics } from './wire/apis/create-topics.js';
import { describeProducers, type ProducerState } from './wire/apis/describe-producers.js';
import { initProducerId } from './wire/apis/init-producer-id.js';
import { type BrokerAddress, metadata, type TopicMetadata } from './wire/apis/metadata.js';
import type { Endpoint } from './wire/connect.js';
import { Connection } from './wire/connection.js';

const newTopicMs = 200;

/**
 * Everything we ask the cluster besides Produce. These requests have connections of their own: a broker answers a
 * connection's requests one after another, and a Produce request may wait long for replicas.
 */
export class Cluster {
  brokers: ReadonlyMap<number, BrokerAddress> = new Map();
  readonly #settings: KafkaSettings;
  readonly #signal: AbortSignal;
  #control: Connection | null = null;
  #connecting: Promise<Connection> | null = null;
  #bootstrapAt = Math.floor(Math.random() * 64);

  constructor(settings: KafkaSettings, signal: AbortSignal) {
    this.#settings = settings;
    this.#signal = signal;
  }

  /** Topics as the cluster sees them now; also renews `brokers`. Missing topics are created when that is configured. */
  async describeTopics(names: readonly string[]): Promise<readonly TopicMetadata[]> {
    const answer = await this.ask(metadata, { topics: names });
    if (answer.brokers.length > 0) this.brokers = new Map(answer.brokers.map((broker) => [broker.id, broker]));
    if (this.#settings.create === null) return answer.topics;
    const missing = answer.topics.filter((topic) => errorCode(topic.errorCode).name === 'UNKNOWN_TOPIC_OR_PARTITION');
    if (missing.length === 0) return answer.topics;
    const refused = new Map<string, number>();
    for (const topic of missing) {
      const code = await this.#create(topic.name, this.#settings.create, names.length === 1);
      if (code !== 0) refused.set(topic.name, code);
    }
    // The new topics' leaders are not known everywhere at once.
    if (refused.size < missing.length) await pause(newTopicMs, this.#signal);
    const { topics } = await this.ask(metadata, { topics: names });
    return topics.map((topic) => ({
      ...topic,
      errorCode: topic.errorCode && (refused.get(topic.name) ?? topic.errorCode),
    }));
  }

  /** A producer id that nobody ever used. */
  async newProducer(): Promise<{ readonly id: bigint; readonly epoch: number }> {
    const answer = await this.ask(initProducerId, {});
    if (answer.errorCode !== 0)
      throw new ClusterError(failureOfCode(answer.errorCode, 'asking for a producer id', null));
    return { id: answer.producerId, epoch: answer.epoch };
  }

  /** What the leader of a partition knows of producers. */
  describeProducers(leader: number, topic: string, partition: number): Promise<readonly ProducerState[]> {
    const object = `producers of ${topic}-${partition}`;
    return this.#askLeader(leader, object, async (connection) => {
      const answer = await connection.call(describeProducers, { topic, partition });
      if (answer.errorCode !== 0) throw new ClusterError(failureOfCode(answer.errorCode, object, answer.errorMessage));
      return answer.producers;
    });
  }
  /** Reads the end of a partition from its leader (see readTail). */
  readTail(
    leader: number,
    place: { readonly topic: string; readonly partition: number },
    bound: TailBound,
    visit: (batch: Buffer) => void,
  ): Promise<TailReading> {
    const object = `reading ${place.topic}-${place.partition}`;
    return this.#askLeader(leader, object, (connection) => readTail(connection, place, bound, visit));
  }

  close(): void {
    this.#control?.close();
  }

  /** 0, or the broker's error code; with `only` that is thrown, since no other topic can do without this one. */
  async #create(topic: string, wish: { partitions: number; replication: number }, only: boolean): Promise<number> {
    const configs: [string, string][] = wish.replication >= 3 ? [['min.insync.replicas', '2']] : [];
    const timeoutMs = Math.min(this.#settings.connection.requestTimeoutMs, 30_000);
    const answer = await this.ask(createTopics, { topic, ...wish, configs, timeoutMs });
    const refused = answer.errorCode !== 0 && errorCode(answer.errorCode).class !== 'done';
    if (refused && only)
      throw new ClusterError(failureOfCode(answer.errorCode, `creating topic ${topic}`, answer.errorMessage));
    return refused ? answer.errorCode : 0;
  }

  async #askLeader<T>(leader: number, object: string, ask: (connection: Connection) => Promise<T>): Promise<T> {
    const address = this.brokers.get(leader);
    if (address === undefined) throw new ClusterError(failureOfCode(5, object, null));
    const connection = await this.open(address);
    try {
      return await ask(connection);
    } catch (error) {
      throw asClusterError(error);
    } finally {
      connection.close();
    }
  }
  /** Asks any broker. Rejects with ClusterError. */
  async ask<Q, S>(api: Api<Q, S>, request: Q): Promise<S> {
    try {
      const control = await this.#controlConnection();
      return await control.call(api, request);
    } catch (error) {
      throw asClusterError(error);
    }
  }
  /** One for all who ask, also for those who ask while it is being made. */
  async #controlConnection(): Promise<Connection> {
    const current = this.#control;
    if (current?.open && performance.now() < current.retireAt) return current;
    this.#connecting ??= this.open(this.#anyEndpoint()).finally(() => {
      this.#connecting = null;
    });
    const next = await this.#connecting;
    if (this.#control !== next) this.#control?.close();
    this.#control = next;
    return next;
  }
  /** Known brokers and bootstrap servers in turn: any of them may be down or gone. */
  #anyEndpoint(): Endpoint {
    const all = [...this.#settings.bootstrap, ...this.brokers.values()];
    this.#bootstrapAt = (this.#bootstrapAt + 1) % all.length;
    return all[this.#bootstrapAt]!;
  }
  /** A connection of the caller's own. Rejects with ClusterError. */
  async open(endpoint: Endpoint): Promise<Connection> {
    try {
      const connection = await Connection.open(endpoint, this.#settings.connection);
      if (this.#signal.aborted) connection.close(); // nobody else would: all that were open are closed already
      return connection;
    } catch (error) {
      throw asClusterError(error);
    }
  }
}
