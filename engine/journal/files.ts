/** Small files replaced as a whole: readers see the old or the new, also after a crash. */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32c } from '../../native/journal.js';

/**
 * Files and directories that this process makes from here on are closed to other users, who are not to read the events: also those
 * made by libraries that say nothing of rights. What the umask withholds already stays withheld.
 */
export function withholdFromOthers(): void {
  process.umask(process.umask(0o027) | 0o027);
}

/** Replaces `path` by `text`: written aside, made durable, renamed. `durable` false: survives the process, not the machine. */
export function replaceFile(path: string, text: string | Uint8Array, durable = true): void {
  const aside = `${path}.new`;
  const fd = openSync(aside, 'w', 0o640);
  try {
    writeFileSync(fd, text);
    if (durable) fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(aside, path);
  if (durable) syncDirectory(dirname(path));
}

/**
 * Makes a directory and what is missing above it; answers the first one made. Node's own way has no end where the system says that there
 * is nothing above (ENOENT) although there is, as below /proc.
 */
export function makeDirectories(path: string): string | undefined {
  try {
    return makeOne(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    const above = makeDirectories(dirname(path));
    const made = makeOne(path);
    return above ?? made;
  }
}

/** undefined: it is there already. */
function makeOne(path: string): string | undefined {
  try {
    mkdirSync(path);
    return path;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(path).isDirectory()) return undefined;
    throw error;
  }
}

/** False: there is nothing. @throws where that cannot be told, as without the right to look; Node's own way says false then, too */
export function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Makes a directory, and what is missing above it, so that a power failure does not take it away again. */
export function makeDirectory(path: string): void {
  const first = makeDirectories(path);
  if (first === undefined) return;
  const above = dirname(first);
  for (let made = path; made !== above && made !== dirname(made); made = dirname(made)) syncDirectory(dirname(made));
}

/** Makes names created, renamed or removed in a directory durable. */
export function syncDirectory(directory: string): void {
  const fd = openSync(directory, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Writes `value` as JSON with a CRC-32C of the JSON text in front. */
export function writeChecked(path: string, value: unknown, durable = true): void {
  const json = JSON.stringify(value);
  replaceFile(path, `${checksum(json)} ${json}\n`, durable);
}

/** Reads what `writeChecked` wrote; null when there is no file, 'damaged' when it is not whole. */
export function readChecked(path: string): unknown | null | 'damaged' {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const json = text.slice(9, -1);
  if (text.slice(0, 8) !== checksum(json)) return 'damaged';
  return JSON.parse(json);
}

function checksum(json: string): string {
  return crc32c(Buffer.from(json)).toString(16).padStart(8, '0');
}

/** Whether what failed did for want of room on the disk. */
export function isNoRoom(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
