/** Heap allocations of a process: native ones counted by a preloaded library, V8's as its collector tells. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../native/load.js';
import { Unavailable } from './figures.js';

export interface NativeCounter {
  /** For the process to be counted. */
  readonly env: NodeJS.ProcessEnv;
  read(): { calls: number; bytes: number };
}

const slotBytes = 64;

/** Compiles the library into `folder`. @throws Unavailable where there is no C compiler. */
export function nativeCounter(folder: string): NativeCounter {
  const library = join(folder, 'count_allocations.so');
  const source = join(projectRoot, 'bench/lib/count_allocations.c');
  if (!existsSync(library)) {
    try {
      execFileSync(process.env.CC ?? 'cc', ['-O2', '-shared', '-fPIC', '-o', library, source], { stdio: 'pipe' });
    } catch (error) {
      throw new Unavailable(`the counter cannot be compiled: ${error instanceof Error ? error.message : error}`);
    }
  }
  const file = join(folder, `allocations-${process.hrtime.bigint()}`);
  return {
    env: { LD_PRELOAD: library, COUNT_ALLOCATIONS_FILE: file },
    read: () => {
      const words = readFileSync(file);
      let calls = 0;
      let bytes = 0;
      for (let at = 0; at < words.length; at += slotBytes) {
        calls += Number(words.readBigUInt64LE(at));
        bytes += Number(words.readBigUInt64LE(at + 8));
      }
      return { calls, bytes };
    },
  };
}

/** Flags of node for `CollectorLog`. */
export const collectorFlags = ['--trace-gc', '--trace-gc-nvp'] as const;
/** Collections of the young generation every MiB instead of every 16: allocated bytes are told at collections only. */
export const fineCollectorFlags = [...collectorFlags, '--max-semi-space-size=1', '--min-semi-space-size=1'] as const;

/** Reads what V8 says of every collection, in all threads of a process (--trace-gc-nvp). */
export class CollectorLog {
  #line = '';
  collections = 0;
  pauseMs = 0;
  /** Allocated before the last collection of each thread. */
  allocatedBytes = 0;

  add(text: string): void {
    const lines = (this.#line + text).split('\n');
    this.#line = lines.pop() ?? '';
    for (const line of lines) {
      const collection = /: pause=([\d.]+) .*? allocated=(\d+) /.exec(line);
      if (!collection) continue;
      this.collections++;
      this.pauseMs += Number(collection[1]);
      this.allocatedBytes += Number(collection[2]);
    }
  }
}
