/**
 * A sink that takes little, and for a while ten times as much as it takes: the journal absorbs it, no sender is refused, and it is
 * drained afterwards while new events keep flowing.
 */
import { openAdmin } from '../../adapters/sinks/kafka/admin.js';
import { findKey, KeyCounts } from '../crash/event-keys.js';
import { KafkaCluster } from '../e2e/kafka/broker.js';
import { PenstockProcess } from '../support/penstock-process.js';
import { ThrottledProxy } from '../support/throttled-proxy.js';
import { HttpLine } from './http-line.js';

export interface SpikeSettings {
  /** What the sink takes, and how long it gets ten times as much. */
  readonly eventsPerSecond: number;
  readonly spikeSeconds: number;
  readonly say: (line: string) => void;
}

const factor = 10;
const topic = 'spike';
/** What one event is on the wire to the broker, uncompressed, at least. */
const eventBytes = 250;
/** How much faster the sink gets for the drain. */
const recovery = 40;
const drainTimeoutMs = 300_000;

/** Sentences about what went wrong; none: nothing did. */
export async function spike({ eventsPerSecond, spikeSeconds, say }: SpikeSettings): Promise<string[]> {
  const proxy = new ThrottledProxy();
  const port = await proxy.listen();
  const cluster = await KafkaCluster.start({ properties: { 'advertised.listeners': `PLAIN://127.0.0.1:${port}` } });
  proxy.target = cluster.nodes[0]?.ports.get('plain') ?? 0;
  const penstock = await PenstockProcess.start({
    listen: ['http'],
    deliver: `kafka://127.0.0.1:${port}/${topic}?create_topics=true&partitions=2&replication=1&in_flight_bytes_max=1MiB`,
    env: { PENSTOCK_COMPRESSION: 'none', PENSTOCK_BATCH_BYTES: '64KiB', PENSTOCK_LOG_LEVEL: 'warn' },
  });
  try {
    const line = new HttpLine(penstock.ports[0] as number);
    proxy.bytesPerSecond = eventsPerSecond * eventBytes;
    const started = Date.now();
    const during = await line.send(factor * eventsPerSecond, spikeSeconds * 1000);
    const waiting = await waitingEvents(penstock);
    const took = (during - waiting) / ((Date.now() - started) / 1000);
    say(
      `spike: ${during} events acknowledged in ${spikeSeconds} s, ${waiting} wait; the sink took ${Math.round(took)}/s`,
    );
    proxy.bytesPerSecond *= recovery;
    const draining = Date.now();
    let after = 0;
    do after += await line.send(eventsPerSecond, 500);
    while ((await waitingEvents(penstock)) > eventsPerSecond && Date.now() - draining < drainTimeoutMs);
    say(`drained in ${((Date.now() - draining) / 1000).toFixed(1)} s, while ${after} more events came`);
    const found: string[] = [];
    if (waiting < 2 * eventsPerSecond)
      found.push(`only ${waiting} of ${during} events waited: the sink was no bottleneck`);
    if (line.refused > 0) found.push(`${line.refused} requests were refused`);
    const code = await penstock.stop();
    if (code !== 0 || !/; 0 unaccounted for/.test(penstock.output))
      found.push(`it ended with ${code}: ${penstock.output}`);
    return [...found, ...(await compare(cluster.bootstrap(), line.sent))];
  } finally {
    await penstock.dispose();
    proxy.close();
    await cluster.stop();
  }
}

async function waitingEvents(penstock: PenstockProcess): Promise<number> {
  return penstock.metric('penstock_journal_events');
}

/** Every acknowledged event once. */
async function compare(bootstrap: string, sent: number): Promise<string[]> {
  const counts = new KeyCounts();
  const admin = openAdmin({ brokers: [bootstrap] });
  await admin.readAll(
    topic,
    ({ value }) => {
      const found = value && findKey(value);
      if (found) counts.add(found.key);
    },
    drainTimeoutMs,
  );
  await admin.close();
  let [lost, twice] = [0, 0];
  for (let n = 0; n < sent; n++) {
    if (counts.of(0, n) === 0) lost++;
    if (counts.of(0, n) > 1) twice++;
  }
  return lost + twice === 0
    ? []
    : [`of ${sent} acknowledged events ${lost} are not in the topic, ${twice} more than once`];
}
