/** Packs from directories: the product's own, then the user's, which win over packs of the same name. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../native/load.js';
import { OperatingError } from '../errors.js';
import { type CompiledFormats, compileFormats, packsMax } from './compile.js';
import type { PackSource } from './compile-pack.js';
import { type PackProblem, problemText } from './pack-file.js';
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

/** @throws FormatsError with every mistake of every pack */
export function loadFormats(userDirectory: string | null): CompiledFormats {
  const problems: PackProblem[] = [];
  const directories = userDirectory === null ? [ownFormats] : [ownFormats, userDirectory];
  const sources = new Map<string, PackSource>();
  for (const directory of directories)
    for (const source of readDirectory(directory, problems)) sources.set(source.pack.name, source);
  if (sources.size > packsMax) throw new FormatsError([], `more than ${packsMax} format packs`);
  const compiled = compileFormats([...sources.values()], counterOf, problems);
  if (problems.length > 0) throw new FormatsError(problems);
  return compiled;
}

/** Folders with a pack.yaml. @throws OperatingError when the directory cannot be read */
export function readDirectory(directory: string, problems: PackProblem[]): PackSource[] {
  return packFolders(directory).flatMap((name) => {
    const file = join(directory, name, 'pack.yaml');
    const text = readFileSync(file, 'utf8');
    const read = readPack(file, name, text);
    problems.push(...read.problems);
    return read.pack ? [{ pack: read.pack, file, text }] : [];
  });
}

export function packFolders(directory: string): string[] {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (cause) {
    const message = `the directory of format packs cannot be read: ${(cause as Error).message}`;
    throw new OperatingError('FORMATS_DIRECTORY', message, 'let PENSTOCK_FORMATS name a directory of packs', { cause });
  }
  return names.filter((name) => existsSync(join(directory, name, 'pack.yaml'))).sort();
}

/** Every mistake of every pack. */
export class FormatsError extends OperatingError {
  constructor(
    readonly problems: readonly PackProblem[],
    message = problems.map(problemText).join('\n'),
  ) {
    super('FORMATS_INVALID', message, 'mend the format packs; penstock formats test DIRECTORY checks them');
  }
}
