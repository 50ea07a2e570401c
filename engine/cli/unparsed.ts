/** `penstock unparsed`: what the format packs do not understand, grouped. */
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { Explainer, flatten } from '../formats/explain.js';
import { loadFormats } from '../formats/load.js';
import { Templates } from '../formats/templates.js';
import { ExitCode } from './exit-codes.js';
import { printable } from './render.js';

const usage = `Usage: penstock unparsed [--formats DIRECTORY] [--events] [--most N] [--output text|json] < FILE

Reads lines, tries the format packs on each, and groups the messages that none understands: templates with <*> for what changes, how many
there are of each, and samples. The most frequent come first: that is where a pack is worth writing.
--formats  packs besides the product's own (else PENSTOCK_FORMATS)
--events   lines are events as tail, query and journal export print them: their original bytes are tried, else their message
--most     so many templates (20)
--output   json: one object a line, for programs
`;

interface Counts {
  lines: number;
  understood: number;
}

/** Answers the exit code. @throws OperatingError */
export async function runUnparsed(argv: readonly string[]): Promise<number> {
  let values: ReturnType<typeof readArguments>;
  try {
    values = readArguments(argv);
  } catch (error) {
    process.stderr.write(`penstock unparsed: ${(error as Error).message}\n\n${usage}`);
    return ExitCode.usage;
  }
  if (values.help) {
    process.stdout.write(usage);
    return ExitCode.ok;
  }
  const configured = values.formats ?? (process.env.PENSTOCK_FORMATS || undefined);
  const user = configured === undefined || configured === 'off' ? null : resolve(configured);
  const explainer = new Explainer(loadFormats(user));
  const templates = new Templates();
  const counts: Counts = { lines: 0, understood: 0 };
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY }))
    look(explainer, values.events === true ? originalOf(line) : line, templates, counts);
  process.stdout.write(
    values.output === 'json'
      ? templates
          .list(values.most)
          .map((template) => `${JSON.stringify(template)}\n`)
          .join('')
      : describe(templates, counts, values.most),
  );
  return ExitCode.ok;
}

function readArguments(argv: readonly string[]) {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      formats: { type: 'string' },
      events: { type: 'boolean' },
      most: { type: 'string', default: '20' },
      output: { type: 'string', default: 'text' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.output !== 'text' && values.output !== 'json') throw new Error('--output is text or json');
  if (!/^[1-9]\d{0,5}$/.test(values.most)) throw new Error('--most is a number from 1 to 999999');
  return { ...values, most: Number(values.most) };
}

function look(explainer: Explainer, line: string, templates: Templates, counts: Counts): void {
  if (line === '') return;
  counts.lines++;
  const frame = Buffer.from(line);
  const json = frame[0] === 0x7b;
  const { pack, event } = explainer.explain(frame, { json, receivedNs: BigInt(Date.now()) * 1_000_000n });
  if (pack !== null) counts.understood++;
  else templates.add(json ? namesOf(event, line) : String(event.message ?? line));
}

/** Of a JSON object its names tell what it is. */
function namesOf(event: Readonly<Record<string, unknown>>, line: string): string {
  try {
    return `JSON ${Object.keys(flatten(JSON.parse(line) as Record<string, unknown>)).join(' ')}`;
  } catch {
    return String(event.message ?? line);
  }
}

/** What was received, of an event as ECS JSON; the line itself where it is none. */
function originalOf(line: string): string {
  try {
    const event = JSON.parse(line) as { event?: { original?: unknown }; message?: unknown };
    const text = event.event?.original ?? event.message;
    return typeof text === 'string' ? text : line;
  } catch {
    return line;
  }
}

function describe(templates: Templates, { lines, understood }: Counts, most: number): string {
  const list = templates.list(most);
  const out = [`${lines} lines: ${understood} understood, ${lines - understood} not`];
  if (templates.forgotten > 0) out.push(`(${templates.forgotten} of those are of kinds too rare to be kept)`);
  for (const { text, count, samples } of list) {
    out.push('', `${count} × ${printable(text)}`);
    for (const sample of samples) out.push(`    ${printable(sample)}`);
  }
  return `${out.join('\n')}\n`;
}
