/** `penstock redrive`: dead letters on their way again. */
import { parseArgs } from 'node:util';
import { sinkTypes, sourceTypes } from '../../adapters/index.js';
import { loadSettings } from '../config/load.js';
import { deadLetterSinks } from '../journal/dead-letter.js';
import { createLog } from '../telemetry/log.js';
import { ExitCode } from './exit-codes.js';
import { type RedriveFilter, type RedriveReport, redriveSink } from './redrive-sink.js';
import { count } from './report-error.js';

const usage = `Usage: penstock redrive [--sink ID] [--code CODE] [--since TIME] [--until TIME] [--timeout SECONDS] [--dry-run]

Sends the dead letters of a sink, the events it rejected permanently, to that sink again, once you have fixed the cause. Uses the settings of
the environment, as run does; works while the engine runs, and without it. Each event is sent once, whatever interrupts this command:
the next redrive sends only what was not delivered or was rejected again. The records carry the headers penstock.redriven.from and
penstock.redriven.time.

--sink      only what this sink rejected (SELECT DISTINCT "dead_letter.sink" FROM dead_letters names them)
--code      only with this reason, e.g. MESSAGE_TOO_LARGE
--since     only what was rejected at this time (ISO 8601) or later; --until: before this time
--timeout   how long to wait for the sink; default 60. The next redrive sends the rest
--dry-run   only say what would be sent
`;

/** Answers the exit code: 0 when everything asked for is delivered. @throws ConfigError, OperatingError */
export async function runRedrive(argv: readonly string[]): Promise<number> {
  const asked = readArguments(argv);
  if (typeof asked === 'string') {
    (asked === usage ? process.stdout : process.stderr).write(asked);
    return asked === usage ? ExitCode.ok : ExitCode.usage;
  }
  const { settings } = loadSettings(process.env, process.cwd(), { sourceTypes, sinkTypes });
  const log = createLog(settings.logLevel === 'info' ? 'warn' : settings.logLevel);
  const sinks = deadLetterSinks(`${settings.dataDir}/journal`).filter((id) => asked.sink === null || id === asked.sink);
  let complete = true;
  for (const id of sinks) {
    const spec = settings.sinks.find((sink) => sink.id === id);
    if (spec === undefined) {
      process.stderr.write(`${id}: not configured now, so its dead letters stay where they are\n`);
      complete = false;
      continue;
    }
    const report = await redriveSink(spec, { settings, log, ...asked });
    process.stdout.write(`${id}: ${sentence(report, asked.dryRun)}\n`);
    complete &&= report.waiting === 0 && report.refused === 0;
  }
  if (sinks.length === 0) process.stdout.write('there are no dead letters\n');
  return complete ? ExitCode.ok : ExitCode.failure;
}

interface Asked {
  readonly sink: string | null;
  readonly filter: RedriveFilter;
  readonly timeoutMs: number;
  readonly dryRun: boolean;
}

function readArguments(argv: readonly string[]): Asked | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        sink: { type: 'string' },
        code: { type: 'string' },
        since: { type: 'string' },
        until: { type: 'string' },
        timeout: { type: 'string', default: '60' },
        'dry-run': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return usage;
    const time = (name: string, text: string | undefined, otherwise: number) => {
      const ms = text === undefined ? otherwise : Date.parse(text);
      if (Number.isNaN(ms)) throw new Error(`--${name} is a time such as 2026-03-01T12:00:00Z, not ${text}`);
      return ms;
    };
    const seconds = Number(values.timeout);
    if (!(seconds >= 0 && seconds <= 86_400)) throw new Error('--timeout is a number of seconds up to 86400');
    return {
      sink: values.sink ?? null,
      filter: {
        code: values.code ?? null,
        sinceMs: time('since', values.since, 0),
        untilMs: time('until', values.until, Number.POSITIVE_INFINITY),
      },
      timeoutMs: seconds * 1000,
      dryRun: values['dry-run'],
    };
  } catch (error) {
    return `penstock redrive: ${(error as Error).message}\n\n${usage}`;
  }
}

function sentence(report: RedriveReport, dryRun: boolean): string {
  const { chosen, delivered, refused, waiting, earlier, broken } = report;
  const parts = dryRun
    ? [`${count(chosen, 'dead letter')} would be sent again`]
    : [`${count(chosen, 'dead letter')} taken up`, `${delivered} delivered`];
  if (refused > 0) parts.push(`${refused} refused again`);
  if (waiting > 0) parts.push(`${waiting} waiting for the sink: redrive again`);
  if (earlier > 0) parts.push(`${earlier} sent by an earlier redrive`);
  if (broken > 0) parts.push(`${broken} cannot be sent: their batch could not be taken apart`);
  return parts.join(', ');
}
