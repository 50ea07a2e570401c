/** `penstock config`: what is in effect and where it came from. */
import { parseArgs } from 'node:util';
import { sinkTypes, sourceTypes } from '../../adapters/index.js';
import { bufferTerms, describeTerms } from '../config/buffers.js';
import { loadSettings } from '../config/load.js';
import { loadChecked } from './check-files.js';
import { ExitCode } from './exit-codes.js';

const usage = `Usage: penstock config [--check]

Shows every setting in effect and where it came from; secrets are masked.
--check  only checks the settings, the format packs and every file they name. It lists all mistakes and exits with 78 if there are any.
`;

/** Answers the exit code. @throws ConfigError */
export async function runConfig(argv: readonly string[]): Promise<number> {
  let check: boolean | undefined;
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { check: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) {
      process.stdout.write(usage);
      return ExitCode.ok;
    }
    check = values.check;
  } catch (error) {
    process.stderr.write(`penstock config: ${(error as Error).message}\n\n${usage}`);
    return ExitCode.usage;
  }
  const adapters = { sourceTypes, sinkTypes };
  if (check) {
    await loadChecked(process.env, process.cwd(), true);
    process.stdout.write('the settings are right\n');
    return ExitCode.ok;
  }
  const { effective, settings } = loadSettings(process.env, process.cwd(), adapters);
  process.stdout.write(effective.map(({ name, shown, origin }) => `${name}=${shown}  # ${origin}\n`).join(''));
  const terms = describeTerms(bufferTerms(settings, adapters));
  process.stdout.write(
    `# Memory (PENSTOCK_MEMORY_MAX), each buffer at its largest:\n${terms.map((term) => `#   ${term}\n`).join('')}`,
  );
  return ExitCode.ok;
}
