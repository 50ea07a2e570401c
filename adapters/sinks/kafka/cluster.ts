import { backoffMs, pause } from './backoff.js';
import { errorCode } from './error-codes.js';
import type { KafkaSettings } from './settings.js';
import { type Failure, failureOfCode, failureOfError } from './trouble.js';
import type { Api } from './wire/api.js';
import { createTopics } from './wire/apis/create-topics.js';
import { describeProducers, type ProducerState } from './wire/apis/describe-producers.js';
import { initProducerId } from './wire/apis/init-producer-id.js';
import { type BrokerAddress, metadata, type TopicMetadata } from './wire/apis/metadata.js';
import type { Endpoint } from './wire/connect.js';
import { Connection } from './wire/connection.js';

/** A request that failed, as a Failure; `call` wraps whatever happened into it. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
  constructor(readonly failure: Failure) {
    super(failure.text);
  }
}

/**
 * Everything we ask the cluster besides Produce. These requests have connections of their own: a broker answers a
 * connection's requests one after another, and a Produce request may wait long for replicas.
 */
export class Cluster {
  brokers: ReadonlyMap<number, BrokerAddress> = new Map();
  readonly #settings: KafkaSettings;
  readonly #signal: AbortSignal;
  #control: Connection | null = null;
  #bootstrapAt = Math.floor(Math.random() * 64);

  constructor(settings: KafkaSettings, signal: AbortSignal) {
    this.#settings = settings;
    this.#signal = signal;
  }

  /** Topics as the cluster sees them now; also renews `brokers`. Missing topics are created when that is configured. */
  async describeTopics(names: readonly string[]): Promise<readonly TopicMetadata[]> {
    const answer = await this.#call(metadata, { topics: names });
    if (answer.brokers.length > 0) this.brokers = new Map(answer.brokers.map((broker) => [broker.id, broker]));
    if (this.#settings.create === null) return answer.topics;
    const missing = answer.topics.filter((topic) => errorCode(topic.errorCode).name === 'UNKNOWN_TOPIC_OR_PARTITION');
    if (missing.length === 0) return answer.topics;
    for (const topic of missing) await this.#create(topic.name, this.#settings.create);
    return (await this.#call(metadata, { topics: names })).topics;
  }

  /** A producer id that nobody ever used. */
  async newProducer(): Promise<{ readonly id: bigint; readonly epoch: number }> {
    const answer = await this.#call(initProducerId, {});
    if (answer.errorCode !== 0)
      throw new ClusterError(failureOfCode(answer.errorCode, 'asking for a producer id', null));
    return { id: answer.producerId, epoch: answer.epoch };
  }

  /** What the leader of a partition knows of producers. */
  async describeProducers(leader: number, topic: string, partition: number): Promise<readonly ProducerState[]> {
    const address = this.brokers.get(leader);
    const object = `producers of ${topic}-${partition}`;
    if (address === undefined) throw new ClusterError(failureOfCode(5, object, null));
    const connection = await this.#open(address);
    try {
      const answer = await connection.call(describeProducers, { topic, partition });
      if (answer.errorCode !== 0) throw new ClusterError(failureOfCode(answer.errorCode, object, answer.errorMessage));
      return answer.producers;
    } catch (error) {
      throw asClusterError(error);
    } finally {
      connection.close();
    }
  }

  close(): void {
    this.#control?.close();
  }

  async #create(topic: string, wish: { partitions: number; replication: number }): Promise<void> {
    const configs: [string, string][] = wish.replication >= 3 ? [['min.insync.replicas', '2']] : [];
    const timeoutMs = Math.min(this.#settings.connection.requestTimeoutMs, 30_000);
    const answer = await this.#call(createTopics, { topic, ...wish, configs, timeoutMs });
    if (answer.errorCode !== 0 && errorCode(answer.errorCode).class !== 'done')
      throw new ClusterError(failureOfCode(answer.errorCode, `creating topic ${topic}`, answer.errorMessage));
    // The new topic's leaders are not known everywhere at once.
    await pause(
      backoffMs(6, 10, 200, () => 1),
      this.#signal,
    );
  }

  async #call<Q, S>(api: Api<Q, S>, request: Q): Promise<S> {
    try {
      this.#control = await this.#controlConnection();
      return await this.#control.call(api, request);
    } catch (error) {
      throw asClusterError(error);
    }
  }
  async #controlConnection(): Promise<Connection> {
    const current = this.#control;
    if (current?.open && Date.now() < current.retireAt) return current;
    current?.close();
    return this.#open(this.#anyEndpoint());
  }
  /** Known brokers and bootstrap servers in turn: any of them may be down or gone. */
  #anyEndpoint(): Endpoint {
    const all = [...this.#settings.bootstrap, ...this.brokers.values()];
    this.#bootstrapAt = (this.#bootstrapAt + 1) % all.length;
    return all[this.#bootstrapAt]!;
  }
  async #open(endpoint: Endpoint): Promise<Connection> {
    try {
      return await Connection.open(endpoint, this.#settings.connection);
    } catch (error) {
      throw asClusterError(error);
    }
  }
}

function asClusterError(error: unknown): ClusterError {
  return error instanceof ClusterError ? error : new ClusterError(failureOfError(error));
}
