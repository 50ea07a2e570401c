/**
 * `npm run bench -- [--only NAME,NAME] [--quick] [--json] [--peers]`: measures, and writes perf-reports/ when nothing was
 * left out (no --only, no --quick). Names: figure keys of end to end, and kernels, limits, latency, idle, udp, syscalls.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchAcknowledgement } from './acknowledgement.js';
import { benchDrain, benchRecovery } from './backlog.js';
import { benchIdle, benchLatency, countSystemCalls } from './behaviour.js';
import { benchEndToEnd, endToEnd } from './e2e.js';
import { benchKernels } from './kernels.js';
import { type Figures, single } from './lib/figures.js';
import { stopKafka } from './lib/kafka.js';
import { commitId, describeMachine } from './lib/machine.js';
import { killAll, stopAll } from './lib/process.js';
import { benchLimits } from './limits.js';
import { benchPeers } from './peers/run.js';
import { benchRatio, ratios } from './ratios.js';
import { writeReport } from './report/write.js';
import { benchStages } from './stages.js';
import { benchUdp, benchUdpLoss, udpTests } from './udp.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
  },
});
const { quick, peers } = values;
const folder = mkdtempSync(join(tmpdir(), 'penstock-bench-inputs-'));

const extent = quick ? { pairs: 3, seconds: 0.3, folder } : { pairs: 5, seconds: 1, folder };

const udpExtent = quick
  ? { pairs: 3, seconds: 0.2, within: 1.3, folder }
  : { pairs: 5, seconds: 1, within: 1.06, folder };

/** Each yields one or more figures; with --quick none takes more than 10 s. */
const jobs: [name: string, run: () => Promise<Figures>][] = [
  ['limits', async () => benchLimits(quick ? 200 : 500)],
  ['kernels', () => benchKernels(['syslog', 'ndjson'], quick ? 100 : 250)],
  ...endToEnd.map((test): [string, () => Promise<Figures>] => [
    test.key,
    async () => ({ [test.key]: await benchEndToEnd(test, extent) }),
  ]),
  ...(['syslog', 'ndjson'] as const).map((input): [string, () => Promise<Figures>] => [
    `stages_${input}`,
    () =>
      benchStages(input, {
        folder,
        ...(quick
          ? { rounds: 2, warmUp: false, load: { count: 100_000 } }
          : { rounds: 5, warmUp: true, load: { seconds: 1 } }),
      }),
  ]),
  ['latency', async () => ({ ...(await benchLatency('kafka', 3)), ...(await benchLatency('store', 3)) })],
  ...ratios.map((ratio): [string, () => Promise<Figures>] => [ratio.key, () => benchRatio(ratio, extent)]),
  ['acknowledgement', () => benchAcknowledgement(quick ? { rounds: 2, seconds: 1 } : { rounds: 5, seconds: 2 })],
  ['drain', () => benchDrain({ seconds: quick ? 1 : 6, folder })],
  ['recovery', async () => benchRecovery({ bytes: (quick ? 128 : 512) << 20, rounds: 5 })],
  ['idle', () => benchIdle(quick ? 3 : 5)],
  ...udpTests.map((test): [string, () => Promise<Figures>] => [test.key, () => benchUdp(test, udpExtent)]),
  ['udp_loss', () => benchUdpLoss({ ...udpExtent, seconds: quick ? 1 : 4 })],
  ['syscalls', () => countSystemCalls(folder)],
];

const known = jobs.map(([name]) => name);
const only = values.only?.split(',').map((name) => name.trim());
const unknown = (only ?? []).filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`--only ${unknown.join(',')}: there is no such figure; there are ${known.join(' ')}`);
  process.exit(64);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.on('exit', killAll);

const machine = describeMachine();
const figures: Figures = {};
try {
  for (const [name, run] of jobs) {
    if (only && !only.includes(name)) continue;
    try {
      const measured = await run();
      Object.assign(figures, measured);
      for (const [key, { value, unit }] of Object.entries(measured))
        say(`${key}: ${value.toLocaleString('en')} ${unit}`);
    } catch (error) {
      say(`${name}: not measured: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
  }
  const peaks = Object.values(figures).map((figure) => Number(figure.details?.peak_rss_bytes ?? 0));
  if (Math.max(0, ...peaks) > 0) figures.rss_full_load_bytes = single(Math.max(...peaks), 'bytes');
  if (peers && !only && !quick) writeReport({ machine, commit: commitId(), figures });
  if (peers) Object.assign(figures, await benchPeers(quick ? 50_000 : 100_000, folder, say));
} finally {
  await stopKafka();
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
}
if (!only && !quick) say(`report: ${writeReport({ machine, commit: commitId(), figures })}`);
if (values.json) console.log(JSON.stringify({ figures, machine }));

function say(line: string): void {
  if (values.json) console.error(line);
  else console.log(line);
}
