/** What the figures were measured on. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { projectRoot } from '../../native/load.js';

export interface Machine {
  /** With what tells one kind from another where a hypervisor hides the name: family, model, vectors, caches. */
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  /** One-minute load average when the run began: what else the machine did. */
  readonly loadAtStart: number;
  readonly virtual: boolean;
}

export function describeMachine(): Machine {
  const info = readText('/proc/cpuinfo');
  return {
    cpu: describeCpu(cpus()[0]?.model.trim() || 'unknown', info, cacheSizes()),
    cores: cpus().length,
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    node: process.version,
    loadAtStart: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    virtual: /\bhypervisor\b/.test(info),
  };
}

/** `info`: /proc/cpuinfo; `caches`: sizes, the first level's first. What is not known is left out. */
export function describeCpu(name: string, info: string, caches: readonly string[]): string {
  const field = (key: string) => new RegExp(`^${key}\\s*: (.+)$`, 'm').exec(info)?.[1];
  const flags = new Set(field('flags')?.split(' '));
  const family = field('cpu family');
  const vectors = ['avx512f', 'avx2'].find((flag) => flags.has(flag));
  const known = [
    family === undefined ? '' : `family ${family}, model ${field('model')}`,
    vectors === undefined ? '' : vectors === 'avx2' ? 'AVX2' : 'AVX-512',
    caches.length === 0 ? '' : `caches of ${caches.join(', ')}`,
  ].filter((text) => text !== '');
  return known.length === 0 ? name : `${name} (${known.join('; ')})`;
}

/** Of one core, as Linux tells them ("32K"), instructions' left out. */
function cacheSizes(): string[] {
  const of = (index: number, what: string) =>
    readText(`/sys/devices/system/cpu/cpu0/cache/index${index}/${what}`).trim();
  const sizes: string[] = [];
  for (let index = 0; of(index, 'size') !== ''; index++)
    if (of(index, 'type') !== 'Instruction') sizes.push(of(index, 'size'));
  return sizes;
}

/** Short hash of the commit that is checked out, with '+' when files differ from it. */
export function commitId(): string {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: projectRoot, encoding: 'utf8' }).trim();
    const changed = git('status', '--porcelain', '--untracked-files=no', '--', '.', ':!perf-reports') !== '';
    return git('rev-parse', '--short=10', 'HEAD') + (changed ? '+' : '');
  } catch {
    return 'unknown';
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
