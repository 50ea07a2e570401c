/** Whether a file that the settings name can be read, before anything is opened. */
import { closeSync, openSync, statSync } from 'node:fs';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
};

/** Why not, in words; null: it can be. Looks first, since opening what is no file (a pipe) would wait. */
export function whyUnreadable(path: string): string | null {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) return 'it is a directory';
    if (!stats.isFile()) return 'it is no file';
    closeSync(openSync(path, 'r'));
    return null;
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    return reasons[code] ?? message;
  }
}
