import { availableParallelism } from 'node:os';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { OperatingError } from '../errors.js';
import { printable, type ResultFormat, render } from './render.js';
import { openStore } from './store-query.js';

/** What --help says. */
export const usage = `Usage: penstock query [--data DIR] [--format table|json|csv] [--memory MB] "SQL"

Queries the local store with SQL (DuckDB). The view \`events\` holds every event, compacted or not; common ECS fields are
columns under their dotted names ("host.hostname"), the rest is in the JSON column attrs under its dotted name (attrs->>'a.b').
The view \`dead_letters\` holds the events that sinks rejected permanently: the same columns, and "dead_letter.code", ".message", ".sink", ".time".
SQL is read from standard input when it is '-'. Works while the engine runs.

  penstock query 'SELECT "@timestamp", "host.hostname", message FROM events ORDER BY 1 DESC LIMIT 20'
  penstock query "SELECT \\"source.ip\\", count(*) FROM events WHERE \\"event.outcome\\" = 'failure' GROUP BY 1"
  penstock query 'SELECT "dead_letter.code", count(*) FROM dead_letters GROUP BY 1'
  penstock query 'DESCRIBE events'
`;
const exUsage = 64;
const memoryMbDefault = 1024;

/** `penstock query`: answers the exit code. */
export async function runQuery(argv: readonly string[]): Promise<number> {
  const args = readArguments(argv);
  if (typeof args === 'string') {
    process.stderr.write(args);
    return args === usage ? 0 : exUsage;
  }
  try {
    const sql = args.sql === '-' ? await text(process.stdin) : args.sql;
    const threads = Math.min(4, availableParallelism());
    const store = await openStore({ data: args.data, memoryBytes: args.memoryMb * 2 ** 20, threads, statement: sql });
    try {
      const width = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
      const lines = render(await store.stream(sql), args.format, width);
      await pipeline(Readable.from(lines), process.stdout, { end: false });
      if (store.journalOnly !== null)
        process.stderr.write(
          `penstock query: ${store.journalOnly} has no store: events are those that its journal still holds\n  --data names the directory of a store that is elsewhere\n`,
        );
      for (const why of store.lacking)
        process.stderr.write(
          `penstock query: events are missing, one of kind pipeline_error stands for each frame of them: ${why}\n` +
            '  penstock dictionaries fetches what Kafka has\n',
        );
    } finally {
      store.close();
    }
    return 0;
  } catch (error) {
    if (!(error instanceof OperatingError)) throw error;
    // DuckDB quotes the values that it could not do something with.
    const message = error.message.split('\n').map(printable).join('\n');
    process.stderr.write(`penstock query: ${message}\n  ${error.remedy}\n`);
    return 1;
  }
}

interface QueryArguments {
  readonly data: string;
  readonly format: ResultFormat;
  readonly memoryMb: number;
  readonly sql: string;
}

/** The arguments, or what to print instead. */
function readArguments(argv: readonly string[]): QueryArguments | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        data: { type: 'string' },
        format: { type: 'string', default: 'table' },
        memory: { type: 'string', default: String(memoryMbDefault) },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return usage;
    const [sql, ...more] = positionals;
    const memoryMb = Number(values.memory);
    if (sql === undefined || more.length > 0) return `penstock query: give one SQL statement, in quotes\n\n${usage}`;
    if (!['table', 'json', 'csv'].includes(values.format)) return `penstock query: --format is table, json or csv\n`;
    if (!Number.isInteger(memoryMb) || memoryMb < 128) return `penstock query: --memory is a number of MB from 128\n`;
    return { data: values.data ?? defaultData(), format: values.format as ResultFormat, memoryMb, sql };
  } catch (error) {
    return `penstock query: ${error instanceof Error ? error.message : error}\n\n${usage}`;
  }
}

/** Where the engine keeps its data when nothing else is said. */
export function defaultData(): string {
  return process.env.PENSTOCK_DATA ?? './data';
}
