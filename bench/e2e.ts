/** (c) End to end: the engine as a process, driven by `penstock send`; events per CPU-second of the engine alone. */
import { type InputName, inputFile } from './inputs/inputs.js';
import { delivered } from './lib/drained.js';
import { certificate, type Engine, type EngineStart, send, startEngine } from './lib/engine.js';
import { alternate, type Figure, fromPairs } from './lib/figures.js';
import { dropTopic, newTopic } from './lib/kafka.js';
import { type Metrics, quantile } from './lib/metrics.js';
import { cpuSeconds, memoryOf } from './lib/process.js';
import { BatchAlone, ZstdAlone } from './limits.js';

export interface EndToEnd {
  readonly key: string;
  readonly scheme: 'syslog+tcp' | 'syslog+tls' | 'syslog+udp' | 'ndjson+tcp' | 'http';
  readonly input: InputName;
  /** `journal`: through the journal to a sink that drops. */
  readonly deliver: 'null' | 'journal' | 'store' | 'kafka';
  readonly env?: NodeJS.ProcessEnv;
  /** The figure whose engine takes turns with this one, as the reference; none: the kernels that bound it. */
  readonly beside?: string;
}

const plain = { PENSTOCK_COMPRESSION: 'none' };
const json = { PENSTOCK_ENCODING: 'json' };
const compact = { PENSTOCK_ENCODING: 'compact' };

export const endToEnd: readonly EndToEnd[] = [
  { key: 'syslog_tcp_zstd_null', scheme: 'syslog+tcp', input: 'syslog', deliver: 'null' },
  {
    key: 'syslog_tcp_compact_null',
    scheme: 'syslog+tcp',
    input: 'syslog',
    deliver: 'null',
    env: compact,
    beside: 'syslog_tcp_zstd_null',
  },
  {
    key: 'syslog_tcp_frames_null',
    scheme: 'syslog+tcp',
    input: 'syslog',
    deliver: 'null',
    env: { PENSTOCK_ENCODING: 'frames' },
    beside: 'syslog_tcp_zstd_null',
  },
  { key: 'syslog_tcp_plain_null', scheme: 'syslog+tcp', input: 'syslog', deliver: 'null', env: plain },
  {
    key: 'syslog_tls_zstd_null',
    scheme: 'syslog+tls',
    input: 'syslog',
    deliver: 'null',
    beside: 'syslog_tcp_zstd_null',
  },
  { key: 'ndjson_tcp_zstd_null', scheme: 'ndjson+tcp', input: 'ndjson', deliver: 'null' },
  { key: 'ndjson_tcp_plain_null', scheme: 'ndjson+tcp', input: 'ndjson', deliver: 'null', env: plain },
  {
    key: 'syslog_tcp_zstd_kafka',
    scheme: 'syslog+tcp',
    input: 'syslog',
    deliver: 'kafka',
    beside: 'syslog_tcp_zstd_null',
  },
  {
    key: 'ndjson_tcp_zstd_kafka',
    scheme: 'ndjson+tcp',
    input: 'ndjson',
    deliver: 'kafka',
    beside: 'ndjson_tcp_zstd_null',
  },
  { key: 'syslog_tcp_zstd_store', scheme: 'syslog+tcp', input: 'syslog', deliver: 'store' },
  { key: 'ndjson_http_zstd_null', scheme: 'http', input: 'ndjson', deliver: 'null' },
  { key: 'syslog_tcp_zstd_null_json', scheme: 'syslog+tcp', input: 'syslog', deliver: 'null', env: json },
  { key: 'ndjson_tcp_zstd_null_json', scheme: 'ndjson+tcp', input: 'ndjson', deliver: 'null', env: json },
  {
    key: 'syslog_tcp_zstd_kafka_json',
    scheme: 'syslog+tcp',
    input: 'syslog',
    deliver: 'kafka',
    env: json,
    beside: 'syslog_tcp_zstd_null_json',
  },
  {
    key: 'ndjson_tcp_zstd_kafka_json',
    scheme: 'ndjson+tcp',
    input: 'ndjson',
    deliver: 'kafka',
    env: json,
    beside: 'ndjson_tcp_zstd_null_json',
  },
  { key: 'vendors_tcp_zstd_null', scheme: 'syslog+tcp', input: 'vendors', deliver: 'null' },
  { key: 'linux_tcp_zstd_null', scheme: 'syslog+tcp', input: 'linux', deliver: 'null' },
  { key: 'apache_tcp_zstd_null', scheme: 'syslog+tcp', input: 'apache', deliver: 'null' },
  { key: 'windows_tcp_zstd_null', scheme: 'ndjson+tcp', input: 'windows', deliver: 'null' },
  { key: 'cloudtrail_tcp_zstd_null', scheme: 'ndjson+tcp', input: 'cloudtrail', deliver: 'null' },
  { key: 'zeek_tcp_zstd_null', scheme: 'ndjson+tcp', input: 'zeek', deliver: 'null' },
  ...(['sshd_iptables', 'cef', 'fortigate', 'windows_xml', 'mixed'] as const).map(
    (input): EndToEnd => ({ key: `${input}_tcp_zstd_null`, scheme: 'syslog+tcp', input, deliver: 'null' }),
  ),
];

const connections = 4;
const referenceMs = 150;

/** How long a figure is measured. */
export interface Extent {
  /** Alternating measurements of value and reference. */
  readonly pairs: number;
  /** Of load for each. */
  readonly seconds: number;
  /** Of load before the first, where JavaScript delivers: it is compiled in the first seconds of work, which a service does once. */
  readonly warmUpSeconds: number;
  /** Where inputs are written to. */
  readonly folder: string;
}

/** One figure: `seconds` of load for each pair, the reference measured in between. */
export async function benchEndToEnd(test: EndToEnd, extent: Extent): Promise<Figure> {
  const other = endToEnd.find(({ key }) => key === test.beside);
  if (other) {
    return withEngine(test, (engine) =>
      withEngine(other, async (reference) => {
        const besides = new Loaded(other, reference, extent);
        await besides.warmUp();
        return measureLoaded(test, engine, extent, `${other.key} in turns`, () => besides.measure());
      }),
    );
  }
  const plainBatches = test.env?.PENSTOCK_COMPRESSION === 'none';
  const limit = plainBatches ? new BatchAlone(test.input) : new ZstdAlone(test.input);
  const name = plainBatches ? 'framing, parsing and batching alone' : 'zstd 1 alone';
  return withEngine(test, (engine) =>
    measureLoaded(test, engine, extent, name, async () => limit.measure(referenceMs)),
  );
}

async function measureLoaded(
  test: EndToEnd,
  engine: Engine,
  extent: Extent,
  reference: string,
  measureReference: () => Promise<number>,
): Promise<Figure> {
  const loaded = new Loaded(test, engine, extent);
  await loaded.warmUp();
  const before = await engine.metrics();
  const measured = await alternate(extent.pairs, () => loaded.measure(), measureReference);
  return fromPairs(measured, 'events/CPU-s', reference, details(before, await engine.metrics(), loaded.sent, engine));
}

/** An engine and what it has been sent so far. */
export class Loaded {
  sent = 0;

  constructor(
    readonly test: Pick<EndToEnd, 'scheme' | 'input' | 'deliver'>,
    readonly engine: Engine,
    readonly extent: Omit<Extent, 'pairs'>,
    /** Events a second; 0: as many as it takes. */
    readonly rate = 0,
  ) {}

  async warmUp(): Promise<void> {
    const { seconds, warmUpSeconds } = this.extent;
    // JavaScript that serves HTTP or delivers is compiled in its first seconds of work.
    const native = this.test.deliver === 'null' && this.test.scheme !== 'http';
    await this.measure(native ? seconds : warmUpSeconds);
  }

  /** Sends for `seconds`, waits until everything is delivered; events per CPU-second of the engine. */
  async measure(seconds = this.extent.seconds): Promise<number> {
    const { engine, test, rate, extent } = this;
    const cpu = cpuSeconds(engine.child.pid);
    const load = { file: inputFile(test.input, extent.folder), connections, rate };
    const tls = test.scheme === 'syslog+tls' ? { ca: certificate, framing: 'lf' } : {}; // the same bytes as over TCP
    const options = { ...load, ...tls, ...duration(seconds, rate) };
    const { sent } = await send(`${test.scheme}://${engine.address}`, options);
    this.sent += sent;
    await delivered(engine, this.sent);
    return sent / (cpuSeconds(engine.child.pid) - cpu);
  }
}

/** `penstock send` counts whole seconds: less is a number of events, at full speed an estimate of it. */
function duration(seconds: number, rate: number): { seconds: number } | { count: number } {
  const eventsPerSecond = 600_000;
  return Number.isInteger(seconds) ? { seconds } : { count: Math.round(seconds * (rate || eventsPerSecond)) };
}

/** Starts the engine for a test and ends it, whatever happens. */
export async function withEngine<T>(
  test: Pick<EndToEnd, 'scheme' | 'deliver' | 'env'>,
  work: (engine: Engine, kafka: { bootstrap: string; topic: string } | undefined) => Promise<T>,
  options: Omit<EngineStart, 'env'> = {},
): Promise<T> {
  const kafka = test.deliver === 'kafka' ? await newTopic() : undefined;
  const engine = await startEngine(
    test.scheme,
    kafka ? `kafka://${kafka.bootstrap}/${kafka.topic}` : (deliverTo[test.deliver] ?? test.deliver),
    { ...options, ...(test.env && { env: test.env }) },
  );
  try {
    return await work(engine, kafka);
  } finally {
    await engine.stop();
    if (kafka) await dropTopic(kafka.bootstrap, kafka.topic);
  }
}

const deliverTo: Readonly<Record<string, string>> = {
  null: 'null:',
  journal: 'null:?journal=true',
  store: 'store:@DATA@/store',
};

function details(before: Metrics, after: Metrics, sent: number, engine: Engine): NonNullable<Figure['details']> {
  const ms = (q: number) => round(quantile(before, after, 'penstock_delivery_latency_seconds', q) * 1000);
  return {
    ...sizes(before, after),
    lost: sent - after.sum('penstock_events_delivered_total'),
    unaccounted: after.sum('penstock_unaccounted_events'),
    delivery_p50_ms: ms(0.5),
    delivery_p99_ms: ms(0.99),
    delivery_p999_ms: ms(0.999),
    peak_rss_bytes: memoryOf(engine.child.pid).peakBytes,
  };
}

/** Of the events between two scrapes. */
export function sizes(before: Metrics, after: Metrics): Record<string, number> {
  const grown = (name: string) => after.sum(name) - before.sum(name);
  const events = grown('penstock_events_delivered_total');
  return {
    events,
    bytes_in_per_event: round(grown('penstock_received_bytes_total') / events),
    record_bytes_per_event: round(grown('penstock_record_bytes_total') / events),
    batch_bytes_per_event: round(grown('penstock_batch_bytes_total') / events),
    ratio: round(grown('penstock_record_bytes_total') / grown('penstock_batch_bytes_total')),
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
