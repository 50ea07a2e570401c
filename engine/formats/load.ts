/** Packs from directories: the product's own, then the user's, which win over packs of the same name. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectRoot } from '../../native/load.js';
import { whyUnreadable } from '../config/readable.js';
import { SettingsError } from '../errors.js';
import { builtFormats, textHash } from './built.js';
import { type CompiledFormats, compileFormats, packsMax } from './compile.js';
import type { PackSource } from './compile-pack.js';
import { type PackProblem, problemText, type SharedSteps } from './pack-file.js';
import { readPack } from './read-pack.js';

export const ownFormats = join(projectRoot, 'adapters/formats');

/** Places of packs among the counters: given once, kept while the process lives. */
const counters = new Map<string, number>();
function counterOf(name: string): number {
  let counter = counters.get(name);
  if (counter === undefined) {
    counter = counters.size;
    counters.set(name, counter);
  }
  return counter;
}
export function counterNames(): readonly string[] {
  return [...counters.keys()];
}

/** As another thread of the process has given them. */
export function takeCounters(names: readonly string[]): void {
  for (const name of names) counterOf(name);
}

/** @throws FormatsError with every mistake of every pack */
export function loadFormats(userDirectory: string | null): CompiledFormats {
  const problems: PackProblem[] = [];
  const own = readDirectory(ownFormats, problems);
  if (userDirectory === null) return builtOf(own) ?? compiled(own, problems);
  const sources = new Map(
    [...own, ...readDirectory(userDirectory, problems)].map((source) => [source.pack.name, source]),
  );
  return compiled([...sources.values()], problems);
}

/** The product's own, compiled anew. @throws FormatsError with every mistake of every pack */
export function loadOwn(): { readonly sources: readonly PackSource[]; readonly compiled: CompiledFormats } {
  const problems: PackProblem[] = [];
  const sources = readDirectory(ownFormats, problems);
  return { sources, compiled: compiled(sources, problems) };
}

function compiled(sources: readonly PackSource[], problems: PackProblem[]): CompiledFormats {
  if (sources.length > packsMax) throw new FormatsError([], `more than ${packsMax} format packs`);
  const made = compileFormats(sources, counterOf, problems);
  if (problems.length > 0) throw new FormatsError(problems);
  return made;
}

/** What the build made of just these packs, if their counters can be what they were there. */
function builtOf(own: readonly PackSource[]): CompiledFormats | null {
  const built = builtFormats();
  if (!built || own.length !== built.packs.size || own.some((source) => !isBuilt(source))) return null;
  if ([...counters].some(([name, place]) => built.counters[place] !== name)) return null;
  for (const name of built.counters) counterOf(name);
  return built.compiled;
}

function isBuilt({ pack }: PackSource): boolean {
  return builtFormats()?.packs.get(pack.name)?.pack === pack;
}

/** Folders with a pack.yaml. @throws OperatingError when the directory cannot be read */
export function readDirectory(directory: string, problems: PackProblem[]): PackSource[] {
  return packFolders(directory).flatMap((name) => {
    const file = join(directory, name, 'pack.yaml');
    const refused = (allowed: string) => problems.push({ file, line: 1, path: 'the file', value: '', allowed });
    const why = whyUnreadable(file);
    if (why !== null) {
      refused(misnamed(directory, name) ? 'must be called pack.yaml, not pack.yml' : `must be readable: ${why}`);
      return [];
    }
    const text = readFileSync(file, 'utf8');
    const unchanged = directory === ownFormats ? builtPack(name, file, text) : undefined;
    if (unchanged) return [unchanged];
    const read = readPack(file, name, text, (folder) => sharedSteps(directory, folder));
    problems.push(...read.problems);
    return read.pack ? [{ pack: read.pack, file, text, shared: read.shared }] : [];
  });
}

/** What the build made of one of the product's packs, if neither it nor what it includes became another since. */
function builtPack(name: string, file: string, text: string): PackSource | undefined {
  const built = builtFormats()?.packs.get(name);
  if (!built) return undefined;
  const shared = new Map<string, SharedSteps>();
  for (const folder of built.shared) {
    const steps = sharedSteps(ownFormats, folder);
    if (!steps) return undefined;
    shared.set(folder, steps);
  }
  const texts = [text, ...[...shared.values()].map((steps) => steps.text)];
  return built.text === textHash(...texts) ? { pack: built.pack, file, text, shared, built: true } : undefined;
}

/** The steps that packs share: of the user's own directory, else the product's. */
function sharedSteps(directory: string, folder: string): SharedSteps | undefined {
  const file = [directory, ownFormats].map((parent) => join(parent, folder, 'steps.yaml')).find(existsSync);
  return file === undefined ? undefined : { file, text: readFileSync(file, 'utf8') };
}

export function packFolders(directory: string): string[] {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (cause) {
    const message = `the directory of format packs cannot be read: ${(cause as Error).message}`;
    throw new SettingsError('FORMATS_DIRECTORY', message, 'let PENSTOCK_FORMATS name a directory of packs', { cause });
  }
  if (names.includes('pack.yaml')) {
    const message = `${directory} is the folder of one format pack, not the directory of folders`;
    throw new SettingsError('FORMATS_DIRECTORY', message, `name the directory that it is in: ${dirname(directory)}`);
  }
  return names.filter((name) => existsSync(join(directory, name, 'pack.yaml')) || misnamed(directory, name)).sort();
}

/** A pack that would be passed over without a word. */
function misnamed(directory: string, name: string): boolean {
  return !existsSync(join(directory, name, 'pack.yaml')) && existsSync(join(directory, name, 'pack.yml'));
}

/** Every mistake of every pack. */
export class FormatsError extends SettingsError {
  constructor(
    readonly problems: readonly PackProblem[],
    message = problems.map(problemText).join('\n'),
  ) {
    super('FORMATS_INVALID', message, 'mend the format packs; penstock formats test DIRECTORY checks them');
  }
}
