// Builds the fuzz targets (native/fuzz/*_fuzz.cc) with libFuzzer and the sanitizers and runs each for a while, from the
// seeds in native/fuzz/corpus/<name>/. A finding is left in build/fuzz/findings/<name>/ and fails the run.
// Usage: node tools/fuzz.mjs [--seconds N] [--seed N] [name…]
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildPrograms, programs } from './lib/cxx.mjs';
import { exists, inParallel, root, run } from './lib/run.mjs';

const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const packages = ['clang', 'libclang-rt-14-dev'];

/**
 * `seed`: where each target begins, so that a run is refused for what it was given and not for its luck; 0: anew each time.
 * @returns {Promise<{passed: number, failed: number}>} both 0 when clang is missing, which is said
 */
export async function runFuzz({ seconds = 10, seed = 0, names = [] } = {}) {
  const missing = await findClang();
  if (missing !== '') {
    console.log(`fuzz targets not run: ${missing}`);
    return { passed: 0, failed: 0 };
  }
  const built = await buildPrograms(programs('native/fuzz', '_fuzz', names), {
    compiler: 'clang++',
    flags: ['-O1', '-g1', '-fno-omit-frame-pointer', '-fsanitize=fuzzer-no-link', ...sanitizers],
    linkFlags: ['-fsanitize=fuzzer', ...sanitizers],
    outDir: 'build/fuzz',
  });
  const codes = await inParallel(built, 2, (target) => fuzzOne(target, seconds, seed));
  return { passed: codes.filter((code) => code === 0).length, failed: codes.filter((code) => code !== 0).length };
}

async function fuzzOne({ name, binary, output }, seconds, seed) {
  if (binary === '') {
    console.log(`FAILED  fuzz ${name}: does not build\n${output.slice(0, 8000)}`);
    return 1;
  }
  const grown = `fuzz-corpus-local/${name}`; // what this machine found so far; not committed
  const findings = `build/fuzz/findings/${name}/`;
  const seeds = join('native/fuzz/corpus', name);
  for (const folder of [grown, findings]) mkdirSync(join(root, folder), { recursive: true });
  const corpora = existsSync(join(root, seeds)) ? [grown, seeds] : [grown];
  const limits = ['-timeout=60', '-rss_limit_mb=2048', '-max_len=70000'];
  const args = [
    ...corpora,
    `-max_total_time=${seconds}`,
    `-seed=${seed}`,
    `-artifact_prefix=${findings}`,
    ...limits,
    '-print_final_stats=1',
  ];
  const ran = await run(`./${binary}`, args, { timeoutMs: (seconds + 1_200) * 1000 });
  const executed = /number_of_executed_units:\s*(\d+)/.exec(ran.output)?.[1] ?? '0';
  if (ran.code === 0) console.log(`ok      fuzz ${name} (${executed} inputs, ${ran.seconds.toFixed(0)} s)`);
  else console.log(`FAILED  fuzz ${name}: the input is in ${findings}\n${withoutProgress(ran.output).slice(-8000)}`);
  return ran.code;
}

/** What a target printed, but for the lines that tell how far it is. */
function withoutProgress(output) {
  return output.replace(/^#\d+\t.*\n/gm, '');
}

/** '' when clang with libFuzzer is here (in CI as root it is installed), else what is missing. */
async function findClang() {
  if (await canLinkFuzzer()) return '';
  const advice = `clang with libFuzzer is missing: apt-get install ${packages.join(' ')}`;
  if (process.env.CI !== 'true' || process.getuid?.() !== 0) return advice;
  await run('apt-get', ['update', '-q']);
  const installed = await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages]);
  return (await canLinkFuzzer()) ? '' : `${advice}\n${installed.output.slice(-2000)}`;
}

async function canLinkFuzzer() {
  if (!(await exists('clang++'))) return false;
  const runtime = await run('clang++', ['-print-file-name=libclang_rt.fuzzer-x86_64.a']);
  const other = await run('clang++', ['-print-runtime-dir']);
  return (
    existsSync(runtime.output.trim()) ||
    existsSync(join(other.output.trim(), `libclang_rt.fuzzer-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.a`))
  );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const args = process.argv.slice(2);
  const number = (name, otherwise) => {
    const at = args.indexOf(name);
    return at >= 0 ? Number(args.splice(at, 2)[1]) : otherwise;
  };
  const seconds = number('--seconds', 10);
  const seed = number('--seed', 0);
  const { passed, failed } = await runFuzz({ seconds, seed, names: args });
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
