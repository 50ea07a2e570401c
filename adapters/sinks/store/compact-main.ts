/**
 * The compaction as a process of its own, at the lowest priority: `node compact-main.js '{"store": …}'`. One at a time per
 * store; exit code 75 (EX_TEMPFAIL) when another one runs. Prints its result as a line of JSON, or on standard error what went wrong.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { withholdFromOthers } from '../../../engine/journal/files.js';
import { lockFile } from '../../../native/journal.js';
import { type CompactSettings, compact } from './compact.js';

const settings = JSON.parse(process.argv[2] ?? '{}') as CompactSettings;
try {
  setPriority(process.pid, 19);
} catch {
  // without the right to change priorities it runs at the engine's
}
withholdFromOthers();
try {
  mkdirSync(settings.store, { recursive: true });
  const lock = openSync(join(settings.store, 'compact.lock'), 'a', 0o640);
  if (lockFile(lock) !== 0) {
    process.exitCode = 75;
  } else {
    process.stdout.write(`${JSON.stringify(await compact(settings))}\n`);
    closeSync(lock);
  }
} catch (error) {
  const { code, message, stack } = error as NodeJS.ErrnoException;
  process.stderr.write(code === undefined ? `${stack}\n` : `${message}\n`);
  process.exitCode = 1;
}
