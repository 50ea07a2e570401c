/** `penstock journal`: what people need on the bad day. One module a command. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { didYouMean } from '../config/suggest.js';
import { OperatingError } from '../errors.js';
import { isThere } from '../journal/files.js';
import { refuseNewer } from '../journal/newer.js';
import { ExitCode } from './exit-codes.js';
import { exportEvents } from './journal-export.js';
import { inspect } from './journal-inspect.js';
import { adopt, repair } from './journal-repair.js';
import { replay } from './journal-replay.js';
import type { Selection } from './journal-select.js';
import { verify } from './journal-verify.js';
import { defaultData } from './query.js';

const usage = `Usage: penstock journal COMMAND [--data DIR | --journal DIR] [--json] [ARGUMENTS]

Also while the engine runs, changing nothing:
  inspect   lanes, segments, events, how far each sink is, what was kept aside
  verify    reads every byte; names damage by place and size. Exit code 1 when there is any
  export    events as lines of ECS JSON on standard output; --raw: Kafka record batches, one behind the other
  replay    sends events to a sink once more: --to URL, as in PENSTOCK_DELIVER. At least once; their event.id is as before

Only while no engine uses the journal:
  repair    cuts unfinished tails, and appends what is whole in damaged places, so that it is delivered after all
  adopt     takes over a journal that came from another machine: gives it a new node number and this machine's mark

Which events (export, replay):
  --lane N        of this lane
  --from TIME     received at or after it (ISO 8601)
  --until TIME    received before it
  --waiting SINK  only what this sink has not acknowledged

--data DIR     data directory; default PENSTOCK_DATA or ./data
--journal DIR  a journal elsewhere: a copy, or the dead letters in <data>/journal/dead-letter/<sink>
`;

export interface JournalArguments {
  readonly journal: string;
  readonly json: boolean;
  readonly raw: boolean;
  readonly to: string;
  readonly selection: Selection;
}

type JournalCommand = (args: JournalArguments) => number | Promise<number>;
const commands: Readonly<Record<string, JournalCommand>> = {
  inspect,
  verify,
  export: exportEvents,
  replay,
  repair,
  adopt,
};

/** Answers the exit code. @throws OperatingError */
export async function runJournal(argv: readonly string[]): Promise<number> {
  const [name = '--help', ...rest] = argv;
  if (name === '--help' || name === '-h' || rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(usage);
    return ExitCode.ok;
  }
  const command = commands[name];
  const args = command ? readArguments(rest) : `there is no command ${name}${didYouMean(name, Object.keys(commands))}`;
  if (command === undefined || typeof args === 'string') {
    process.stderr.write(`penstock journal: ${args}\n\n${usage}`);
    return ExitCode.usage;
  }
  if (!isThere(args.journal))
    throw new OperatingError(
      'JOURNAL_MISSING',
      `there is no journal ${args.journal}`,
      'name the data directory with --data, or the journal itself with --journal',
    );
  refuseNewer(args.journal);
  return command(args);
}

/** The arguments, or what is wrong with them. */
function readArguments(argv: readonly string[]): JournalArguments | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        data: { type: 'string' },
        journal: { type: 'string' },
        json: { type: 'boolean', default: false },
        raw: { type: 'boolean', default: false },
        to: { type: 'string', default: '' },
        lane: { type: 'string' },
        from: { type: 'string' },
        until: { type: 'string' },
        waiting: { type: 'string' },
      },
    });
    const lane = values.lane === undefined ? null : Number(values.lane);
    if (lane !== null && (!Number.isInteger(lane) || lane < 0)) return `--lane ${values.lane} is no number of a lane`;
    const times = { from: values.from, until: values.until };
    for (const [option, time] of Object.entries(times))
      if (time !== undefined && Number.isNaN(Date.parse(time)))
        return `--${option} ${time} is no time as ISO 8601 has it`;
    return {
      journal: values.journal ?? join(values.data ?? defaultData(), 'journal'),
      json: values.json,
      raw: values.raw,
      to: values.to,
      selection: {
        lane,
        fromMs: times.from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(times.from),
        untilMs: times.until === undefined ? Number.POSITIVE_INFINITY : Date.parse(times.until),
        waiting: values.waiting ?? null,
      },
    };
  } catch (error) {
    return (error as Error).message;
  }
}
