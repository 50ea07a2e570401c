/**
 * README's figures, from a perf report. Imports nothing but types: tools/generators/figures.mjs reads it without a build.
 */
import type { Report } from './write.js';

type Shown = Pick<Report, 'figures' | 'machine' | 'commit'>;

/** [what, figure for syslog, figure for NDJSON] */
const rows: readonly (readonly [what: string, syslog: string, ndjson: string])[] = [
  ['protobuf, zstd 1, discarded (`null:`)', 'syslog_tcp_zstd_null', 'ndjson_tcp_zstd_null'],
  ['protobuf, uncompressed, discarded (`null:`)', 'syslog_tcp_plain_null', 'ndjson_tcp_plain_null'],
  ['protobuf, zstd 1 → journal → Kafka (acks=all, idempotent)', 'syslog_tcp_zstd_kafka', 'ndjson_tcp_zstd_kafka'],
  ['ECS JSON, zstd 1 → journal → Kafka', 'syslog_tcp_zstd_kafka_json', 'ndjson_tcp_zstd_kafka_json'],
  ['rsyslog, JSON, zstd 1 → Kafka', 'peer_rsyslog_syslog_tcp_kafka', 'peer_rsyslog_ndjson_tcp_kafka'],
  ['syslog-ng, JSON, zstd 1 → Kafka', 'peer_syslog_ng_syslog_tcp_kafka', 'peer_syslog_ng_ndjson_tcp_kafka'],
];

export function figuresBlock({ figures, machine, commit }: Shown, page: string): string {
  const thousands = (key: string) => {
    const value = figures[key]?.value;
    return value === undefined ? '–' : Math.round(value / 1000).toLocaleString('en');
  };
  const bytes = (key: string) => Math.round(Number(figures[key]?.details?.bytes_in_per_event));
  return `Thousands of events per CPU-second: CPU time of the whole engine process, all threads, user and system. The load generator and Kafka share the machine but are not
counted. Medians of five to nine measurements at commit \`${commit}\`, on ${machine.cores}${machine.virtual ? ' virtual' : ''} cores of ${article(machine.cpu)}, ${machine.system.split('-')[0]}, Node.js ${machine.node.replace(/^v/, '')}:

| over TCP | RFC 5424, ${bytes('syslog_tcp_zstd_null')} B | JSON, ${bytes('ndjson_tcp_zstd_null')} B |
|---|---:|---:|
${rows.map(([what, syslog, ndjson]) => `| ${what} | ${thousands(syslog)} | ${thousands(ndjson)} |`).join('\n')}

${sentences({ figures })
  .map((sentence) => `- ${sentence}`)
  .join('\n')}

[${page}](${page}) has all figures, stage by stage, with spreads and missed targets.`;
}

function sentences({ figures }: Pick<Shown, 'figures'>): string[] {
  const value = (key: string) => figures[key]?.value;
  const detail = (key: string, name: string) => Number(figures[key]?.details?.[name]);
  const said: string[] = [];
  const say = (keys: readonly string[], text: () => string) => {
    if (keys.every((key) => value(key) !== undefined)) said.push(text());
  };
  const of = (key: string) => value(key) as number;
  const ms = (key: string) => `${of(key) < 10 ? of(key).toFixed(1) : Math.round(of(key))} ms`;
  const percent = (key: string) => `${Math.round(of(key) * 100)} %`;
  const rate = (key: string) => Math.round(detail(key, 'datagrams_per_second')).toLocaleString('en');
  say(detail('syslog_udp_zstd_null', 'datagrams_per_second') > 0 ? ['syslog_udp_zstd_null'] : ['none'], () => {
    const generator = figures.syslog_udp_zstd_null?.details?.limited_by === 'generator';
    const most = generator ? 'limited by the generator beside it' : 'the most possible';
    return `UDP: ${rate('syslog_udp_zstd_null')} datagrams/s without loss, ${most}, and ${Math.round(of('syslog_udp_zstd_null') / 1000)} thousand per CPU-second.`;
  });
  say(['journal_flush_ratio', 'journal_fsync_ratio'], () => {
    return `With a journal: ${percent('journal_flush_ratio')} of the events per CPU-second without one. With a sync every 10 ms: ${percent('journal_fsync_ratio')} of those with a journal.`;
  });
  say(['latency_kafka_p50', 'latency_kafka_p99'], () => {
    return `Latency from an event's timestamp to Kafka's acknowledgement, at 5,000 events/s: ${ms('latency_kafka_p50')} (median), ${ms('latency_kafka_p99')} (99th percentile).`;
  });
  say(['ack_http_fsync_p99'], () => {
    return `HTTP at 70 % load with every event synced to disk: answered within ${ms('ack_http_fsync_p99')} (99th percentile).`;
  });
  say(['rss_full_load_bytes', 'idle_cpu_percent'], () => {
    const memory = Math.round(of('rss_full_load_bytes') / 1e6);
    return `Memory at full load: ${memory} MB. CPU when idle: ${of('idle_cpu_percent').toFixed(1)} % of a core.`;
  });
  return said;
}

function article(name: string): string {
  return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`;
}
