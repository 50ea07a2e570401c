/** The engine as a process of its own, and the load generator that drives it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../native/load.js';
import { freePorts } from '../../test/support/ports.js';
import { type Metrics, parseMetrics } from './metrics.js';
import { type Child, start, until } from './process.js';

/** A million indicators take seconds to load, on a busy host a minute. */
const readyTimeoutMs = 120_000;
const sendTimeoutMs = 300_000;
const requestTimeoutMs = 60_000;

export interface Engine {
  readonly child: Child;
  /** Where to send to, without the scheme. */
  readonly address: string;
  readonly dataDir: string;
  metrics(): Promise<Metrics>;
  stop(): Promise<void>;
}

export interface EngineStart {
  readonly env?: NodeJS.ProcessEnv;
  /** Arguments of node instead of the product's own: a script of ours, flags of V8. */
  readonly command?: readonly string[];
  /** Sees everything the process says. */
  readonly onOutput?: (text: string) => void;
}

const product = [join(projectRoot, 'dist/engine/main.js'), 'run'];

/** Of listeners over TLS; whoever sends to them trusts it. */
export const certificate = join(projectRoot, 'test/data/tls/certificate.pem');
const tlsQuery = `?certificate=${certificate}&key=${join(projectRoot, 'test/data/tls/key.pem')}`;

/** `scheme`: of its one listener; `@DATA@` in `deliver` is a directory of this run. */
export async function startEngine(scheme: string, deliver: string, options: EngineStart = {}): Promise<Engine> {
  const { env = {}, command = product, onOutput } = options;
  const dataDir = mkdtempSync(join(tmpdir(), 'penstock-bench-'));
  const [port, adminPort] = await freePorts(2);
  const [address, admin] = [`127.0.0.1:${port}`, `127.0.0.1:${adminPort}`];
  const child = start(process.execPath, command, {
    cwd: dataDir,
    env: {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PENSTOCK_'))),
      PENSTOCK_LISTEN: `${scheme}://${address}${scheme.endsWith('+tls') ? tlsQuery : ''}`,
      PENSTOCK_DELIVER: deliver.replace('@DATA@', dataDir),
      PENSTOCK_ADMIN: admin,
      PENSTOCK_DATA: join(dataDir, 'data'),
      PENSTOCK_LOG_LEVEL: 'warn',
      PENSTOCK_COMPRESSION_LEVEL: '1', // figures are compared at one level
      ...env,
    },
  });
  if (onOutput) child.process.stdout?.on('data', (chunk: Buffer) => onOutput(chunk.toString()));
  // As it is: compressing what is scraped often would be part of every figure.
  const headers = { 'accept-encoding': 'identity' };
  const get = (path: string) =>
    fetch(`http://${admin}${path}`, { headers, signal: AbortSignal.timeout(requestTimeoutMs) });
  const stop = async () => {
    await child.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    await until(
      'the engine is ready',
      () =>
        get('/health/ready').then(
          (r) => r.ok,
          () => false,
        ),
      readyTimeoutMs,
      child,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { child, address, dataDir, metrics: async () => parseMetrics(await (await get('/metrics')).text()), stop };
}

export interface Sent {
  readonly sent: number;
  readonly bytes: number;
  readonly seconds: number;
}

/** Runs `penstock send`; an engine that has stopped taking events must not hold up the run for ever. `signal` ends it early. */
export async function send(
  to: string,
  options: Readonly<Record<string, string | number>>,
  signal?: AbortSignal,
): Promise<Sent> {
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = start(process.execPath, [join(projectRoot, 'bin/penstock'), 'send', '--to', to, ...flags]);
  const stop = () => void child.stop();
  const timer = setTimeout(stop, sendTimeoutMs);
  signal?.addEventListener('abort', stop, { once: true });
  const code = await child.exited;
  clearTimeout(timer);
  if (code !== 0) throw new Error(`penstock send --to ${to}: exit ${code}\n${child.output()}`);
  return JSON.parse(child.output().trim().split('\n').at(-1) ?? '') as Sent;
}
