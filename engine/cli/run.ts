/** `penstock run`: the engine until a signal. */
import { once } from 'node:events';
import type { Logger } from 'pino';
import { sinkTypes, sourceTypes } from '../../adapters/index.js';
import { loadSettings } from '../config/load.js';
import type { Settings } from '../config/settings.js';
import { bracketed, parseHostPort, parseUrl } from '../config/url-list.js';
import { type Engine, type StopReport, startEngine } from '../engine.js';
import { ledger } from '../telemetry/ledger.js';
import { createLog } from '../telemetry/log.js';
import { ExitCode } from './exit-codes.js';
import { count } from './report-error.js';

const usage = `Usage: penstock [run]

Starts the engine with the settings of the environment (penstock --help lists them). SIGTERM or SIGINT stops receiving, drains and
delivers; a second one exits at once.
`;

/** Answers the exit code. @throws ConfigError, OperatingError */
export async function runEngine(argv: readonly string[]): Promise<number> {
  if (argv.length > 0) {
    const asked = argv[0] === '--help' || argv[0] === '-h';
    (asked ? process.stdout : process.stderr).write(asked ? usage : `penstock run takes no arguments\n\n${usage}`);
    return asked ? ExitCode.ok : ExitCode.usage;
  }
  const { settings } = loadSettings(process.env, process.cwd(), { sourceTypes, sinkTypes });
  const log = createLog(settings.logLevel);
  const stopping = stopSignal(() => engine, log);
  let engine: Engine | undefined;
  engine = await startEngine(settings, log);
  say(startLines(settings, engine));
  const signal = await stopping;
  say([`${signal}: receiving has stopped; draining for at most ${settings.shutdownTimeoutMs / 1000} s`]);
  say(stopLines(await engine.stop(settings.shutdownTimeoutMs)));
  return ExitCode.ok;
}

/** Resolves with the first SIGTERM, SIGINT or SIGHUP. The second one ends the process at once. */
async function stopSignal(engine: () => Engine | undefined, log: Logger): Promise<NodeJS.Signals> {
  const first = await nextSignal();
  void nextSignal().then((second) => {
    const left = leftOf(engine());
    process.stderr.write(`${second} again: exiting at once; ${left}\n`);
    log.flush();
    process.exit(ExitCode.failure);
  });
  return first;
}

async function nextSignal(): Promise<NodeJS.Signals> {
  const controller = new AbortController();
  const wait = async (signal: NodeJS.Signals) => {
    await once(process, signal, { signal: controller.signal });
    return signal;
  };
  const waits = [wait('SIGTERM'), wait('SIGINT'), wait('SIGHUP')];
  const signal = await Promise.race(waits);
  controller.abort();
  await Promise.allSettled(waits);
  return signal;
}

function leftOf(engine: Engine | undefined): string {
  if (!engine) return 'nothing was received';
  const { sinks } = ledger(engine.readings());
  const left = sinks.map(({ sink, inJournal, inFlight }) => `${count(inJournal + inFlight, 'event')} for ${sink}`);
  return `left in the journal for the next start: ${left.length === 0 ? 'nothing' : left.join(', ')}`;
}

/** One line a listener and sink, then something to try. */
export function startLines(settings: Settings, engine: Pick<Engine, 'listeners' | 'adminPort'>): string[] {
  const lines = engine.listeners.map(({ url, port }) => `listening   ${withPort(url, port)}`);
  lines.push(...settings.sinks.map((sink) => `delivering  ${sink.url}`));
  if (settings.admin && engine.adminPort !== null) {
    const base = `http://${bracketed(settings.admin.host)}:${engine.adminPort}`;
    lines.push(`metrics     ${base}/metrics, health ${base}/health/ready`);
  }
  const sample = engine.listeners.map(({ url, port }) => sampleCommand(url, port)).find((command) => command !== '');
  if (sample) lines.push('', `try:  ${sample}`);
  return lines;
}

/** A command that sends one event, '' for listeners without such a simple one. */
function sampleCommand(url: string, port: number): string {
  const parts = parseUrl(url);
  const host = (parts && parseHostPort(parts.authority)?.host) ?? '';
  const target = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const transport = { 'syslog+udp': '-d', 'syslog+tcp': '-T' }[parts?.scheme ?? ''];
  if (transport === undefined) return '';
  return `logger -n ${target} -P ${port} ${transport} "Failed password for root from 203.0.113.7 port 22 ssh2"`;
}

function withPort(url: string, port: number): string {
  return url.replace(/:0(?=$|\?)/, `:${port}`);
}

function stopLines({ ledger: { received, sinks, unaccounted, dropped }, leftInJournal }: StopReport): string[] {
  const delivered = sinks.map((sink) => `${sink.delivered} delivered to ${sink.sink}`);
  const parts = [`${count(received, 'event')} received`, ...delivered, `${leftInJournal} left in the journal`];
  if (unaccounted > 0) parts.push(`${unaccounted} UNACCOUNTED FOR`);
  const lost = dropped
    .filter(({ events }) => events > 0)
    .map(({ source, reason, events }) => `ledger ${source}: ${events} dropped (${reason})`);
  const books = sinks.map(
    (sink) =>
      `ledger ${sink.sink}: ${sink.opening} from earlier runs + ${received} received = ${sink.delivered} delivered + ` +
      `${sink.deadLettered} dead-lettered + ${sink.inFlight} in flight + ${sink.inJournal} in the journal; ` +
      `${unaccounted} unaccounted for`,
  );
  return [...lost, ...books, `stopped: ${parts.join(', ')}`];
}

function say(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
