import { ConfigError, SettingsError } from '../errors.js';
import { ExitCode } from './exit-codes.js';

/** Says on `out` what went wrong and what to do; the exit code for it. A bug of ours shows its stack. */
export function reportError(error: unknown, out: NodeJS.WritableStream = process.stderr): number {
  if (error instanceof ConfigError) {
    out.write(`penstock: ${count(error.problems.length, 'mistake')} in the settings\n`);
    for (const { flag, value, allowed, origin } of error.problems) {
      out.write(`  ${flag}=${value}  (${origin})\n      must be ${allowed}\n`.replace('must be there is', 'there is'));
    }
    return ExitCode.config;
  }
  if (isOperating(error)) {
    out.write(`penstock: ${error.message}\n  ${error.remedy}\n`);
    return error instanceof SettingsError ? ExitCode.config : ExitCode.failure;
  }
  const refused = systemRefusal(error);
  if (refused !== null) {
    out.write(`penstock: ${refused.message}\n  ${refused.remedy}\n`);
    return ExitCode.failure;
  }
  out.write(`penstock: an error that should not happen; please report it\n${stackOf(error)}\n`);
  return ExitCode.software;
}

/** What the system says no to by itself: nothing that the program could have known, and the operator can mend it. */
const systemRefusals: Readonly<Record<string, readonly [string, string]>> = {
  EACCES: ['permission denied', 'run as the user that owns it, or grant this user the right'],
  EPERM: ['not permitted', 'run as the user that owns it, or grant this user the right'],
  EROFS: ['the file system is read-only', 'mount it writable, or name another directory'],
  ENOSPC: ['no space left on the device', 'free space, or name a directory on another disk'],
  EDQUOT: ['the disk quota is used up', 'free space, or raise the quota'],
  ENOENT: ['no such file or directory', 'correct the path, or make what is missing (a disk that is not mounted?)'],
  ENOTDIR: ['a part of the path is no directory', 'correct the path, or move away the file that is in its place'],
  EEXIST: ['a file is in its place', 'correct the path, or move the file away'],
  EISDIR: ['it is a directory', 'correct the path'],
  ELOOP: ['too many symbolic links', 'correct the path or the links'],
  ENAMETOOLONG: ['the name is too long', 'choose a shorter one'],
  EMFILE: ['too many open files', 'raise the limit of open files (ulimit -n, LimitNOFILE=)'],
  ENFILE: ['too many open files in the system', 'raise fs.file-max'],
  EIO: ['input or output error', 'check the disk (dmesg)'],
};

/** A refusal by the system, told as what could not be done to what. */
function systemRefusal(error: unknown): { message: string; remedy: string } | null {
  const { code = '', path, syscall } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  const [reason, remedy] = systemRefusals[code] ?? [];
  if (reason === undefined || remedy === undefined || syscall === undefined) return null;
  return { message: `cannot ${actions[syscall] ?? syscall} ${path ?? 'a file'}: ${reason}`, remedy };
}

const actions: Readonly<Record<string, string>> = {
  mkdir: 'make the directory',
  scandir: 'list',
  unlink: 'delete',
  rmdir: 'delete',
  stat: 'look at',
  lstat: 'look at',
  fsync: 'sync',
};

/** OperatingError and what has its shape (the native loader's AddonError). */
function isOperating(error: unknown): error is Error & { remedy: string } {
  return error instanceof Error && 'remedy' in error && typeof error.remedy === 'string';
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}
