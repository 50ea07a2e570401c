/**
 * `npm run bench -- [--only NAME,NAME] [--quick] [--json] [--peers]`: measures, and writes perf-reports/ when nothing was
 * left out (no --only, no --quick). NAME: a job of jobs.ts, a figure of one, or peers.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Job, makeJobs, pickJobs } from './jobs.js';
import { type Figures, single, Unavailable } from './lib/figures.js';
import { stopKafka } from './lib/kafka.js';
import { commitId, describeMachine } from './lib/machine.js';
import { killAll, stopAll } from './lib/process.js';
import { benchPeers } from './peers/run.js';
import { type Report, writeReport } from './report/write.js';

const usageExit = 64;
/** On a machine that is busy with other things: what has not begun by then is measured as --quick does. */
const lateMs = 22 * 60_000;

const usage = `npm run bench -- [options]

  --only NAME,NAME   jobs, figures of theirs, or peers; nothing is written
  --quick            each in less than 10 s; nothing is written
  --json             the last line is one JSON object of figures
  --peers            the other tools too (bench/peers/)

Jobs: ${makeJobs(true, '')
  .map((job) => job.name)
  .join(' ')} peers
`;

const values = readOptions();
const { quick } = values;
const only = values.only?.split(',').map((name) => name.trim());
const peers = values.peers || (only?.includes('peers') ?? false);
const whole = !only && !quick;
const folder = mkdtempSync(join(tmpdir(), 'penstock-bench-inputs-'));
const jobs = chosen(makeJobs(quick, folder));

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.on('exit', killAll);

const figures: Figures = {};
const notes: string[] = [];
const seconds: Record<string, number> = {};
const report: Report = {
  at: new Date().toISOString(),
  machine: describeMachine(),
  commit: commitId(),
  figures,
  notes,
  seconds,
};
try {
  const shorter = new Map(makeJobs(true, folder).map((job) => [job.name, job]));
  for (const job of jobs) await perform(late(job.name) ? (shorter.get(job.name) ?? job) : job);
  if (peers) {
    if (whole) writeReport(report); // the peers take longest: what is measured is not lost with them
    await perform({ name: 'peers', makes: [], run: () => benchPeers({ quick: quick || late('peers'), folder, note }) });
  }
} finally {
  await stopKafka();
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
}
if (whole) say(`report: ${writeReport(report)}`);
if (values.json) console.log(JSON.stringify({ figures, machine: report.machine, notes, seconds }));

function readOptions() {
  const flag = { type: 'boolean', default: false } as const;
  try {
    const options = { only: { type: 'string' }, quick: flag, json: flag, peers: flag, help: flag } as const;
    const { values } = parseArgs({ options });
    if (!values.help) return values;
    process.stdout.write(usage);
    process.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(usageExit);
  }
}

function chosen(all: readonly Job[]): readonly Job[] {
  if (!only) return all;
  try {
    return pickJobs(
      all,
      only.filter((name) => name !== 'peers'),
    );
  } catch (error) {
    console.error(`--only ${error instanceof Error ? error.message : error} peers`);
    process.exit(usageExit);
  }
}

function late(name: string): boolean {
  if (!whole || performance.now() < lateMs) return false;
  note(`${name}: measured shortly, because the run was late`);
  return true;
}

async function perform({ name, run }: Job): Promise<void> {
  const started = performance.now();
  try {
    const measured = await run();
    Object.assign(figures, measured);
    for (const [key, { value, unit }] of Object.entries(measured)) say(`${key}: ${value.toLocaleString('en')} ${unit}`);
  } catch (error) {
    note(`${name}: not measured: ${error instanceof Error ? error.message : error}`);
    if (!(error instanceof Unavailable)) process.exitCode = 1;
  }
  const ours = Object.keys(figures).filter((key) => !key.startsWith('peer_'));
  const peak = Math.max(0, ...ours.map((key) => Number(figures[key]?.details?.peak_rss_bytes ?? 0)));
  if (peak > 0) figures.rss_full_load_bytes = single(peak, 'bytes');
  seconds[name] = Math.round((performance.now() - started) / 100) / 10;
  say(`  ${name}: ${seconds[name]} s`);
}

function note(text: string): void {
  notes.push(text);
  say(text);
}

function say(line: string): void {
  if (values.json) console.error(line);
  else console.log(line);
}
