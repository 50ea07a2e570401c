/** The short form of `npm run test:chaos`: a cluster of three brokers is harmed under load; nothing is lost, nothing is there twice. */
import { after, before, test } from 'node:test';
import type { KafkaCluster } from './broker.js';
import { runScenario } from './chaos/chaos-run.js';
import { startChaosCluster } from './chaos/cluster.js';
import { scenarios } from './chaos/scenarios.js';

let cluster: KafkaCluster;
before(async () => {
  cluster = await startChaosCluster();
});
after(() => cluster?.stop());

for (const scenario of scenarios.filter(({ short }) => short)) {
  test(`${scenario.name}: everything promised is in the topic once, without a restart`, {
    timeout: 900_000,
  }, async (t) => {
    await runScenario(scenario, { cluster, seed: 7, holdMsMax: 2000, say: (line) => t.diagnostic(line) });
  });
}
