/** `penstock formats`: the packs there are, and whether their cases come out as expected. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type CaseResult, caseFiles, runCaseFile } from '../formats/cases.js';
import { stringifyExact } from '../formats/exact-json.js';
import { Explainer } from '../formats/explain.js';
import { loadFormats, ownFormats, packFolders } from '../formats/load.js';
import { nearNames } from '../formats/near-names.js';
import { ExitCode } from './exit-codes.js';
import { printable } from './render.js';
import { count } from './report-error.js';

const usage = `Usage: penstock formats list [DIRECTORY]
       penstock formats test [DIRECTORY] [--write] [--pack NAME]

list  lists the format packs: Penstock's own and those in DIRECTORY (default: PENSTOCK_FORMATS).
test  checks the packs in DIRECTORY (default: PENSTOCK_FORMATS, or else Penstock's own) and runs their test cases: each line
      of cases/*.log and cases/*.ndjson must give the event recorded for it in cases/*.json.
--write  records the current results as the expected ones. Review the difference before you commit it.
--pack   runs the cases of this pack only.

docs/formats.md explains how to write a pack.
`;
const differencesShown = 20;

/** Answers the exit code. @throws OperatingError with every mistake of every pack */
export async function runFormats(argv: readonly string[]): Promise<number> {
  let parsed: ReturnType<typeof readArguments>;
  try {
    parsed = readArguments(argv);
  } catch (error) {
    process.stderr.write(`penstock formats: ${(error as Error).message}\n\n${usage}`);
    return ExitCode.usage;
  }
  if (parsed.help) return show(process.stdout, ExitCode.ok);
  const [verb, directory] = parsed.positionals;
  if ((verb !== 'list' && verb !== 'test') || parsed.positionals.length > 2)
    return show(process.stderr, ExitCode.usage);
  const configured = process.env.PENSTOCK_FORMATS || undefined;
  const chosen = directory ?? (configured === 'off' ? undefined : configured);
  const user = chosen === undefined ? null : resolve(chosen);
  const explainer = new Explainer(loadFormats(user));
  if (verb === 'list') {
    for (const { name, title, rank } of explainer.formats.packs)
      process.stdout.write(`${name.padEnd(24)} ${title}${rank === 'generic' ? ' (generic)' : ''}\n`);
    return ExitCode.ok;
  }
  return test(explainer, user ?? ownFormats, parsed.write, parsed.pack);
}

function show(stream: NodeJS.WriteStream, code: number): number {
  stream.write(usage);
  return code;
}

function readArguments(argv: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { write: { type: 'boolean' }, pack: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  return { positionals, help: values.help === true, write: values.write === true, pack: values.pack };
}

function test(explainer: Explainer, directory: string, write: boolean, only: string | undefined): number {
  let lines = 0;
  let wrong = 0;
  const folders = packFolders(directory);
  if (folders.length === 0 || (only !== undefined && !folders.includes(only))) {
    const missing = only === undefined ? 'no folder with a pack.yaml' : `no format pack ${only}`;
    process.stderr.write(`penstock formats: there is ${missing} in ${directory}\n`);
    return ExitCode.usage;
  }
  for (const pack of folders.filter((name) => only === undefined || name === only)) {
    const files = caseFiles(join(directory, pack));
    const results = files.flatMap((file) => runCaseFile(explainer, pack, file, write));
    const bad = results.filter(({ problem }) => problem !== '');
    lines += results.length;
    wrong += bad.length;
    const verdict = bad.length === 0 ? 'ok' : 'FAILED';
    process.stdout.write(
      `${verdict.padEnd(7)} ${pack}: ${count(results.length, 'case')}${results.length === 0 ? ': a pack without cases is not proven' : ''}\n`,
    );
    const packFile = explainer.formats.packs.find(({ name }) => name === pack);
    for (const { name, meant } of packFile ? nearNames(packFile) : [])
      process.stdout.write(`  note: ${name} is no field of ECS and becomes an attribute: is ${meant} meant?\n`);
    for (const result of bad) process.stdout.write(describe(result));
  }
  process.stdout.write(`${count(lines, 'case')}, ${wrong} wrong\n`);
  return wrong === 0 ? ExitCode.ok : ExitCode.failure;
}

function describe({ path, line, text, problem, differences }: CaseResult): string {
  const shown = differences
    .slice(0, differencesShown)
    .flatMap(({ field, expected, got }) => [
      ...(expected === undefined ? [] : [`    - ${field}: ${printable(stringifyExact(expected))}`]),
      ...(got === undefined ? [] : [`    + ${field}: ${printable(stringifyExact(got))}`]),
    ]);
  const more = differences.length > differencesShown ? [`    … ${differences.length - differencesShown} more`] : [];
  return `  ${path}:${line}: ${problem}\n${text === '' ? '' : `    ${printable(text)}\n`}${[...shown, ...more].map((one) => `${one}\n`).join('')}`;
}
