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
  out.write(`penstock: an error that should not happen; please report it\n${stackOf(error)}\n`);
  return ExitCode.software;
}

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
