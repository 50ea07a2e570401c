/** (e) The same input through other tools into the same Kafka, acks=all, zstd 1, JSON; CPU from /proc. */
import { withEngine } from '../e2e.js';
import { inputFile } from '../inputs/inputs.js';
import { send } from '../lib/engine.js';
import { alternate, type Figure, type Figures, fromPairs } from '../lib/figures.js';
import { measureLossless } from '../lib/lossless.js';
import { cpuSeconds, memoryOf } from '../lib/process.js';
import { type RecordShape, recordShape } from '../lib/records.js';
import { ZstdAlone } from '../limits.js';
import { RunningPeer } from './running-peer.js';
import { find, type Installed, type Peer, type PeerInput, peers, version } from './tools.js';

export interface PeerExtent {
  readonly quick: boolean;
  readonly folder: string;
  /** Told what is missing and what went wrong. */
  note(text: string): void;
}

const inputs: readonly PeerInput[] = ['syslog', 'ndjson', 'syslog-udp'];
const connections = 4;
const sampleEvents = 500;
const udpSearch = { from: 10_000, most: 640_000 };

/** Figures `peer_<tool>_<input>_<tcp|udp>_kafka`; what is missing is told through `note`. */
export async function benchPeers(extent: PeerExtent): Promise<Figures> {
  const figures: Figures = {};
  const ours = new Map<PeerInput, RecordShape>();
  for (const peer of peers) {
    const installed = find(peer);
    if (!installed) {
      extent.note(`${peer.name}: not found; install: ${peer.install}`);
      continue;
    }
    for (const input of inputs) {
      const key = `peer_${peer.name.replaceAll('-', '_')}_${input === 'ndjson' ? 'ndjson_tcp' : input === 'syslog' ? 'syslog_tcp' : 'syslog_udp'}_kafka`;
      try {
        if (!ours.has(input)) ours.set(input, await ourRecords(input, extent.folder));
        figures[key] = await benchPeer(peer, installed, input, ours.get(input) as RecordShape, extent);
      } catch (error) {
        extent.note(`${key}: ${error instanceof Error ? error.message : error}`);
      }
    }
  }
  return figures;
}

/** What Penstock makes of the same events: records with fewer fields would be less work. */
function ourRecords(input: PeerInput, folder: string): Promise<RecordShape> {
  const scheme = ({ syslog: 'syslog+tcp', ndjson: 'ndjson+tcp', 'syslog-udp': 'syslog+udp' } as const)[input];
  const env = { PENSTOCK_ENCODING: 'json' };
  return withEngine({ scheme, deliver: 'kafka', env }, async (engine, kafka) => {
    await send(`${scheme}://${engine.address}`, { file: lines(input, folder), count: sampleEvents, rate: 5_000 });
    await engine.stop();
    return recordShape(kafka?.bootstrap ?? '', kafka?.topic ?? '');
  });
}

async function benchPeer(peer: Peer, installed: Installed, input: PeerInput, ours: RecordShape, extent: PeerExtent) {
  const running = await RunningPeer.start(peer, installed, input);
  try {
    const file = lines(input, extent.folder);
    await running.sendAll(file, { count: sampleEvents, rate: 5_000 });
    const theirs = await recordShape(running.bootstrap, running.topic);
    const measure = input === 'syslog-udp' ? measureDatagrams : measureStream;
    const figure = await measure(running, file, extent);
    const details = {
      ...figure.details,
      version: version(peer, installed),
      json_fields: theirs.fields,
      json_fields_penstock: ours.fields,
      json_bytes: theirs.bytes,
      json_bytes_penstock: ours.bytes,
      peak_rss_bytes: memoryOf(running.pid).peakBytes,
    };
    return { ...figure, details };
  } finally {
    await running.stop();
  }
}

async function measureStream(running: RunningPeer, file: string, { quick }: PeerExtent): Promise<Figure> {
  const events = quick ? 50_000 : 100_000;
  await running.sendAll(file, { count: events / 4, connections });
  const zstd = new ZstdAlone(running.input === 'ndjson' ? 'ndjson' : 'syslog');
  let lost = 0;
  const measured = await alternate(
    quick ? 2 : 5,
    async () => {
      const cpu = cpuSeconds(running.pid);
      const run = await running.sendAll(file, { count: events, connections });
      lost += run.lost;
      return (events - run.lost) / (cpuSeconds(running.pid) - cpu);
    },
    () => zstd.measure(150),
  );
  return fromPairs(measured, 'events/CPU-s', 'zstd 1 alone', { lost });
}

async function measureDatagrams(running: RunningPeer, file: string, { quick }: PeerExtent): Promise<Figure> {
  const seconds = quick ? 0.3 : 1;
  const zstd = new ZstdAlone('syslog');
  return measureLossless(
    { ...udpSearch, within: quick ? 1.5 : 1.1, pairs: quick ? 2 : 3 },
    async (rate) => {
      const cpu = cpuSeconds(running.pid);
      const run = await running.sendAll(file, { count: Math.round(rate * seconds), rate, connections });
      return { ...run, eventsPerCpuSecond: (run.sent - run.lost) / (cpuSeconds(running.pid) - cpu) };
    },
    { name: 'zstd 1 alone', measure: () => zstd.measure(150) },
  );
}

function lines(input: PeerInput, folder: string): string {
  return inputFile(input === 'ndjson' ? 'ndjson' : 'syslog', folder);
}
