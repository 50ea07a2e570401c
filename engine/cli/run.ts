/** `penstock run`: the engine until a signal. */
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { sinkTypes, sourceTypes } from '../../adapters/index.js';
import { loadSettings } from '../config/load.js';
import type { Settings } from '../config/settings.js';
import { bracketed, parseHostPort, parseUrl } from '../config/url-list.js';
import { contentOf, watchContent } from '../config/watch.js';
import { watchZones, zonesOf } from '../config/zone-watch.js';
import { type Engine, type StopReport, startEngine } from '../engine.js';
import { watchFormats } from '../formats/watch.js';
import { withholdFromOthers } from '../journal/files.js';
import { Reloader } from '../reload.js';
import { ledger } from '../telemetry/ledger.js';
import { createLog } from '../telemetry/log.js';
import { loadChecked } from './check-files.js';
import { ExitCode } from './exit-codes.js';
import { count } from './report-error.js';

const usage = `Usage: penstock [run]

Starts the engine with the settings of the environment (penstock --help lists them). SIGTERM or SIGINT stops receiving, drains and
delivers; a second one exits at once. SIGHUP, or a change of the YAML file or of a format pack, takes
new listeners, sinks and packs over while events flow.
`;

/** Answers the exit code. @throws ConfigError, OperatingError */
export async function runEngine(argv: readonly string[]): Promise<number> {
  if (argv.length > 0) {
    const asked = argv[0] === '--help' || argv[0] === '-h';
    (asked ? process.stdout : process.stderr).write(asked ? usage : `penstock run takes no arguments\n\n${usage}`);
    return asked ? ExitCode.ok : ExitCode.usage;
  }
  const load = () => loadSettings(process.env, process.cwd(), { sourceTypes, sinkTypes });
  const file = process.env.PENSTOCK_CONFIG ? resolve(process.env.PENSTOCK_CONFIG) : null;
  const before = file === null ? null : contentOf(file);
  const loaded = await loadChecked(process.env, process.cwd(), false);
  const { settings } = loaded;
  const log = createLog(settings.logLevel);
  const stopping = stopSignal(() => engine, log);
  withholdFromOthers();
  let engine: Engine | undefined;
  const hangUps = onHangUp();
  engine = await startEngine(settings, log);
  const reloader = new Reloader({ engine, loaded, load, log });
  const reloads = startReloads(reloader, hangUps, (reload) => {
    const running = engine;
    // Read again, the settings have the zones' new offsets, and workers get them.
    const zones = watchZones(
      () => zonesOf(running.settings),
      (changed) => reload(`the offset of ${changed.join(', ')} from UTC changed`),
    );
    if (settings.configPollMs === 0) return zones.end;
    const directory = () => (running.settings.formats === 'off' ? null : running.settings.formats);
    const unwatch = [
      watchFormats(directory, settings.configPollMs, () => reload(`the format packs in ${directory()} changed`)),
      ...(file === null ? [] : [watchContent(file, settings.configPollMs, () => reload(`${file} changed`), before)]),
    ];
    return () => {
      for (const end of [zones.end, ...unwatch]) end();
    };
  });
  say(startLines(settings, engine));
  const signal = await stopping;
  const { shutdownTimeoutMs } = engine.settings;
  // A reload under way may wait for what does not come any more (a full journal, a file on a disk that hangs).
  await Promise.race([reloads.end(), delay(shutdownTimeoutMs / 4, undefined, { ref: false })]);
  say([`${signal}: receiving has stopped; draining for at most ${shutdownTimeoutMs / 1000} s`]);
  say(stopLines(await engine.stop(shutdownTimeoutMs)));
  return ExitCode.ok;
}

/** Without a file to read again, the end of the terminal it runs in ends the process, as users expect. */
const hangUpStops = process.stdout.isTTY === true && !process.env.PENSTOCK_CONFIG;

/** Takes SIGHUPs from now on; those that come before there is somebody to tell are told then, as one. */
function onHangUp(): { tell: (reload: () => void) => void } {
  let missed = false;
  let reload = (): void => {
    missed = true;
  };
  if (!hangUpStops) process.on('SIGHUP', () => reload());
  return {
    tell: (to) => {
      reload = to;
      if (missed) to();
    },
  };
}

/** SIGHUP and what `watch` sees reload. `end` waits for a reload under way. */
function startReloads(
  reloader: Reloader,
  hangUps: ReturnType<typeof onHangUp>,
  watch: (reload: (reason: string) => void) => () => void,
): { end: () => Promise<void> } {
  let last: Promise<unknown> = Promise.resolve();
  let ended = false;
  const reload = (reason: string): void => {
    if (!ended) last = reloader.reload(reason);
  };
  hangUps.tell(() => reload('SIGHUP'));
  const unwatch = watch(reload);
  return {
    end: async () => {
      ended = true;
      unwatch();
      await last;
    },
  };
}

/** Resolves with the first signal that ends the process. The second one ends the process at once. */
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
  const waits = [wait('SIGTERM'), wait('SIGINT'), ...(hangUpStops ? [wait('SIGHUP')] : [])];
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
  return `logger -n ${target} -P ${port} ${transport} -t sshd "Failed password for root from 203.0.113.7 port 22 ssh2"`;
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
      `ledger ${sink.sink}: ${sink.opening} from earlier runs + ${received - sink.committedBefore} received = ${sink.delivered} delivered + ` +
      `${sink.deadLettered} dead-lettered + ${sink.dropped === 0 ? '' : `${sink.dropped} dropped (journal_full) + `}${sink.inFlight} in flight + ${sink.inJournal} in the journal; ` +
      `${unaccounted} unaccounted for`,
  );
  return [...lost, ...books, `stopped: ${parts.join(', ')}`];
}

function say(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
