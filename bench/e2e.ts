/** (c) End to end: the engine as a process, driven by `penstock send`; events per CPU-second of the engine alone. */
import { type InputName, inputFile } from './inputs/inputs.js';
import { type Engine, send, startEngine } from './lib/engine.js';
import { alternate, type Figure, fromPairs } from './lib/figures.js';
import { dropTopic, newTopic } from './lib/kafka.js';
import { type Metrics, quantile } from './lib/metrics.js';
import { cpuSeconds, memoryOf, until } from './lib/process.js';
import { BatchAlone, ZstdAlone } from './limits.js';

export interface EndToEnd {
  readonly key: string;
  readonly scheme: 'syslog+tcp' | 'syslog+udp' | 'ndjson+tcp' | 'http';
  readonly input: InputName;
  readonly deliver: 'null' | 'store' | 'kafka';
  readonly env?: NodeJS.ProcessEnv;
  /** Events a second; 0: as many as it takes. */
  readonly rate?: number;
}

const plain = { PENSTOCK_COMPRESSION: 'none' };
const json = { PENSTOCK_ENCODING: 'json' };

export const endToEnd: readonly EndToEnd[] = [
  { key: 'syslog_tcp_zstd_null', scheme: 'syslog+tcp', input: 'syslog', deliver: 'null' },
  { key: 'syslog_tcp_plain_null', scheme: 'syslog+tcp', input: 'syslog', deliver: 'null', env: plain },
  { key: 'ndjson_tcp_zstd_null', scheme: 'ndjson+tcp', input: 'ndjson', deliver: 'null' },
  { key: 'ndjson_tcp_plain_null', scheme: 'ndjson+tcp', input: 'ndjson', deliver: 'null', env: plain },
  { key: 'syslog_udp_zstd_null', scheme: 'syslog+udp', input: 'syslog', deliver: 'null', rate: 100_000 },
  { key: 'syslog_tcp_zstd_kafka', scheme: 'syslog+tcp', input: 'syslog', deliver: 'kafka' },
  { key: 'ndjson_tcp_zstd_kafka', scheme: 'ndjson+tcp', input: 'ndjson', deliver: 'kafka' },
  { key: 'syslog_tcp_zstd_store', scheme: 'syslog+tcp', input: 'syslog', deliver: 'store' },
  { key: 'ndjson_http_zstd_null', scheme: 'http', input: 'ndjson', deliver: 'null' },
  { key: 'syslog_tcp_zstd_null_json', scheme: 'syslog+tcp', input: 'syslog', deliver: 'null', env: json },
  { key: 'ndjson_tcp_zstd_null_json', scheme: 'ndjson+tcp', input: 'ndjson', deliver: 'null', env: json },
  { key: 'syslog_tcp_zstd_kafka_json', scheme: 'syslog+tcp', input: 'syslog', deliver: 'kafka', env: json },
  { key: 'ndjson_tcp_zstd_kafka_json', scheme: 'ndjson+tcp', input: 'ndjson', deliver: 'kafka', env: json },
  { key: 'vendors_tcp_zstd_null', scheme: 'syslog+tcp', input: 'vendors', deliver: 'null' },
  { key: 'linux_tcp_zstd_null', scheme: 'syslog+tcp', input: 'linux', deliver: 'null' },
  { key: 'apache_tcp_zstd_null', scheme: 'syslog+tcp', input: 'apache', deliver: 'null' },
  { key: 'windows_tcp_zstd_null', scheme: 'ndjson+tcp', input: 'windows', deliver: 'null' },
  { key: 'cloudtrail_tcp_zstd_null', scheme: 'ndjson+tcp', input: 'cloudtrail', deliver: 'null' },
  { key: 'zeek_tcp_zstd_null', scheme: 'ndjson+tcp', input: 'zeek', deliver: 'null' },
];

const pairs = 5;
const drainTimeoutMs = 20_000;
const connections = 4;
const referenceMs = 150;

/** One figure: `seconds` of load for each of five pairs, the reference (zstd or the batch kernel alone) in between. */
export async function benchEndToEnd(test: EndToEnd, seconds: number, folder: string): Promise<Figure> {
  return withEngine(test, async (engine) => {
    const load = { file: inputFile(test.input, folder), connections, rate: test.rate ?? 0 };
    const to = `${test.scheme}://${engine.address}`;
    const plainBatches = test.env?.PENSTOCK_COMPRESSION === 'none';
    const limit = plainBatches ? new BatchAlone(test.input) : new ZstdAlone(test.input);
    let sent = (await send(to, { ...load, seconds: 1 })).sent;
    await drained(engine, sent, test);
    const before = await engine.metrics();
    const measured = await alternate(
      pairs,
      async () => {
        const cpu = cpuSeconds(engine.child.pid);
        const delivered = (await engine.metrics()).sum('penstock_events_delivered_total');
        sent += (await send(to, { ...load, seconds })).sent;
        const now = await drained(engine, sent, test);
        return (now.sum('penstock_events_delivered_total') - delivered) / (cpuSeconds(engine.child.pid) - cpu);
      },
      () => limit.measure(referenceMs),
    );
    const after = await engine.metrics();
    const reference = plainBatches ? 'framing, parsing and batching alone' : 'zstd 1 alone';
    return fromPairs(measured, 'events/CPU-s', reference, details(before, after, sent, engine));
  });
}

/** Starts the engine for a test and ends it, whatever happens. */
export async function withEngine<T>(
  test: Pick<EndToEnd, 'scheme' | 'deliver' | 'env'>,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const kafka = test.deliver === 'kafka' ? await newTopic() : undefined;
  const deliver = kafka
    ? `kafka://${kafka.bootstrap}/${kafka.topic}`
    : { null: 'null:', store: 'store:@DATA@/store', kafka: '' }[test.deliver];
  const engine = await startEngine(test.scheme, deliver, test.env);
  try {
    return await work(engine);
  } finally {
    await engine.stop();
    if (kafka) await dropTopic(kafka.bootstrap, kafka.topic);
  }
}

/** Waits until all that was sent (UDP: received) is delivered; the metrics then. */
export async function drained(engine: Engine, sent: number, test: Pick<EndToEnd, 'scheme'>): Promise<Metrics> {
  let metrics = await engine.metrics();
  let received = -1;
  await until(
    'everything is delivered',
    async () => {
      const earlier = received;
      metrics = await engine.metrics();
      received = metrics.sum('penstock_events_received_total');
      const all = test.scheme === 'syslog+udp' ? received === earlier : received >= sent;
      return all && metrics.sum('penstock_events_delivered_total') === received;
    },
    drainTimeoutMs,
    engine.child,
    20,
  );
  return metrics;
}

function details(before: Metrics, after: Metrics, sent: number, engine: Engine): NonNullable<Figure['details']> {
  const grown = (name: string) => after.sum(name) - before.sum(name);
  const events = grown('penstock_events_delivered_total');
  const round = (value: number, digits = 2) => Math.round(value * 10 ** digits) / 10 ** digits;
  const ms = (q: number) => round(quantile(before, after, 'penstock_delivery_latency_seconds', q) * 1000);
  return {
    events,
    bytes_in_per_event: round(grown('penstock_received_bytes_total') / events),
    record_bytes_per_event: round(grown('penstock_record_bytes_total') / events),
    batch_bytes_per_event: round(grown('penstock_batch_bytes_total') / events),
    ratio: round(grown('penstock_record_bytes_total') / grown('penstock_batch_bytes_total')),
    lost: sent - after.sum('penstock_events_delivered_total'),
    unaccounted: after.sum('penstock_unaccounted_events'),
    delivery_p50_ms: ms(0.5),
    delivery_p99_ms: ms(0.99),
    delivery_p999_ms: ms(0.999),
    peak_rss_bytes: memoryOf(engine.child.pid).peakBytes,
  };
}
