/**
 * What the build made of the product's own packs, so that a start neither reads YAML nor compiles: `dist/formats.bin`. It is only
 * used where it was made of just these packs by just this code; else packs are compiled as if it were not there.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { projectRoot } from '../../native/load.js';
import type { CompiledFormats } from './compile.js';
import type { PackFile } from './pack-file.js';

const file = join(projectRoot, 'dist/formats.bin');

export interface BuiltFormats {
  /** Of the code that reads and compiles packs. */
  readonly code: string;
  /** By name. `text`: SHA-256 of pack.yaml and of what it includes, which stands in the folders `shared`. */
  readonly packs: ReadonlyMap<
    string,
    { readonly text: string; readonly shared: readonly string[]; readonly pack: PackFile }
  >;
  readonly compiled: CompiledFormats;
  /** Names by their place among the counters. */
  readonly counters: readonly string[];
}

let read: BuiltFormats | null | undefined;

/** Null: not built, or by other code. */
export function builtFormats(): BuiltFormats | null {
  if (read === undefined) read = readBuilt();
  return read;
}

function readBuilt(): BuiltFormats | null {
  try {
    const built = deserialize(readFileSync(file)) as BuiltFormats;
    return built.code === codeHash() ? built : null;
  } catch {
    return null; // not there, or not whole: the packs themselves are
  }
}

export function writeBuilt(built: Omit<BuiltFormats, 'code'>): void {
  writeFileSync(`${file}.new`, serialize({ code: codeHash(), ...built }));
  renameSync(`${file}.new`, file);
}

/** `texts`: of pack.yaml and of each steps.yaml that it includes. */
export function textHash(...texts: readonly string[]): string {
  const sum = createHash('sha256');
  for (const text of texts) sum.update(text).update('\0');
  return sum.digest('hex');
}

function codeHash(): string {
  const folder = join(projectRoot, 'dist/engine/formats');
  const code = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.js') && !name.endsWith('.test.js'),
  );
  const files = [...code.sort().map((name) => join(folder, name))];
  const generated = ['ecs-fields.js', 'ecs-allowed-values.js'].map((name) =>
    join(projectRoot, 'dist/schema/generated', name),
  );
  files.push(...generated, join(projectRoot, 'dist/native/formats.js'));
  const sum = createHash('sha256');
  for (const path of files) sum.update(readFileSync(path)).update('\0');
  return sum.digest('hex');
}
