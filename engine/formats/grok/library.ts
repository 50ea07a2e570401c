/** The pattern libraries of logstash-patterns-core, and patterns in the same form of a pack's own. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../native/load.js';
import { equivalents } from './equivalents.js';

export type LibraryName = 'ecs-v1' | 'legacy';

/** Patterns by name, in grok's own syntax. */
export type GrokLibrary = ReadonlyMap<string, string>;

const loaded = new Map<LibraryName, GrokLibrary>();

/** A standard library: with ECS names for what it captures, or with the names from before them. */
export function standardLibrary(name: LibraryName = 'ecs-v1'): GrokLibrary {
  const known = loaded.get(name);
  if (known) return known;
  const folder = join(projectRoot, 'engine/formats/grok/data', name);
  const files = readdirSync(folder).sort();
  const library = new Map(files.flatMap((file) => parsePatterns(readFileSync(join(folder, file), 'utf8'))));
  for (const [pattern, source] of Object.entries(equivalents[name])) library.set(pattern, source);
  loaded.set(name, library);
  return library;
}

/** `library` with `own` added; of two with a name, `own` counts. */
export function withPatterns(library: GrokLibrary, own: Readonly<Record<string, string>>): GrokLibrary {
  return new Map([...library, ...Object.entries(own)]);
}

/** Lines `NAME pattern`; empty ones and those that begin with # are skipped. */
export function parsePatterns(text: string): [name: string, pattern: string][] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => /^(\S+)\s+(.*?)\s*$/.exec(line))
    .filter((match) => match !== null)
    .map((match) => [match[1] as string, match[2] as string]);
}
