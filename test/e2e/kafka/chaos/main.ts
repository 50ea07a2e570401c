/** `npm run test:chaos -- [--scenario NAME,NAME] [--rounds N] [--seed S] [--hold SECONDS]`: the long form of chaos.test.ts. */
import { parseArgs } from 'node:util';
import { runScenario } from './chaos-run.js';
import { startChaosCluster } from './cluster.js';
import { scenarios, scenariosNamed } from './scenarios.js';

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: scenarios.map((scenario) => scenario.name).join(',') },
    rounds: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    hold: { type: 'string', default: '60' },
  },
});
const [rounds, seed, holdSeconds] = [Number(values.rounds), Number(values.seed), Number(values.hold)];
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const chosen = scenariosNamed(values.scenario.split(','));
const cluster = await startChaosCluster();
let failures = 0;
try {
  for (let round = 0; round < rounds; round++) {
    for (const scenario of chosen) {
      const begun = Date.now();
      console.log(`${scenario.name} (--scenario ${scenario.name} --seed ${seed + round})`);
      try {
        const say = (line: string): void => console.log(line);
        await runScenario(scenario, { cluster, seed: seed + round, holdMsMax: holdSeconds * 1000, say });
        console.log(`  ok, ${((Date.now() - begun) / 1000).toFixed(0)} s`);
      } catch (error) {
        failures++;
        console.error(`FAILED ${error instanceof Error ? error.message : error}`);
        for (const node of cluster.nodes) await node.restart();
      }
    }
  }
} finally {
  await cluster.stop();
}
console.log(failures === 0 ? 'all scenarios held' : `${failures} scenarios failed`);
process.exit(failures === 0 ? 0 : 1);
