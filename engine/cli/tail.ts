import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findJournal } from '../../adapters/sinks/store/manifest.js';
import { OperatingError } from '../errors.js';
import { tailKafka } from './kafka-tail.js';
import { LocalTail } from './local-tail.js';
import { defaultData } from './query.js';
import { printableJson } from './render.js';

const usage = `Usage: penstock tail [--lines N] [--no-follow] [--data DIR | --from kafka://HOST:PORT/TOPIC]

Prints events as ECS JSON lines: the last N (10), then what comes, from the local store or a Kafka topic.
Kafka: as in PENSTOCK_DELIVER, with the same options: kafkas:// for TLS; ?sasl_mechanism=SCRAM-SHA-512&username=… with the password in PENSTOCK_KAFKA_PASSWORD.

  penstock tail | jq .message
  penstock tail --lines 100 --no-follow --from kafka://localhost:9092/security.events
`;
const exUsage = 64;
const pollMs = 100;

export interface TailSettings {
  readonly lines: number;
  readonly follow: boolean;
  /** Ends following. */
  readonly signal: AbortSignal;
  readonly output: NodeJS.WritableStream;
}

/** `penstock tail`: answers the exit code. */
export async function runTail(
  argv: readonly string[],
  signal: AbortSignal = new AbortController().signal,
  output: NodeJS.WritableStream = process.stdout,
): Promise<number> {
  const args = readArguments(argv);
  if (typeof args === 'string') {
    process.stderr.write(args);
    return args === usage ? 0 : exUsage;
  }
  // A reader that has seen enough (`| head`) closes the pipe: that ends the tail, and is no error.
  const closed = new AbortController();
  output.on('error', () => closed.abort());
  const settings = { ...args, signal: AbortSignal.any([signal, closed.signal]), output };
  try {
    if (args.from === undefined) await tailStore(args.data, settings);
    else await tailKafka(args.from, settings);
    return 0;
  } catch (error) {
    if (!(error instanceof OperatingError)) throw error;
    process.stderr.write(`penstock tail: ${error.message}\n  ${error.remedy}\n`);
    return 1;
  }
}

async function tailStore(data: string, settings: TailSettings): Promise<void> {
  const tail = new LocalTail(findJournal(data));
  try {
    for (const line of tail.last(settings.lines)) await print(settings, line);
    while (settings.follow && !settings.signal.aborted) {
      const lines = tail.next();
      for (const line of lines) await print(settings, line);
      if (lines.length === 0) await pause(pollMs, undefined, { signal: settings.signal }).catch(() => {});
    }
  } finally {
    tail.close();
  }
}

/** Writes JSON lines at the pace of whoever reads, who may be a terminal. */
export async function print({ output, signal }: TailSettings, lines: Buffer): Promise<void> {
  if (signal.aborted || output.write(printableJson(lines.toString()))) return;
  await once(output, 'drain', { signal }).catch(() => {});
}

interface TailArguments {
  readonly data: string;
  readonly from: string | undefined;
  readonly lines: number;
  readonly follow: boolean;
}

/** The arguments, or what to print instead. */
function readArguments(argv: readonly string[]): TailArguments | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        data: { type: 'string' },
        from: { type: 'string' },
        lines: { type: 'string', short: 'n', default: '10' },
        'no-follow': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return usage;
    const lines = Number(values.lines);
    if (!Number.isInteger(lines) || lines < 0 || lines > 1_000_000)
      return 'penstock tail: --lines is a number from 0 to 1000000\n';
    if (values.data !== undefined && values.from !== undefined)
      return 'penstock tail: give --data or --from, not both\n';
    return { data: values.data ?? defaultData(), from: values.from, lines, follow: !values['no-follow'] };
  } catch (error) {
    return `penstock tail: ${error instanceof Error ? error.message : error}\n\n${usage}`;
  }
}
