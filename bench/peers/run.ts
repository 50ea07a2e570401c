/** (e) The same input through other tools into the same Kafka, acks=all, zstd 1, JSON; CPU from /proc. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../native/load.js';
import { inputFile } from '../inputs/inputs.js';
import { freePort, send } from '../lib/engine.js';
import { alternate, type Figures, fromPairs } from '../lib/figures.js';
import { dropTopic, newTopic, recordCount } from '../lib/kafka.js';
import { cpuSeconds, memoryOf, start, until } from '../lib/process.js';
import { ZstdAlone } from '../limits.js';
import { find, type Installed, type Peer, type PeerInput, peers, version } from './tools.js';

const pairs = 5;
const workers = 2;
const connections = 4;
const startTimeoutMs = 15_000;
const drainTimeoutMs = 30_000;

export interface PeerExtent {
  readonly quick: boolean;
  readonly folder: string;
  /** Told what is missing and what went wrong. */
  note(text: string): void;
}

/** Figures `peer_<tool>_<input>_tcp_kafka`; what is missing is told through `note`. */
export async function benchPeers({ quick, folder, note }: PeerExtent): Promise<Figures> {
  const events = quick ? 50_000 : 100_000;
  const figures: Figures = {};
  for (const peer of peers) {
    const installed = find(peer);
    if (!installed) {
      note(`${peer.name}: not found; install: ${peer.install}`);
      continue;
    }
    for (const input of ['syslog', 'ndjson'] as const) {
      const key = `peer_${peer.name.replaceAll('-', '_')}_${input}_tcp_kafka`;
      try {
        figures[key] = await benchPeer(peer, installed, input, events, folder);
      } catch (error) {
        note(`${key}: ${error instanceof Error ? error.message : error}`);
      }
    }
  }
  return figures;
}

async function benchPeer(peer: Peer, installed: Installed, input: PeerInput, events: number, folder: string) {
  const work = mkdtempSync(join(tmpdir(), 'penstock-peer-'));
  const { bootstrap, topic } = await newTopic();
  const port = await freePort();
  const config = fillConfig(peer, input, work, { PORT: port, BROKER: bootstrap, TOPIC: topic, WORKERS: workers });
  const child = start(installed.program, peer.args(config, work, installed), { env: installed.env, cwd: work });
  try {
    await until(`${peer.name} listens`, () => accepts(port), startTimeoutMs, child);
    let sent = 0;
    const sendAll = async (count: number) => {
      sent += (await send(`${input}+tcp://127.0.0.1:${port}`, { file: inputFile(input, folder), count, connections }))
        .sent;
      const all = async () => (await recordCount(bootstrap, topic)) >= sent;
      await until(`${peer.name} delivers ${sent} events`, all, drainTimeoutMs, child, 100);
    };
    await sendAll(Math.round(events / 4));
    const zstd = new ZstdAlone(input);
    const measured = await alternate(
      pairs,
      async () => {
        const cpu = cpuSeconds(child.pid);
        await sendAll(events);
        return events / (cpuSeconds(child.pid) - cpu);
      },
      () => zstd.measure(150),
    );
    return fromPairs(measured, 'events/CPU-s', 'zstd 1 alone', {
      version: version(peer, installed),
      lost: sent - (await recordCount(bootstrap, topic)),
      peak_rss_bytes: memoryOf(child.pid).peakBytes,
    });
  } finally {
    await child.stop();
    await dropTopic(bootstrap, topic);
    rmSync(work, { recursive: true, force: true });
  }
}

function fillConfig(peer: Peer, input: PeerInput, work: string, values: Record<string, string | number>): string {
  const source = join(projectRoot, 'bench/peers', peer.name);
  const all: Record<string, string | number> = { ...values, WORK: work, CONFIG: source };
  const text = readFileSync(join(source, `${input}.${peer.extension}`), 'utf8');
  const path = join(work, `${input}.${peer.extension}`);
  writeFileSync(
    path,
    text.replace(/@([A-Z]+)@/g, (whole, name: string) => String(all[name] ?? whole)),
  );
  return path;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
