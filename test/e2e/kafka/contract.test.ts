import { after, before } from 'node:test';
import { openAdmin } from '../../../adapters/sinks/kafka/admin.js';
import { sink } from '../../../adapters/sinks/kafka/sink.js';
import { sinkSuite } from '../../contract/sink-suite.js';
import { KafkaCluster } from './broker.js';
import { makeSink } from './sink-kit.js';

let cluster: KafkaCluster;
before(async () => {
  cluster = await KafkaCluster.start();
});
after(() => cluster?.stop());

sinkSuite({
  type: sink,
  create: (stateDir) =>
    makeSink(cluster.bootstrap(), 'contract', { create_topics: true, partitions: 3, replication: 1 }, stateDir),
  async read() {
    const times = new Map<string, number>();
    const admin = openAdmin({ brokers: [cluster.bootstrap()] });
    await admin.readAll('contract', ({ value }) => {
      const text = String(value);
      times.set(text, (times.get(text) ?? 0) + 1);
    });
    await admin.close();
    return times;
  },
});
