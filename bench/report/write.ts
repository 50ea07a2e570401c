/** perf-reports/<date>-<commit>.json holds every number; perf-reports/README.md is the same to read. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../native/load.js';
import type { Figure, Figures } from '../lib/figures.js';
import type { Machine } from '../lib/machine.js';
import { stageRows } from './stages.js';

export interface Report {
  readonly machine: Machine;
  readonly commit: string;
  readonly figures: Figures;
  /** What could not be measured, and why. */
  readonly notes: readonly string[];
  /** How long each job took. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** What the design wants: at least, or where `most` is true at most. */
const targets: Readonly<Record<string, { bound: number; most?: boolean }>> = {
  syslog_tcp_zstd_null: { bound: 800_000 },
  syslog_tcp_plain_null: { bound: 4_000_000 },
  ndjson_tcp_zstd_null: { bound: 350_000 },
  ndjson_tcp_plain_null: { bound: 1_200_000 },
  syslog_udp_zstd_null: { bound: 500_000 },
  rss_full_load_bytes: { bound: 600e6, most: true },
  idle_cpu_percent: { bound: 1, most: true },
  udp_100k_loss: { bound: 0, most: true },
};
/** Of what null gives in the same run: Kafka is to cost no more than a fifth. */
const kafkaShare = 0.8;

/** The path of the JSON file. */
export function writeReport(report: Report): string {
  const folder = join(projectRoot, 'perf-reports');
  mkdirSync(folder, { recursive: true });
  const name = `${new Date().toISOString().slice(0, 10)}-${report.commit.replace('+', '')}.json`;
  writeFileSync(join(folder, name), `${JSON.stringify(report, null, 1)}\n`);
  writeFileSync(join(folder, 'README.md'), page(report, name));
  return `perf-reports/${name}`;
}

function page({ machine, commit, figures }: Report, json: string): string {
  const names = Object.keys(figures);
  const endToEnd = names.filter((name) => /_(null|kafka|store)(_json)?$/.test(name) && !name.startsWith('peer_'));
  const steps = names.filter((name) => name.startsWith('kernel_'));
  const peers = names.filter((name) => name.startsWith('peer_'));
  const stages = names.filter((name) => name.startsWith('stage_'));
  const others = names.filter((name) => ![...endToEnd, ...steps, ...peers, ...stages].includes(name));
  return `# Performance

Written by \`npm run bench\`; every number, with its pairs, is in [${json}](${json}).

Commit \`${commit}\`; ${machine.cpu}, ${machine.cores} cores${machine.virtual ? ' (virtual)' : ''}, ${Math.round(machine.memoryBytes / 2 ** 30)} GiB, ${machine.system}, Node ${machine.node}; load when it began ${machine.loadAtStart}.

The generator, the engine and Kafka share these cores: events per CPU-second of the engine's whole process (user and
system, /proc/<pid>/stat) tell what a core does, wall time would not. Every figure is the median of five measurements;
*spread* is half their range. *of reference* compares with what was measured in turns with it, which holds where the machine is
noisy: zstd 1 alone over the same records on one core (\`plain\`: framing, parsing and batching alone), and for \`_kafka\` the same engine
with \`null:\` instead. CPU time is read when the last event has been delivered. Engine settings are the defaults but for the listener, the sink and what the key names: \`zstd\`
(level 1) or \`plain\` (no compression), \`_json\` (ECS JSON instead of protobuf). The targets are the
design's.

## End to end, events per CPU-second

| figure | value | target | reached | spread | of reference | record → batch bytes | ratio | lost |
|---|---:|---:|---|---:|---:|---:|---:|---:|
${endToEnd.map((name) => endToEndRow(name, figures)).join('\n')}

## Stages, ns of CPU per event

A process for each stage, which does what the one before it does and its own: real receivers, rings and workers, fed by
\`penstock send\` at full speed, in turns. A stage's cost is the difference to the one before it in the same round: the median, ± half the
range over the rounds. *Sum* is that stage and all before it. \`journal\` is writing and reading back, for a sink that drops.

| stage | RFC 5424 | sum | NDJSON | sum |
|---|---:|---:|---:|---:|
${stageRows(figures).join('\n')}

## Kernels

Each step includes the ones before it (frame, parse, encode, batch); crc32c and codecs stand alone. Differences are what a
step costs.

| step | value | unit |
|---|---:|---|
${steps.map((name) => row(name, figures)).join('\n')}

## Limits, latency, memory

| figure | value | unit |
|---|---:|---|
${others.map((name) => row(name, figures)).join('\n')}

## Other tools

Same input, same broker, acks=all, zstd 1, JSON records, configured as their guides recommend (\`bench/peers/\`); two worker
threads each. Compare with \`*_zstd_kafka_json\`, which does equal work.

| figure | events/CPU-s | penstock (JSON) | times | lost |
|---|---:|---:|---:|---:|
${peers.map((name) => peerRow(name, figures)).join('\n') || '| none measured | | | | |'}
`;
}

function endToEndRow(name: string, figures: Figures): string {
  const figure = figures[name] as Figure;
  const { record_bytes_per_event: from, batch_bytes_per_event: to, ratio, lost } = figure.details ?? {};
  const share = figure.ratio === undefined ? '' : `${Math.round(figure.ratio * 100)} %`;
  const [target, reached] = targetOf(name, figure);
  return `| \`${name}\` | ${number(figure.value)} | ${target} | ${reached} | ±${Math.round(figure.spread * 100)} % | ${share} | ${from} → ${to} | ${ratio} | ${lost} |`;
}

/** Target and whether it is reached, as text; empty where there is none. */
function targetOf(name: string, figure: Figure): [target: string, reached: string] {
  const yes = (reached: boolean) => (reached ? 'yes' : 'no');
  if (name.includes('_kafka')) return [`${kafkaShare * 100} % of null`, yes((figure.ratio ?? 0) >= kafkaShare)];
  const bound = targets[name]?.bound;
  return bound === undefined ? ['', ''] : [number(bound), yes(figure.value >= bound)];
}

function row(name: string, figures: Figures): string {
  const { value, unit } = figures[name] as Figure;
  const target = targets[name];
  const wanted = target ? ` (wanted: ${target.most ? '≤' : '≥'} ${number(target.bound)})` : '';
  return `| \`${name}\` | ${number(value)} | ${unit}${wanted} |`;
}

function peerRow(name: string, figures: Figures): string {
  const figure = figures[name] as Figure;
  const ours = figures[name.includes('_syslog_') ? 'syslog_tcp_zstd_kafka_json' : 'ndjson_tcp_zstd_kafka_json']?.value;
  const times = ours === undefined ? '' : (ours / figure.value).toFixed(1);
  return `| \`${name}\` ${figure.details?.version ?? ''} | ${number(figure.value)} | ${ours === undefined ? '' : number(ours)} | ${times} | ${figure.details?.lost ?? ''} |`;
}

function number(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 2 : 0 });
}
