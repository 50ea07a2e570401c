/** The command line: one lazily loaded module a command. */

import { ExitCode } from './cli/exit-codes.js';
import { type Command, helpText } from './cli/help.js';
import { reportError } from './cli/report-error.js';
import { didYouMean } from './config/suggest.js';

interface RunnableCommand extends Command {
  /** Answers the exit code. */
  run(argv: readonly string[]): Promise<number>;
}

const commands: readonly RunnableCommand[] = [
  {
    name: 'run',
    text: 'receive, parse and deliver until SIGTERM (the default)',
    run: async (argv) => (await import('./cli/run.js')).runEngine(argv),
  },
  {
    name: 'config',
    text: 'show the settings in effect; --check lists every mistake',
    run: async (argv) => (await import('./cli/config.js')).runConfig(argv),
  },
  {
    name: 'tail',
    text: 'print events as they arrive in the local store or a Kafka topic',
    run: async (argv) => (await import('./cli/tail.js')).runTail(argv),
  },
  {
    name: 'query',
    text: 'query the local store with SQL',
    run: async (argv) => (await import('./cli/query.js')).runQuery(argv),
  },
  {
    name: 'explain',
    text: 'show how a line is parsed: packs tried, steps, resulting event',
    run: async (argv) => (await import('./cli/explain.js')).runExplain(argv),
  },
  {
    name: 'unparsed',
    text: 'group the lines that no format pack recognises',
    run: async (argv) => (await import('./cli/unparsed.js')).runUnparsed(argv),
  },
  {
    name: 'formats',
    text: 'list the format packs, run their test cases',
    run: async (argv) => (await import('./cli/formats.js')).runFormats(argv),
  },
  {
    name: 'audit',
    text: 'check with journal and sinks that every event is accounted for',
    run: async (argv) => (await import('./cli/audit.js')).runAudit(argv),
  },
  {
    name: 'redrive',
    text: 'send the dead letters of a sink to it again',
    run: async (argv) => (await import('./cli/redrive.js')).runRedrive(argv),
  },
  {
    name: 'journal',
    text: 'inspect, verify, export, replay, repair or adopt a journal',
    run: async (argv) => (await import('./cli/journal.js')).runJournal(argv),
  },
  {
    name: 'dictionaries',
    text: 'fetch the dictionaries of frames from Kafka when their folder was lost',
    run: async (argv) => (await import('./cli/dictionaries.js')).runDictionaries(argv),
  },
  {
    name: 'send',
    text: 'send test events to a listener',
    run: async (argv) => (await import('./cli/send.js')).runSend(argv),
  },
];

async function main(argv: readonly string[]): Promise<number> {
  const [name = 'run', ...rest] = argv;
  onLostOutput(name);
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(helpText(commands, process.stdout.columns));
    return ExitCode.ok;
  }
  if (name === '--version' || name === '-V') {
    process.stdout.write(`penstock ${(await import('./version.js')).version}\n`);
    return ExitCode.ok;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (command) return command.run(rest);
  const names = commands.map((candidate) => candidate.name);
  process.stderr.write(
    `penstock: there is no command ${name}${didYouMean(name, names)}\n${names.join(', ')}; penstock --help tells more\n`,
  );
  return ExitCode.usage;
}

/**
 * A reader that went away (`penstock tail | head`) ends a command, without a word. The engine goes on, also when a disk for its output is
 * full: what it says is worth less than what it receives, and Ctrl-C ends the `tee` behind it first.
 */
function onLostOutput(command: string): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (command === 'run') return;
    process.exit(error.code === 'EPIPE' ? ExitCode.ok : reportError(Object.assign(error, { path: 'standard output' })));
  });
}

const fail = (error: unknown) => process.exit(reportError(error));
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

main(process.argv.slice(2)).then(exitWhenWritten, fail);

/** A pipe holds 64 KiB: what its reader has not taken yet would be cut off. */
async function exitWhenWritten(code: number): Promise<void> {
  const written = (stream: NodeJS.WriteStream) => new Promise((resolve) => stream.write('', resolve));
  await Promise.all([written(process.stdout), written(process.stderr)]);
  process.exit(code);
}
