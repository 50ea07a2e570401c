/**
 * The real program in a process of its own, on free ports, in a directory of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { projectRoot } from '../../native/load.js';

export interface PenstockOptions {
  /** Schemes to listen with, e.g. ['syslog+tcp', 'http']; each on a free port of the loopback. */
  readonly listen: readonly string[];
  /** PENSTOCK_DELIVER; default: the store in the data directory. */
  readonly deliver?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Limit of open files (ulimit -n). */
  readonly descriptorsMax?: number;
  /** Kept when given: for restarts. */
  readonly directory?: string;
  /** Ports to listen on instead of free ones. */
  readonly ports?: readonly number[];
}

const readyTimeoutMs = 30_000;

export class PenstockProcess {
  readonly directory: string;
  readonly ports: readonly number[];
  readonly adminPort: number;
  readonly child: ChildProcess;
  output = '';
  #exited: Promise<number | null>;

  static async start(options: PenstockOptions): Promise<PenstockProcess> {
    const penstock = await PenstockProcess.spawn(options);
    await penstock.ready();
    return penstock;
  }

  /** Starts it and does not wait until it is ready. */
  static async spawn(options: PenstockOptions): Promise<PenstockProcess> {
    const ports = await freePorts(options.listen.length + 1);
    return new PenstockProcess(options, options.ports ?? ports.slice(1), ports[0] as number);
  }

  private constructor(options: PenstockOptions, ports: readonly number[], adminPort: number) {
    this.directory = options.directory ?? mkdtempSync(join(tmpdir(), 'penstock-e2e-'));
    this.ports = ports;
    this.adminPort = adminPort;
    const command = [process.execPath, join(projectRoot, 'dist/engine/main.js'), 'run'];
    const limited = ['sh', '-c', `ulimit -n ${options.descriptorsMax}; exec "$@"`, 'sh', ...command];
    const [program = '', ...args] = options.descriptorsMax === undefined ? command : limited;
    this.child = spawn(program, args, {
      cwd: this.directory,
      env: {
        PATH: process.env.PATH ?? '',
        PENSTOCK_LISTEN: options.listen.map((scheme, i) => `${scheme}://127.0.0.1:${ports[i]}`).join(','),
        PENSTOCK_DELIVER: options.deliver ?? `store:${this.directory}/data`,
        PENSTOCK_DATA: join(this.directory, 'data'),
        PENSTOCK_ADMIN: `127.0.0.1:${adminPort}`,
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const killWithUs = () => this.child.kill('SIGKILL');
    process.once('exit', killWithUs);
    this.#exited = once(this.child, 'exit').then(([code]) => {
      process.off('exit', killWithUs);
      return code as number | null;
    });
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.on('data', (text) => (this.output += text));
  }

  /** Value of a metric, summed over its series (those that have all of `labels`). */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    return sumMetric(await this.metrics(), name, labels);
  }

  async metrics(): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${this.adminPort}/metrics`, { headers: { connection: 'close' } });
    return response.text();
  }

  /** Resolves when the metric has reached `value`; rejects after the time. */
  async untilMetric(name: string, value: number, timeoutMs = 60_000): Promise<void> {
    const until = Date.now() + timeoutMs;
    for (;;) {
      const now = await this.metric(name);
      if (now >= value) return;
      if (Date.now() > until) throw new Error(`${name} is ${now}, not ${value}\n${this.output}`);
      await delay(50);
    }
  }

  /** SIGTERM; resolves with the exit code. */
  async stop(timeoutMs = 30_000): Promise<number | null> {
    if (this.child.exitCode !== null) return this.child.exitCode;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), timeoutMs);
    const code = await this.#exited;
    clearTimeout(timer);
    return code;
  }

  async kill9(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#exited;
  }

  /** Ends it if it still runs, and removes its directory. */
  async dispose(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.kill9();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Resolves when it takes events; rejects when it has ended or takes too long. */
  async ready(): Promise<void> {
    const until = Date.now() + readyTimeoutMs;
    for (;;) {
      if (this.child.exitCode !== null) throw new Error(`penstock exited with ${this.child.exitCode}\n${this.output}`);
      try {
        const response = await fetch(`http://127.0.0.1:${this.adminPort}/health/ready`);
        if (response.status === 200) return;
      } catch {
        // not listening yet
      }
      if (Date.now() > until) throw new Error(`penstock is not ready\n${this.output}`);
      await delay(30);
    }
  }
}

export function sumMetric(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    const match = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (match?.[1] !== name) continue;
    if (Object.entries(labels).every(([key, value]) => match[2]?.includes(`${key}="${value}"`)))
      sum += Number(match[3]);
  }
  return sum;
}

/** Ports nobody listens on now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Free ports below those that the system gives to outgoing connections: still free when a process starts again. */
export async function lowPorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = 15_000 + Math.floor(Math.random() * 15_000);
    const server = createServer().listen(port, '127.0.0.1');
    const free = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    ports.push(port);
  }
  return ports;
}
