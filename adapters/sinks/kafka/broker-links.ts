import { BrokerLink, type LinkEvents } from './broker-link.js';
import type { KafkaSettings } from './settings.js';
import type { BrokerAddress } from './wire/apis/metadata.js';

/** What is known of the cluster's brokers now. */
interface Brokers {
  readonly brokers: ReadonlyMap<number, BrokerAddress>;
}

/** The Produce connections to the brokers that lead partitions of ours: `connections` to each. */
export class BrokerLinks {
  /** By broker and number. */
  readonly #links = new Map<string, BrokerLink>();

  constructor(
    private readonly cluster: Brokers,
    private readonly settings: Pick<KafkaSettings, 'connection' | 'connections'>,
    private readonly events: LinkEvents,
  ) {}

  /** Null: no such broker is known. A partition keeps to one connection: its batches stay in order there. */
  to(leader: number, partition: number): BrokerLink | null {
    const address = this.cluster.brokers.get(leader);
    if (address === undefined) return null;
    const name = `${leader}/${partition % this.settings.connections}`;
    let link = this.#links.get(name);
    if (link === undefined) {
      link = new BrokerLink(leader, address, this.settings.connection, this.events);
      this.#links.set(name, link);
    }
    link.moveTo(address);
    return link;
  }

  /** Brokers that left the cluster answer nothing any more: their connections are closed. */
  closeAbsent(): void {
    for (const [name, link] of this.#links) {
      if (this.cluster.brokers.has(link.id)) continue;
      link.close();
      this.#links.delete(name);
    }
  }

  /** Brokers with a connection that is open. */
  get connected(): number {
    return new Set([...this.#links.values()].filter((link) => link.connected).map(({ id }) => id)).size;
  }

  close(): void {
    for (const link of this.#links.values()) link.close();
  }
}
