/** `npm run test:crash -- [--cycles N] [--seed S] [--sink kafka|transactions|store]`: the long form of crash.test.ts. */
import { parseArgs } from 'node:util';
import { KafkaCluster } from '../e2e/kafka/broker.js';
import { type CrashTarget, runCrashTest } from './crash-run.js';
import { kafkaTarget } from './kafka-target.js';
import { replayCommand, reportLines } from './report.js';
import { storeTarget } from './store-target.js';

const cyclesDefault = 200;
const verifyEvery = 50;

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: String(cyclesDefault) },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    sink: { type: 'string', default: 'kafka' },
  },
});
const [cycles, seed] = [Number(values.cycles), Number(values.seed)];
if (!(cycles >= 1) || !Number.isInteger(seed) || !['kafka', 'transactions', 'store'].includes(values.sink)) {
  process.stderr.write('Usage: npm run test:crash -- [--cycles N] [--seed S] [--sink kafka|transactions|store]\n');
  process.exit(64);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const replay = replayCommand(values.sink, seed, cycles);
console.log(`crash test: ${replay}`);
const cluster = values.sink !== 'store' ? await KafkaCluster.start() : null;
try {
  const target: CrashTarget = cluster === null ? storeTarget : kafkaTarget(cluster, values.sink === 'transactions');
  const report = await runCrashTest({ target, seed, cycles, verifyEvery, say: (line) => console.log(line) });
  if (report.failures.length > 0) throw new Error(`${report.failures.join('\n')}\ndata directory: ${report.directory}`);
  for (const line of reportLines(report)) console.log(line);
} catch (error) {
  console.error(`FAILED: ${error instanceof Error ? error.message : error}\nagain: ${replay}`);
  process.exitCode = 1;
} finally {
  await cluster?.stop();
}
process.exit();
