import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OperatingError } from '../errors.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function made(prefix: string): string {
  try {
    return mkdtempSync(join(tmpdir(), prefix));
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    throw new OperatingError(
      'NO_TEMPORARY_DIRECTORY',
      `events that are not compacted yet cannot be put aside in ${tmpdir()}: ${code}`,
      'name a directory that can be written and has room: TMPDIR=/path',
      { cause },
    );
  }
}

/**
 * A directory that is gone after `remove`, and when the process ends before: by a signal, or because nobody reads its output.
 * It holds events, which must not stay behind where nobody looks for them.
 */
export function temporaryFolder(prefix: string): { path: string; remove: () => void } {
  const path = made(prefix);
  const clear = (): void => rmSync(path, { recursive: true, force: true });
  const remove = (): void => {
    process.off('exit', clear);
    for (const signal of signals) process.off(signal, end);
    clear();
  };
  // The signal itself ends the process: an exit would wait for what other threads are at.
  const end = (signal: NodeJS.Signals): void => {
    remove();
    process.kill(process.pid, signal);
  };
  process.once('exit', clear);
  for (const signal of signals) process.on(signal, end);
  return { path, remove };
}
