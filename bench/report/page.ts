/** perf-reports/README.md: the JSON of a run, to read. */
import type { Figure, Figures } from '../lib/figures.js';
import { stageRows } from './stages.js';
import { number, targetOf } from './targets.js';
import type { Report } from './write.js';

export function page({ machine, commit, figures, notes, seconds, at }: Report, json: string): string {
  const left = new Set(Object.keys(figures));
  const take = (wanted: RegExp) => {
    const names = [...left].filter((name) => wanted.test(name));
    for (const name of names) left.delete(name);
    return names;
  };
  const stages = take(/^stage_/);
  const steps = take(/^kernel_/);
  const peers = take(/^peer_/);
  const counts = take(/^(system_calls|allocations|js_heap|gc_share|context_switches|instructions)_/);
  const endToEnd = take(/^[a-z]+_(tcp|udp|http)_(zstd|plain)_/);
  const limits = take(/^limit_/);
  const minutes = Math.round(Object.values(seconds).reduce((sum, taken) => sum + taken, 0) / 60);
  return `# Performance

Written by \`npm run bench\`; every number, with its pairs, is in [${json}](${json}).

Commit \`${commit}\`, ${at.slice(0, 16).replace('T', ' ')} UTC, ${minutes} min; ${machine.cpu}, ${machine.cores} cores${machine.virtual ? ' (virtual)' : ''}, ${Math.round(machine.memoryBytes / 2 ** 30)} GiB, ${machine.system}, Node ${machine.node}; load when it began ${machine.loadAtStart}.

The generator, the engine and Kafka share these cores: events per CPU-second of the engine's whole process, all threads, user and system
(/proc/<pid>), tell what a core does, wall time would not. An engine is warmed up first (for eight seconds where JavaScript delivers, which is
compiled in its first seconds of work), and its CPU time is read when the last event has been delivered. Values are medians of five measurements, ratios and what goes to Kafka of nine; *spread* is half their range. *of reference* compares with what was measured
in turns with it, which holds where the machine is noisy: zstd 1 alone over the same records on one core (\`plain\`: framing, parsing and
batching alone), and for \`_kafka\` the same engine with \`null:\`. Settings are the defaults but for the listener, the sink and what the key
names: \`zstd\` (level 1) or \`plain\` (no compression), \`_json\` (ECS JSON instead of protobuf). \`_null\` has no journal; what compacts a
store is a process of its own, not counted in \`_store\`. Targets are the design's.

## End to end, events per CPU-second

| figure | value | target | reached | spread | of reference | bytes: event → record → batch | ratio | lost |
|---|---:|---:|---|---:|---:|---:|---:|---:|
${endToEnd.map((name) => endToEndRow(name, figures[name] as Figure)).join('\n')}

UDP is measured at the highest rate at which no datagram was lost: ${udpRates(endToEnd, figures)}.

## Stages, ns of CPU per event

A process for each stage, which does what the one before it does and its own: real receivers, rings and workers, fed by
\`penstock send\` at full speed, in turns. A stage's cost is the difference to the one before it in the same round: the median, ± half the
range over the rounds. *Sum* is that stage and all before it. \`journal\` is writing and reading back, for a sink that drops.

| stage | RFC 5424 | sum | NDJSON | sum |
|---|---:|---:|---:|---:|
${stages.length === 0 ? '| not measured | | | | |' : stageRows(figures).join('\n')}

## Durability, loss, latency, memory

Ratios are events per CPU-second with over without, in turns. \`_kafka_ratio_200k\` offers 200,000 events a second to both, so that broker and
engine have cores to themselves. \`adaptive_step\`: what the compression level does when the load steps from 30 % to 120 % of what one worker can
do at level 1. \`drain_ratio\`: events per second, to a broker on the same cores. \`ack_http_fsync\`: from when a request is due
to its answer, at 70 % of what the engine takes over HTTP. \`latency\`: from an event's own timestamp to its acknowledgement, at 5,000
events a second.

| figure | value | unit | target | reached | spread | |
|---|---:|---|---:|---|---:|---|
${[...left].map((name) => otherRow(name, figures[name] as Figure)).join('\n')}

## Counts

System calls by strace, allocations of all native code by a library before the C library's, V8's heap by its own log; they carry little
noise.

| figure | value | unit | |
|---|---:|---|---|
${counts.map((name) => countRow(name, figures[name] as Figure)).join('\n') || '| not measured | | | |'}

## Other tools

Same input, same broker, acks=all, zstd 1, JSON records, configured as their guides recommend (\`bench/peers/\`); two worker
threads each. Penstock's figure beside them is its \`_kafka_json\` one; *fields* is how many values a record holds, theirs and Penstock's.

| figure | events/CPU-s | penstock | times | without loss up to | penstock | fields | lost |
|---|---:|---:|---:|---:|---:|---:|---:|
${peers.map((name) => peerRow(name, figures)).join('\n') || '| none measured | | | | | | | |'}

## Kernels

Each step includes the ones before it (frame, parse, encode, batch); crc32c and codecs stand alone. Differences are what a
step costs.

| step | value | unit |
|---|---:|---|
${steps.map((name) => row(name, figures[name] as Figure)).join('\n')}

## Limits of this machine

What no pipeline can exceed here: copying, simdjson and zstd 1 alone over the same bytes on one core, and the disk of the journals.

| limit | value | unit | |
|---|---:|---|---|
${limits.map((name) => countRow(name, figures[name] as Figure)).join('\n') || '| not measured | | | |'}

## Not measured, or not as described

${notes.map((note) => `- ${(note.split('\n')[0] as string).slice(0, 300)}`).join('\n') || '- Nothing was left out.'}
`;
}

function endToEndRow(name: string, figure: Figure): string {
  const {
    bytes_in_per_event: bytes,
    record_bytes_per_event: record,
    batch_bytes_per_event: batch,
  } = figure.details ?? {};
  const { ratio = '', lost = '' } = figure.details ?? {};
  const [target, reached] = targetOf(name, figure);
  const sizes = bytes === undefined ? '' : [bytes, record, batch].map((size) => Math.round(Number(size))).join(' → ');
  return `| \`${name}\` | ${number(figure.value)} | ${target} | ${reached} | ${spreadOf(figure)} | ${percent(figure.ratio)} | ${sizes} | ${ratio} | ${lost} |`;
}

function udpRates(names: readonly string[], figures: Figures): string {
  const rates = names
    .filter((name) => name.includes('_udp_'))
    .map((name) => {
      const { datagrams_per_second: rate, limited_by: by } = figures[name]?.details ?? {};
      return `\`${name}\` ${number(Number(rate))}/s${by === 'generator' ? ' (more the generator could not send)' : ''}`;
    });
  return rates.join(', ') || 'not measured';
}

function otherRow(name: string, figure: Figure): string {
  const [target, reached] = targetOf(name, figure);
  return `| \`${name}\` | ${number(figure.value)} | ${figure.unit} | ${target} | ${reached} | ${spreadOf(figure)} | ${said(figure)} |`;
}

function countRow(name: string, figure: Figure): string {
  return `| \`${name}\` | ${number(figure.value)} | ${figure.unit} | ${said(figure)} |`;
}

function row(name: string, figure: Figure): string {
  return `| \`${name}\` | ${number(figure.value)} | ${figure.unit} |`;
}

function peerRow(name: string, figures: Figures): string {
  const figure = figures[name] as Figure;
  const [input = '', transport = ''] = /_(syslog|ndjson)_(tcp|udp)_kafka$/.exec(name)?.slice(1) ?? [];
  const ours = figures[`${input}_${transport}_zstd_kafka_json`];
  const { version = '', lost = '', json_fields: theirs = '', json_fields_penstock: own = '' } = figure.details ?? {};
  const rate = (of: Figure | undefined) =>
    of?.details?.datagrams_per_second === undefined ? '' : `${number(Number(of.details.datagrams_per_second))}/s`;
  const times = ours ? (ours.value / figure.value).toFixed(1) : '';
  return `| \`${name}\` ${version} | ${number(figure.value)} | ${ours ? number(ours.value) : ''} | ${times} | ${rate(figure)} | ${transport === 'udp' ? rate(ours) : ''} | ${theirs} / ${own} | ${lost} |`;
}

/** Details in words: what was counted besides. */
function said({ details = {} }: Figure): string {
  return Object.entries(details)
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${typeof value === 'number' ? number(value) : value}`)
    .join(', ');
}

function spreadOf({ spread }: Figure): string {
  return spread > 0 ? `±${Math.round(spread * 100)} %` : '';
}

function percent(ratio: number | undefined): string {
  return ratio === undefined ? '' : `${Math.round(ratio * 100)} %`;
}
