/** `penstock explain`: what becomes of a line, step by step, by the code that events pass. */
import { parseArgs } from 'node:util';
import { didYouMean } from '../config/suggest.js';
import { type Enrichment, loadEnrichment } from '../enrich/enrichment.js';
import { stringifyExact } from '../formats/exact-json.js';
import { Explainer, type Explanation, flatten, type TriedPack } from '../formats/explain.js';
import { loadFormats } from '../formats/load.js';
import { pathText } from '../formats/reader.js';
import { packsDirectory, readLineSettings } from './as-run.js';
import { ExitCode } from './exit-codes.js';
import { inputLines } from './input-lines.js';
import { printable, printableJson } from './render.js';

const usage = `Usage: penstock explain [--formats DIRECTORY] [--pack NAME] [--json] [--output text|json] [LINE]

Shows how the engine parses a line with the settings in effect: which format packs were tried and where each gave up, what each step extracted and how long it took,
the resulting event and what enrichment (PENSTOCK_GEOIP and others) added. Without LINE, reads standard input, one event per line.
--formats  directory of your own packs (default: PENSTOCK_FORMATS)
--pack     tries only this pack
--json     the line is a JSON object even if it does not begin with '{'
--output   json: one object per line, for programs
`;

/** Answers the exit code: 0 when every line was understood by a pack. @throws OperatingError */
export async function runExplain(argv: readonly string[]): Promise<number> {
  let parsed: ReturnType<typeof readArguments>;
  try {
    parsed = readArguments(argv);
  } catch (error) {
    process.stderr.write(`penstock explain: ${(error as Error).message}\n\n${usage}`);
    return ExitCode.usage;
  }
  const { values, positionals } = parsed;
  if (values.help) return show(usage, ExitCode.ok);
  const settings = readLineSettings();
  const { utcOffsetSeconds, jsonDepthMax, finish } = settings;
  const enrichment = await loadEnrichment(settings.enrich);
  const explainer = new Explainer(loadFormats(packsDirectory(values.formats, settings)), enrichment.plan);
  const names = explainer.formats.packs.map(({ name }) => name);
  if (values.pack !== undefined && !names.includes(values.pack)) {
    process.stderr.write(
      `penstock explain: there is no format pack ${values.pack}${didYouMean(values.pack, names)}; penstock formats list shows them\n`,
    );
    return ExitCode.usage;
  }
  const lines = positionals.length > 0 ? [Buffer.from(positionals.join(' '))] : inputLines(process.stdin);
  let understood = true;
  for await (const line of lines) {
    const explanation = explainer.explain(line, {
      json: values.json === true || line[0] === 0x7b,
      receivedNs: BigInt(Date.now()) * 1_000_000n,
      utcOffsetSeconds,
      jsonDepthMax,
      finish,
      record: true,
      ...(values.pack === undefined ? {} : { pack: values.pack }),
    });
    understood &&= explanation.pack !== null;
    process.stdout.write(
      values.output === 'json'
        ? `${printableJson(stringifyExact(explanation))}\n`
        : describe(line, explanation, enrichment),
    );
  }
  return understood ? ExitCode.ok : ExitCode.failure;
}

function readArguments(argv: readonly string[]) {
  const parsed = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      formats: { type: 'string' },
      pack: { type: 'string' },
      json: { type: 'boolean' },
      output: { type: 'string', default: 'text' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (parsed.values.output !== 'text' && parsed.values.output !== 'json') throw new Error('--output is text or json');
  return parsed;
}

function show(text: string, code: number): number {
  process.stdout.write(text);
  return code;
}

function describe(
  line: Buffer,
  { pack, event, tried, enriched, elements }: Explanation,
  enrichment: Enrichment,
): string {
  const out = [printable(line.toString('utf8')), ''];
  if (tried.length === 0) out.push('no pack is tried: neither the program nor how the text begins is that of one', '');
  for (const one of tried) out.push(...describePack(one), '');
  out.push(pack === null ? 'not recognised: the event keeps what its envelope says' : `understood by ${pack}`);
  const show = (fields: Readonly<Record<string, unknown>>) => {
    for (const [name, value] of Object.entries(fields))
      out.push(`  ${printable(name)}: ${printable(typeof value === 'string' ? value : stringifyExact(value))}`);
  };
  if (elements.length > 0) {
    out.push(`a document of ${elements.length} events, each of which also has what the document says of all:`);
    for (const [i, element] of elements.slice(0, elementsShown).entries()) {
      out.push(`event ${i + 1}: ${element.pack ?? 'not recognised'}`);
      show(flatten(element.event));
    }
    if (elements.length > elementsShown) out.push(`(${elements.length - elementsShown} more)`);
    return `${out.join('\n')}\n\n`;
  }
  const all = flatten(event);
  show(Object.fromEntries(Object.entries(all).filter(([name]) => !Object.hasOwn(enriched?.fields ?? {}, name))));
  if (enriched !== null) {
    const any = Object.keys(enriched.fields).length > 0;
    out.push(`enriched: ${any ? '' : 'nothing is known of it '}(${enriched.ns} ns)`);
    show(enriched.fields);
    const names = enriched.rules.map((rule) => enrichment.ruleNames[rule] ?? '?');
    if (names.length > 0)
      out.push(`rules: ${names.join(', ')}; the event is ${enriched.fate}${enriched.redacted ? ', redacted' : ''}`);
    if (enriched.route >= 0)
      out.push(`  to ${enrichment.settings.topics.map((topics) => topics[enriched.route]).find(Boolean) ?? '?'}`);
  }
  return `${out.join('\n')}\n\n`;
}

const elementsShown = 20;

function describePack({ pack, depth, understood, ns, steps }: TriedPack): string[] {
  const indent = '  '.repeat(depth);
  const lines = [`${indent}${pack}: ${understood ? 'understood' : 'refused'} (${ns} ns)`];
  for (const { code, applied, ns: stepNs, variables } of steps) {
    const what = code ? `${pathText(code.path)}  ${printable(code.text)}` : '?';
    lines.push(`${indent}  ${applied ? '✓' : '·'} ${what} (${stepNs} ns)`);
    for (const [name, value] of Object.entries(variables))
      lines.push(`${indent}      ${printable(name)} = ${printable(value)}`);
  }
  return lines;
}
