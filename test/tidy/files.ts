/** The project's own files, for the house rules. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../native/load.js';

export interface ProjectFile {
  readonly path: string;
  readonly text: string;
}

/** Text files that git tracks or would track; without outside data and lock files. */
export function projectFiles(): ProjectFile[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: projectRoot,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  return listed
    .split('\0')
    .filter((path) => path !== '' && !isOutside(path) && existsSync(join(projectRoot, path)))
    .map((path) => ({ path, bytes: readFileSync(join(projectRoot, path)) }))
    .filter(({ bytes }) => !bytes.includes(0))
    .map(({ path, bytes }) => ({ path, text: bytes.toString('utf8') }));
}

/** Data and texts that others wrote, and lock files. */
function isOutside(path: string): boolean {
  return (
    /(^|\/)(corpus|cases|data|ecs)\//.test(path) ||
    /(^|\/)(package-lock\.json|Cargo\.lock|LICENSE[^/]*|NOTICE[^/]*)$/.test(path)
  );
}

/** Written by a generator. */
export function isGenerated(path: string): boolean {
  return /(^|\/)generated\//.test(path) || path === 'adapters/index.ts';
}

/** The line of `text` at `index`, counted from 1. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
