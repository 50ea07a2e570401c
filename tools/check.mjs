// Everything that can be said about the sources without running the product: format and lint of all three languages, types,
// generated files, house rules. Usage: node tools/check.mjs
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inParallel, root, run } from './lib/run.mjs';

const bin = (name) => join(root, 'node_modules/.bin', name);
const reporter = [`--test-reporter=${join(root, 'tools/lib/reporter.mjs')}`, '--test-reporter-destination=stdout'];

const checks = [
  ['types', () => run(process.execPath, ['tools/setup.mjs'])],
  ['biome (run `npx biome check --write`)', () => run(bin('biome'), ['check', '--error-on-warnings', '.'])],
  ['generated files', () => optional('tools/generate.mjs', ['--check'])],
  ['house rules', () => run(process.execPath, ['--enable-source-maps', ...reporter, 'dist/test/tidy/tidy.test.js'])],
  ['cargo fmt (run `cargo fmt`)', () => rustTool('fmt', ['--check'])],
  [
    'cargo clippy',
    () => rustTool('clippy', ['--release', '--locked', '--quiet', '--lib', '--tests', '--', '-D', 'warnings']),
  ],
];

// Types first: what comes after reads what it compiles.
const [types, ...others] = checks;
const results = [await perform(types), ...(await inParallel(others, 2, perform))];
process.exitCode = results.every(Boolean) ? 0 : 1;

async function perform([name, work]) {
  const { code, output, seconds } = await work();
  if (code === 0) console.log(`ok      ${name.replace(/ \(.*/, '')} (${seconds.toFixed(1)} s)`);
  else console.log(`FAILED  ${name}\n${output}`);
  return code === 0;
}

function optional(tool, args) {
  return existsSync(join(root, tool)) ? run(process.execPath, [tool, ...args]) : { code: 0, output: '', seconds: 0 };
}

/** rustfmt and clippy come apart from cargo in some distributions; where they are missing that is said, and only that. */
async function rustTool(name, args) {
  const result = await run('cargo', [name, ...args]);
  if (result.code !== 0 && /no such (sub)?command|is not installed/.test(result.output)) {
    console.log(`cargo ${name} is missing: rustup component add ${name === 'fmt' ? 'rustfmt' : name}`);
    return { ...result, code: process.env.CI === 'true' ? 1 : 0 };
  }
  return result;
}
