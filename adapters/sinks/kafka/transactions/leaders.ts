import { BrokerLink } from '../broker-link.js';
import type { Cluster } from '../cluster.js';
import { failureOf } from '../cluster-error.js';
import type { KafkaSettings } from '../settings.js';
import { type Failure, failureOfCode } from '../trouble.js';

export interface LeadersHost {
  readonly signal: AbortSignal;
  readonly transactionalId: string;
  pauseForTry(attempt: number, baseMs: number): Promise<void>;
  trouble(failure: Failure): void;
  answered(bytes: number, throttledMs: number): void;
}

/** Which broker leads which partition, and the connections to them. */
export class Leaders {
  readonly #links = new Map<number, BrokerLink>();
  readonly #leaders = new Map<string, readonly number[]>();
  #refreshing: Promise<void> | null = null;

  constructor(
    private readonly cluster: Cluster,
    private readonly settings: KafkaSettings,
    private readonly host: LeadersHost,
  ) {}

  /** Asks the cluster anew; never rejects. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }
  /** 0: not known, or not there. */
  partitionCount(topic: string): number {
    return this.#leaders.get(topic)?.length ?? 0;
  }
  linkOf(topic: string, partition: number): BrokerLink | null {
    const leader = this.#leaders.get(topic)?.[partition] ?? -1;
    const address = this.cluster.brokers.get(leader);
    if (address === undefined) return null;
    let link = this.#links.get(leader);
    if (link === undefined) {
      link = new BrokerLink(leader, address, this.settings.connection, {
        signal: this.host.signal,
        pauseForTry: (attempt) => this.host.pauseForTry(attempt, 100),
        transactionalId: this.host.transactionalId,
        failed: (failure) => this.host.trouble(failure),
        connected: () => {},
        answered: (bytes, throttledMs) => this.host.answered(bytes, throttledMs),
      });
      this.#links.set(leader, link);
    }
    link.moveTo(address);
    return link;
  }
  get connected(): number {
    return [...this.#links.values()].filter((link) => link.connected).length;
  }
  close(): void {
    for (const link of this.#links.values()) link.close();
  }

  async #refresh(): Promise<void> {
    try {
      for (const topic of await this.cluster.describeTopics(this.settings.topics)) {
        const failure = failureOfCode(topic.errorCode, `topic ${topic.name}`, null);
        if (topic.errorCode !== 0) this.host.trouble(topic.errorCode === 3 ? { ...failure, class: 'wait' } : failure);
        else {
          const leaders = Array<number>(Math.max(-1, ...topic.partitions.map(({ index }) => index)) + 1).fill(-1);
          for (const { index, leader } of topic.partitions) leaders[index] = leader;
          this.#leaders.set(topic.name, leaders);
        }
      }
      for (const [id, link] of this.#links) {
        if (this.cluster.brokers.has(id)) continue;
        link.close();
        this.#links.delete(id);
      }
    } catch (error) {
      if (!this.host.signal.aborted) this.host.trouble(failureOf(error));
    }
  }
}
