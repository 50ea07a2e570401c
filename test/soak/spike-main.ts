/** `npm run test:spike -- [--seconds S] [--rate EVENTS_PER_SECOND]`: ten times what a slow sink takes, for a minute. */
import { parseArgs } from 'node:util';
import { spike } from './spike.js';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, rate: { type: 'string', default: '1000' } },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const found = await spike({
  eventsPerSecond: Number(values.rate),
  spikeSeconds: Number(values.seconds),
  say: (line) => console.log(line),
});
for (const sentence of found) console.error(`FAILED: ${sentence}`);
process.exit(found.length === 0 ? 0 : 1);
