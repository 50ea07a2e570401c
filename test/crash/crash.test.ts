/** kill -9 at seeded points while events flow: what was acknowledged is in the sink, and nothing is there twice. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { KafkaCluster } from '../e2e/kafka/broker.js';
import { type CrashTarget, runCrashTest } from './crash-run.js';
import { kafkaTarget } from './kafka-target.js';
import { replayCommand, reportLines } from './report.js';
import { storeTarget } from './store-target.js';

let cluster: KafkaCluster;
before(async () => {
  cluster = await KafkaCluster.start();
});
after(() => cluster?.stop());

const seed = Math.floor(Date.now() / 1000) % 1_000_000;

function crashTest(name: string, cycles: number, target: () => CrashTarget): void {
  test(`${name}: ${cycles} cycles of kill -9 lose nothing acknowledged and repeat nothing`, async (t) => {
    const replay = replayCommand(target().name, seed, cycles);
    const said: string[] = [];
    const settings = { target: target(), seed, cycles, verifyEvery: cycles, say: (line: string) => said.push(line) };
    const report = await runCrashTest(settings).catch((error: Error) => {
      throw new Error(`${error.message}\n${said.at(-1)}\nagain: ${replay}`);
    });
    assert.deepEqual(report.failures, [], `again: ${replay}\ndata directory: ${report.directory}`);
    assert.ok(report.acknowledged > 0 && report.tcpKept > 0, 'events flowed');
    for (const line of [replay, ...reportLines(report)]) t.diagnostic(line);
  });
}

crashTest('Kafka', 15, () => kafkaTarget(cluster));
crashTest('Kafka with transactions', 4, () => kafkaTarget(cluster, true));
crashTest('store', 6, () => storeTarget);
