/**
 * Notices that a file became another: written in place, replaced by a rename, or reached by a symbolic link that now leads
 * elsewhere (as Kubernetes does). Looks at its name again and again, which works on every file system.
 */
import { readFileSync, type Stats, unwatchFile, watchFile } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const settleMs = 200;
const settleTriesMax = 25;

/**
 * Calls `onChange` when the content is another than at the last call, and has stood still for a moment: who writes it slowly
 * is not read half-way. A file that is gone is no change; it may be on its way.
 * @param known content that was read before
 * @returns ends the watching
 */
export function watchContent(
  path: string,
  intervalMs: number,
  onChange: () => void,
  known: string | null = contentOf(path),
): () => void {
  let looking = false;
  const look = async (): Promise<void> => {
    let now = contentOf(path);
    for (let tries = 0; tries < settleTriesMax; tries++) {
      await delay(settleMs);
      const later = contentOf(path);
      if (later === now) break;
      now = later;
    }
    if (now === null || now === known) return;
    known = now;
    onChange();
  };
  const listener = (now: Stats, before: Stats): void => {
    const same = now.mtimeMs === before.mtimeMs && now.ino === before.ino && now.size === before.size;
    if (looking || (same && now.ctimeMs === before.ctimeMs)) return;
    looking = true;
    void look().finally(() => {
      looking = false;
    });
  };
  if (contentOf(path) !== known) void look();
  watchFile(path, { interval: intervalMs, persistent: false }, listener);
  return () => unwatchFile(path, listener);
}

/** null when it cannot be read. */
export function contentOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
