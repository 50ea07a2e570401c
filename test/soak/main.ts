/**
 * `npm run test:soak -- [--minutes M] [--senders N] [--sink kafka|store] [--load PERCENT]`: measures what the engine takes here, then sends
 * 70 % of it from 10,000 senders that come and go.
 */
import { parseArgs } from 'node:util';
import { KafkaCluster } from '../e2e/kafka/broker.js';
import { PenstockProcess } from '../support/penstock-process.js';
import { measureCapacity } from './capacity.js';
import { soak } from './soak.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    senders: { type: 'string', default: '10000' },
    sink: { type: 'string', default: 'kafka' },
    load: { type: 'string', default: '70' },
  },
});
const [minutes, senders, load] = [Number(values.minutes), Number(values.senders), Number(values.load)];
if (!(minutes > 0) || !(senders >= 20) || !(load > 0) || !['kafka', 'store'].includes(values.sink)) {
  process.stderr.write(
    'Usage: npm run test:soak -- [--minutes M] [--senders N] [--sink kafka|store] [--load PERCENT]\n',
  );
  process.exit(64);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const say = (line: string): void => console.log(line);
const retention = { 'log.retention.bytes': String(64 * 2 ** 20), 'log.segment.bytes': String(32 * 2 ** 20) };
const hourly = { 'log.retention.check.interval.ms': '10000' };
const cluster = values.sink === 'kafka' ? await KafkaCluster.start({ properties: { ...retention, ...hourly } }) : null;
const capacitySeconds = 15;
let penstock: PenstockProcess | null = null;
try {
  const deliver = cluster
    ? `kafka://${cluster.bootstrap()}/soak?create_topics=true&partitions=6&replication=1`
    : 'store:./data';
  penstock = await PenstockProcess.start({
    listen: ['syslog+tcp', 'syslog+udp', 'http'],
    deliver,
    env: { PENSTOCK_CONNECTIONS_MAX: String(2 * senders), PENSTOCK_SHUTDOWN_TIMEOUT_MS: '60000' },
  });
  const [tcp, udp, http] = penstock.ports as [number, number, number];
  const capacity = await measureCapacity(penstock, tcp, capacitySeconds);
  const eventsPerSecond = Math.round((capacity * load) / 100);
  say(
    `capacity here: ${Math.round(capacity)} events/s delivered; sending ${eventsPerSecond}/s from ${senders} senders`,
  );
  const found = await soak({
    penstock,
    deliver,
    ports: { tcp, udp, http },
    senders,
    eventsPerSecond,
    warmUpSeconds: Math.min(180, minutes * 15),
    seconds: minutes * 60,
    sampleSeconds: 5,
    limits: { memoryPart: 0.1, files: 4, series: 0 },
    say,
  });
  if (found.length > 0) throw new Error(found.join('\n'));
  say('memory, files and series stayed as they were; every event is accounted for');
} catch (error) {
  console.error(`FAILED: ${error instanceof Error ? error.message : error}\n${penstock?.output.slice(-2000) ?? ''}`);
  process.exitCode = 1;
} finally {
  await penstock?.dispose();
  await cluster?.stop();
}
process.exit();
