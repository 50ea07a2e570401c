/** Notices that a user's directory of format packs became another. */
import type { BigIntStats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Calls `onChange` when a pack.yaml or steps.yaml of the directory is new, gone or written to, and has stood still from one look to the next: who writes
 * slowly is not read half-way. A directory that cannot be read is no change: it may be on its way.
 * @param directory what is in force now; null: none
 * @returns ends the watching
 */
export function watchFormats(directory: () => string | null, intervalMs: number, onChange: () => void): () => void {
  let watched: string | null = null;
  let known: string | null = null;
  let seen: string | null = null;
  let looking = false;
  const look = async (): Promise<void> => {
    const path = directory();
    const now = path === null ? null : await signatureOf(path);
    if (now === null) return;
    if (path !== watched || known === null) {
      watched = path;
      known = now; // read by who set it
    } else if (now !== known && now === seen) {
      known = now;
      onChange();
    }
    seen = now;
  };
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look().finally(() => {
      looking = false;
    });
  }, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** Each file's name, and what its file's system says of it; null: the directory cannot be read. */
async function signatureOf(directory: string): Promise<string | null> {
  try {
    const names = (await readdir(directory)).sort();
    const files = names.flatMap((name) => [join(name, 'pack.yaml'), join(name, 'steps.yaml')]);
    const described = await Promise.all(files.map((file) => describe(join(directory, file))));
    return files.map((file, i) => `${file} ${described[i]}`).join('\n');
  } catch {
    return null;
  }
}

async function describe(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs }: BigIntStats = await stat(path, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    return 'none';
  }
}
