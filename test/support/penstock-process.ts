/**
 * The real program in a process of its own, on free ports, in a directory of its own.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../native/load.js';
import { freePorts } from './ports.js';
import { patienceMs, until } from './until.js';

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
  /** File that gets what it says, instead of `output`. */
  readonly outputTo?: string;
  /** Ports to listen on instead of free ones. */
  readonly ports?: readonly number[];
}

/** To deliver what is there after SIGTERM: a busy machine takes its time. A test that wants less says so in `env`. */
const shutdownTimeoutMs = patienceMs;

export interface MetricWait {
  /** Summed over the series that have all of these. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

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
    const said = options.outputTo === undefined ? 'pipe' : openSync(options.outputTo, 'w');
    this.child = spawn(program, args, {
      cwd: this.directory,
      env: {
        PATH: process.env.PATH ?? '',
        PENSTOCK_LISTEN: options.listen.map((scheme, i) => `${scheme}://127.0.0.1:${ports[i]}`).join(','),
        PENSTOCK_DELIVER: options.deliver ?? `store:${this.directory}/data`,
        PENSTOCK_DATA: join(this.directory, 'data'),
        PENSTOCK_ADMIN: `127.0.0.1:${adminPort}`,
        PENSTOCK_SHUTDOWN_TIMEOUT_MS: String(shutdownTimeoutMs),
        ...options.env,
      },
      stdio: ['ignore', said, said],
    });
    if (typeof said === 'number') closeSync(said);
    const killWithUs = () => this.child.kill('SIGKILL');
    process.once('exit', killWithUs);
    // 'close' rather than 'exit': then all it said has been read.
    this.#exited = once(this.child, 'close').then(([code]) => {
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

  /** Resolves when the metric has reached `value`; rejects after the time, or when the process has ended. */
  async untilMetric(
    name: string,
    value: number,
    { labels = {}, timeoutMs = patienceMs }: MetricWait = {},
  ): Promise<void> {
    let now = Number.NaN;
    const reached = async () => {
      now = await this.metric(name, labels);
      return now >= value;
    };
    await until(`${name} reaches ${value}`, reached, { timeoutMs, detail: () => `it is ${now}\n${this.output}` });
  }

  /** A counter reaches `value` and is not beyond it: counters of one event are not written at one moment. */
  async expectMetric(name: string, value: number, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.untilMetric(name, value, { labels });
    assert.equal(await this.metric(name, labels), value, name);
  }

  /** Asks until the answer is yes; rejects when it never is. */
  async until(what: string, condition: () => boolean | Promise<boolean>, timeoutMs = patienceMs): Promise<void> {
    await until(what, condition, { timeoutMs, detail: () => this.output });
  }

  /** What it says is read a moment after it was said. */
  untilOutput(wanted: RegExp): Promise<void> {
    return this.until(`it says ${wanted}`, () => wanted.test(this.output));
  }

  /** SIGTERM; resolves with the exit code. */
  async stop(timeoutMs = shutdownTimeoutMs + 30_000): Promise<number | null> {
    if (!this.#hasEnded()) this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), timeoutMs);
    const code = await this.#exited;
    clearTimeout(timer);
    return code;
  }

  async kill9(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#exited;
  }

  /** Resolves with the exit code, null after a signal, when it has ended and all it said has been read. */
  exited(): Promise<number | null> {
    return this.#exited;
  }

  /** Ends it if it still runs, and removes its directory. */
  async dispose(): Promise<void> {
    if (!this.#hasEnded()) await this.kill9();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Resolves when it takes events; rejects when it has ended or takes too long. */
  async ready(): Promise<void> {
    const takesEvents = async () => {
      if (this.#hasEnded()) {
        const code = await this.#exited;
        throw new Error(`penstock exited with ${code ?? this.child.signalCode}\n${this.output}`);
      }
      const answer = await fetch(`http://127.0.0.1:${this.adminPort}/health/ready`).catch(() => null); // not listening yet
      return answer?.status === 200;
    };
    await this.until('penstock is ready', takesEvents);
  }

  #hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
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
