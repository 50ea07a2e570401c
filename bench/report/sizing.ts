/**
 * The numbers of docs/operating/sizing.md, from a perf report. Imports nothing but types: tools/generators/figures.mjs reads it without a
 * build.
 */
import type { Report } from './write.js';

type SizedReport = Pick<Report, 'figures'>;

/** Of its own cores the engine is given work for this share: the rest is for bursts and for catching up. */
export const planned = 0.7;

const inputs: readonly (readonly [key: string, what: string])[] = [
  ['syslog_tcp_zstd', 'syslog RFC 5424, TCP'],
  ['ndjson_tcp_zstd', 'NDJSON, TCP'],
  ['syslog_udp_zstd', 'syslog RFC 5424, UDP'],
  ['ndjson_http_zstd', 'NDJSON, HTTP'],
  ['vendors_tcp_zstd', 'syslog of many vendors'],
  ['linux_tcp_zstd', 'Linux, RFC 3164'],
  ['apache_tcp_zstd', 'access logs in syslog'],
  ['windows_tcp_zstd', 'Windows events, JSON'],
  ['cloudtrail_tcp_zstd', 'CloudTrail, JSON'],
  ['zeek_tcp_zstd', 'Zeek, JSON'],
];

const rates = [10_000, 100_000, 1_000_000, 10_000_000] as const;
const outageSeconds = 3_600;

/** The table of what was measured, and what follows from it for some rates. */
export function sizingBlock(report: SizedReport): string {
  return `${measured(report)}\n\n${examples(report)}`;
}

/** Cores for `perSecond` events: E is what one core does, in events per CPU-second. */
export function coresFor(perSecond: number, eventsPerCpuSecond: number): number {
  return perSecond / (eventsPerCpuSecond * planned);
}

function measured({ figures }: SizedReport): string {
  const rows = inputs.flatMap(([key, what]) => {
    const figure = figures[`${key}_null`];
    if (!figure) return [];
    const kafka = figures[`${key}_kafka`]?.value;
    const { bytes_in_per_event: size, batch_bytes_per_event: batch } = figure.details ?? {};
    const cells = [round(size), figure.value, kafka, round(batch)].map(cell);
    return `| ${what} | ${cells.join(' | ')} |`;
  });
  return [
    '| events | bytes each | E to null | E to Kafka | b, bytes in a batch |',
    '|---|---:|---:|---:|---:|',
    ...rows,
  ].join('\n');
}

function examples({ figures }: SizedReport): string {
  const value = (key: string) => figures[key]?.value ?? Number.NaN;
  const each = value('syslog_tcp_zstd_kafka');
  const bytes = Number(figures.syslog_tcp_zstd_kafka?.details?.batch_bytes_per_event ?? Number.NaN);
  const rows = rates.map((rate) => {
    const cores = coresFor(rate, each);
    const workers = Math.max(1, Math.ceil(cores));
    const memory = value('rss_one_worker_bytes') + (workers - 1) * value('rss_per_worker_bytes');
    return `| ${number(rate)} | ${cores < 0.1 ? '< 0.1' : cores < 10 ? cores.toFixed(1) : number(Math.ceil(cores))} | ${size(memory)} | ${size(rate * bytes)} | ${size(rate * bytes * outageSeconds)} |`;
  });
  const known = [
    ['M₁, memory with one worker', size(value('rss_one_worker_bytes'))],
    ['Mₙ, memory of another worker', size(value('rss_per_worker_bytes'))],
    ['events per CPU-second while a backlog drains', cell(drainPerCpu(figures))],
    ['`flush` keeps of the events per CPU-second without a journal', percent(value('journal_flush_ratio'))],
    ['`fsync` keeps of those with `flush`', percent(value('journal_fsync_ratio'))],
    [
      'start: journal checked per second',
      Number.isNaN(value('recovery_scan_gbs')) ? '–' : `${value('recovery_scan_gbs').toFixed(1)} GB`,
    ],
  ];
  return [
    '| | |',
    '|---|---:|',
    ...known.map(([what, text]) => `| ${what} | ${text} |`),
    '',
    `For syslog over TCP to Kafka, at ${planned * 100} % load, default settings:`,
    '',
    '| events/s | cores | memory | to Kafka, a second | journal for an hour without Kafka |',
    '|---:|---:|---:|---:|---:|',
    ...rows,
  ].join('\n');
}

function drainPerCpu(figures: SizedReport['figures']): number {
  return Number(figures.drain_ratio?.details?.drain_events_per_cpu_second ?? Number.NaN);
}

function round(value: unknown): number {
  return Math.round(Number(value ?? Number.NaN));
}

function cell(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '–' : number(value);
}

function percent(ratio: number): string {
  return Number.isNaN(ratio) ? '–' : `${Math.round(ratio * 100)} %`;
}

/** Powers of 1000, as networks and disks are sold. */
function size(bytes: number): string {
  if (Number.isNaN(bytes)) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let at = 0;
  let value = bytes;
  for (; value >= 1000 && at < units.length - 1; at++) value /= 1000;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[at]}`;
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en');
}
