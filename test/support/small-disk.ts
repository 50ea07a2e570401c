import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A file system of that size in a directory; null where mounting is not permitted. */
export function smallDisk(t: TestContext, size: string): string | null {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-disk-'));
  t.after(() => {
    spawnSync('umount', ['-l', directory]);
    rmSync(directory, { recursive: true, force: true });
  });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', directory]).status !== 0) return null;
  return directory;
}
