/** `npm run test:two-sinks -- [--seconds S] [--rounds N]`: the live sink's rate with the other dead, against both alive, in turns. */
import { parseArgs } from 'node:util';
import { TwoSinks } from './two-sinks.js';

const keptMin = 0.95;
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '20' }, rounds: { type: 'string', default: '3' } },
});
const [seconds, rounds] = [Number(values.seconds), Number(values.rounds)];
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const two = await TwoSinks.start();
try {
  two.feed();
  await two.rate(5);
  const rates = { alive: [] as number[], dead: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    rates.alive.push(await two.rate(seconds));
    await two.dying.nodes[0]?.kill();
    await two.rate(2);
    rates.dead.push(await two.rate(seconds));
    await two.dying.nodes[0]?.start();
    await caughtUp(two);
  }
  const mean = (list: readonly number[]) => list.reduce((sum, one) => sum + one, 0) / list.length;
  const kept = mean(rates.dead) / mean(rates.alive);
  for (const [name, list] of Object.entries(rates))
    console.log(`other sink ${name}: ${list.map(Math.round).join(', ')} events/s`);
  console.log(`the live sink keeps ${(kept * 100).toFixed(1)} % of its rate`);
  if (kept < keptMin) process.exitCode = 1;
} finally {
  await two.end();
}
process.exit();

/** With what waited for the dead sink delivered, the next round begins like the first. */
async function caughtUp(sinks: TwoSinks): Promise<void> {
  await sinks.rest();
  for (;;) {
    const [live, dying] = [await sinks.delivered('live'), await sinks.delivered('dying')];
    if (live === dying) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  sinks.feed();
  await sinks.rate(2);
}
