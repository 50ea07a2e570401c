import { openAdmin } from '../../adapters/sinks/kafka/admin.js';
import type { KafkaCluster } from '../e2e/kafka/broker.js';
import type { CrashTarget } from './crash-run.js';
import { findKey } from './event-keys.js';

const readTimeoutMs = 300_000;

/** A topic of three partitions, read back by kafkajs, which sees only what is committed where there are transactions. */
export function kafkaTarget(cluster: KafkaCluster, transactions = false): CrashTarget {
  const bootstrap = cluster.bootstrap();
  const topic = transactions ? 'crash-transactions' : 'crash';
  const more = transactions ? '&transactions=true&transaction_interval_ms=50' : '';
  return {
    name: transactions ? 'transactions' : 'kafka',
    kinds: ['steady', 'start', 'backlog', 'rotation', 'drain', 'double', 'doubt'],
    countsWhileKilled: false,
    deliver: () => `kafka://${bootstrap}/${topic}?create_topics=true&partitions=3&replication=1${more}`,
    stall: () => cluster.nodes[0]?.pause(),
    resume: () => cluster.nodes[0]?.resume(),
    async read(_, into) {
      const admin = openAdmin({ brokers: [bootstrap] });
      try {
        const readOne = ({ value }: { value: Buffer | null }): void => {
          const found = value && findKey(value);
          if (found) into.add(found.key);
        };
        await admin.readAll(topic, readOne, readTimeoutMs);
      } finally {
        await admin.close();
      }
    },
  };
}
