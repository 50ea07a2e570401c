/** Another tool as a process, configured from bench/peers/<name>/, with a topic of its own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { projectRoot } from '../../native/load.js';
import { freePorts } from '../../test/support/ports.js';
import { send } from '../lib/engine.js';
import { dropTopic, newTopic, recordCount } from '../lib/kafka.js';
import { type Child, start, until } from '../lib/process.js';
import type { Installed, Peer, PeerInput } from './tools.js';

/** As many as the engine is given. */
const workers = 2;
const startTimeoutMs = 15_000;
const drainTimeoutMs = 60_000;
/** Streams lose nothing: wait long. Datagrams: what has not come within this is lost. */
const quietMs = 1_200;
const pollMs = 100;

export class RunningPeer {
  #delivered = 0;

  /** Resolves when it takes events. */
  static async start(peer: Peer, installed: Installed, input: PeerInput): Promise<RunningPeer> {
    const work = mkdtempSync(join(tmpdir(), 'penstock-peer-'));
    const { bootstrap, topic } = await newTopic();
    const [port = 0] = await freePorts(1);
    const config = fillConfig(peer, input, work, { PORT: port, BROKER: bootstrap, TOPIC: topic, WORKERS: workers });
    const child = start(installed.program, peer.args(config, work, installed), { env: installed.env, cwd: work });
    const running = new RunningPeer(peer.name, input, child, port, bootstrap, topic, work);
    try {
      await running.#ready();
    } catch (error) {
      await running.stop();
      throw error;
    }
    return running;
  }

  private constructor(
    readonly name: string,
    readonly input: PeerInput,
    readonly child: Child,
    readonly port: number,
    readonly bootstrap: string,
    readonly topic: string,
    readonly work: string,
  ) {}

  get pid(): number {
    return this.child.pid;
  }

  /** Sends and waits until Kafka has everything, or nothing more comes. */
  async sendAll(
    file: string,
    load: Readonly<Record<string, number>>,
  ): Promise<{ sent: number; lost: number; perSecond: number }> {
    const { sent, seconds } = await send(this.#url, { file, ...load });
    const wanted = this.#delivered + sent;
    let count = await this.#count();
    let since = performance.now();
    const givesUp = () => performance.now() - since > (this.input === 'syslog-udp' ? quietMs : drainTimeoutMs);
    while (count < wanted && !givesUp()) {
      await delay(pollMs);
      const now = await this.#count();
      if (now !== count) since = performance.now();
      count = now;
    }
    const lost = wanted - count;
    this.#delivered = count;
    return { sent, lost, perSecond: sent / seconds };
  }

  async stop(): Promise<void> {
    await this.child.stop();
    await dropTopic(this.bootstrap, this.topic);
    rmSync(this.work, { recursive: true, force: true });
  }

  get #url(): string {
    const scheme = { syslog: 'syslog+tcp', ndjson: 'ndjson+tcp', 'syslog-udp': 'syslog+udp' }[this.input];
    return `${scheme}://127.0.0.1:${this.port}`;
  }

  #count(): Promise<number> {
    return recordCount(this.bootstrap, this.topic);
  }

  /** A stream listens when it accepts; datagrams are sent until one comes out. */
  async #ready(): Promise<void> {
    const arrives = async () => {
      await send(this.#url, { count: 1 });
      await delay(300);
      return (await this.#count()) > 0;
    };
    const accepts = () => accepted(this.port);
    const ready = this.input === 'syslog-udp' ? arrives : accepts;
    await until(`${this.name} takes events`, ready, startTimeoutMs, this.child);
    if (this.input !== 'syslog-udp') return;
    await delay(quietMs);
    this.#delivered = await this.#count();
  }
}

function fillConfig(peer: Peer, input: PeerInput, work: string, values: Record<string, string | number>): string {
  const source = join(projectRoot, 'bench/peers', peer.name);
  const all: Record<string, string | number> = { ...values, WORK: work, CONFIG: source };
  const name = `${input}.${peer.extension}`;
  const text = readFileSync(join(source, name), 'utf8');
  const path = join(work, name);
  writeFileSync(
    path,
    text.replace(/@([A-Z]+)@/g, (whole, key: string) => String(all[key] ?? whole)),
  );
  return path;
}

function accepted(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
