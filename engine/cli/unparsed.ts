/** `penstock unparsed`: what the format packs do not understand, grouped. */
import { parseArgs } from 'node:util';
import type { UnparsedReport } from '../admin/unparsed.js';
import { readValues } from '../config/load.js';
import { OperatingError } from '../errors.js';
import { Explainer, flatten } from '../formats/explain.js';
import { loadFormats } from '../formats/load.js';
import { type Template, Templates } from '../formats/templates.js';
import { describe as describeText } from '../formats/unparsed.js';
import { packsDirectory, readLineSettings } from './as-run.js';
import { ExitCode } from './exit-codes.js';
import { inputLines } from './input-lines.js';
import { printable, printableJson } from './render.js';

const usage = `Usage: penstock unparsed [--formats DIRECTORY] [--events] [--most N] [--output text|json] < FILE
       penstock unparsed --live [ADDRESS] [--most N] [--output text|json]

Tries the format packs on each line and groups the messages that no pack recognises. Each group is shown as a template, with <*> for the
parts that vary, its count and samples. The most frequent groups, for which a pack is worth writing, come first.
--live     asks the running process on this host, at ADDRESS (default: PENSTOCK_ADMIN), what it has not recognised since it started
--formats  directory of your own packs (default: PENSTOCK_FORMATS)
--events   lines are events as printed by tail, query or journal export; their original bytes are tried, or else their message
--most     how many templates to show (default: 20)
--output   json: one object per line, for programs
`;

interface Counts {
  lines: number;
  understood: number;
}

/** Answers the exit code. @throws OperatingError */
export async function runUnparsed(argv: readonly string[]): Promise<number> {
  let parsed: ReturnType<typeof readArguments>;
  try {
    parsed = readArguments(argv);
  } catch (error) {
    process.stderr.write(`penstock unparsed: ${(error as Error).message}\n\n${usage}`);
    return ExitCode.usage;
  }
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(usage);
    return ExitCode.ok;
  }
  if (values.live) {
    const report = await ask(positionals[0] ?? adminAddress(), values.most);
    process.stdout.write(values.output === 'json' ? jsonLines(report.templates) : describeReport(report));
    return ExitCode.ok;
  }
  const explainer = new Explainer(loadFormats(packsDirectory(values.formats, readLineSettings())));
  const templates = new Templates();
  const counts: Counts = { lines: 0, understood: 0 };
  for await (const line of inputLines(process.stdin))
    look(explainer, values.events === true ? originalOf(line) : line, templates, counts);
  process.stdout.write(
    values.output === 'json' ? jsonLines(templates.list(values.most)) : describe(templates, counts, values.most),
  );
  return ExitCode.ok;
}

function readArguments(argv: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      formats: { type: 'string' },
      events: { type: 'boolean' },
      live: { type: 'boolean' },
      most: { type: 'string', default: '20' },
      output: { type: 'string', default: 'text' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.output !== 'text' && values.output !== 'json') throw new Error('--output is text or json');
  if (!/^[1-9]\d{0,5}$/.test(values.most)) throw new Error('--most is a number from 1 to 999999');
  if (positionals.length > (values.live ? 1 : 0))
    throw new Error(`there is no argument ${positionals.at(-1)}; lines are read from standard input`);
  return { values: { ...values, most: Number(values.most) }, positionals };
}

/** A forwarder's objects are all alike: it is the message that tells, of the program that they name. */
function describeObject(frame: Buffer, event: Readonly<Record<string, unknown>>): string {
  const fields = flatten(event);
  const [program, message] = [fields['process.name'], fields['message']];
  return program && message ? `${program}: ${message}` : describeText(frame.toString());
}

function look(explainer: Explainer, frame: Buffer, templates: Templates, counts: Counts): void {
  if (frame.length === 0) return;
  counts.lines++;
  const json = frame[0] === 0x7b;
  const { pack, event } = explainer.explain(frame, { json, receivedNs: BigInt(Date.now()) * 1_000_000n });
  if (pack !== null) counts.understood++;
  else templates.add(json ? describeObject(frame, event) : String(event.message ?? frame.toString()));
}

/** What was received, of an event as ECS JSON; the line itself where it is none. */
function originalOf(line: Buffer): Buffer {
  try {
    const event = JSON.parse(line.toString()) as { event?: { original?: unknown }; message?: unknown };
    const text = event.event?.original ?? event.message;
    return typeof text === 'string' ? Buffer.from(text) : line;
  } catch {
    return line;
  }
}

function adminAddress(): string {
  const { values } = readValues(process.env, process.cwd(), []);
  const address = values.get('PENSTOCK_ADMIN');
  return typeof address === 'string' && address !== '' && address !== 'off' ? address : '127.0.0.1:9600';
}

/** @throws OperatingError */
async function ask(address: string, most: number): Promise<UnparsedReport> {
  const url = `http://${address.replace(/^https?:\/\//, '').replace(/\/.*$/, '')}/api/unparsed?most=${Math.min(most, 2000)}`;
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(answerTimeoutMs) });
  } catch (cause) {
    throw new OperatingError(
      'ADMIN_UNREACHABLE',
      `nobody answers at ${url}`,
      'name the address of PENSTOCK_ADMIN behind --live',
      { cause },
    );
  }
  const body = (await response.json().catch(() => ({}))) as UnparsedReport & { error?: string };
  if (!response.ok)
    throw new OperatingError(
      'ADMIN_REFUSED',
      `${url} answers ${response.status}: ${printable(body.error ?? '')}`,
      'see docs/operating.md',
    );
  return body;
}

const answerTimeoutMs = 10_000;

function jsonLines(templates: readonly Template[]): string {
  return printableJson(templates.map((template) => `${JSON.stringify(template)}\n`).join(''));
}

function describeReport({ events, forgotten, templates }: UnparsedReport): string {
  return describeTemplates(`${events} events not understood since the start`, forgotten, templates);
}

function describe(templates: Templates, { lines, understood }: Counts, most: number): string {
  const head = `${lines} lines: ${understood} understood, ${lines - understood} not`;
  return describeTemplates(head, templates.forgotten, templates.list(most));
}

function describeTemplates(head: string, forgotten: number, templates: readonly Template[]): string {
  const out = [head];
  if (forgotten > 0) out.push(`(${forgotten} of those are of kinds too rare to be kept)`);
  for (const { text, count, samples } of templates) {
    out.push('', `${count} × ${printable(text)}`);
    for (const sample of samples) out.push(`    ${printable(sample)}`);
  }
  return `${out.join('\n')}\n`;
}
