// Runs every test: C++ unit tests, Rust tests, Java tests where there is a JDK, TypeScript tests (what starts whole engines last: one with Kafka at a time, and
// one without beside it), and a short round of fuzzing. Ends with one line of totals over all.
// Usage: node tools/test.mjs [--seconds N] [text…]: with texts, only the TypeScript test files whose path has one of them.
import { join } from 'node:path';
import { runFuzz } from './fuzz.mjs';
import { runJavaTests } from './java-tests.mjs';
import { totalsMark } from './lib/reporter.mjs';
import { inParallel, root, run } from './lib/run.mjs';
import { filesBelow } from './lib/stamp.mjs';
import { runNativeTests } from './native-tests.mjs';

// Only a file that hangs takes so long: a busy machine may be many times slower than an idle one.
const fileTimeoutMs = 1_200_000;
const wholeEngineTimeoutMs = 3_600_000;
const isWholeEngine = (file) => /^dist\/test\/(e2e|crash|soak)\//.test(file);
const needsKafka = (file) => /^dist\/test\/(e2e\/kafka|crash|soak)\//.test(file);

const args = process.argv.slice(2);
const at = args.indexOf('--seconds');
const fuzzSeconds = at >= 0 ? Number(args.splice(at, 2)[1]) : 10;

const files = [
  ...filesBelow('dist', (file) => file.endsWith('.test.js')),
  ...filesBelow('tools', (file) => file.endsWith('.test.mjs')),
].filter((file) => args.length === 0 || args.some((text) => file.includes(text)));
const totals = { passed: 0, failed: 0, skipped: 0 };

if (args.length === 0) {
  add(await runNativeTests());
  add(await runRustTests());
  add(await runJavaTests());
}
const quick = files.filter((file) => !isWholeEngine(file));
for (const counts of await inParallel(quick, 2, (file) => runFile(file, fileTimeoutMs))) add(counts);
const whole = files.filter(isWholeEngine);
await Promise.all([inTurn(whole.filter(needsKafka)), inTurn(whole.filter((file) => !needsKafka(file)))]);
// One seed for all: a change is refused for what it does. Long runs begin anew each time (tools/fuzz.mjs).
if (args.length === 0) add(await runFuzz({ seconds: fuzzSeconds, seed: 1 }));

console.log(totals.skipped > 0 ? `${summary()}, ${totals.skipped} skipped` : summary());
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;

function add({ passed, failed, skipped = 0 }) {
  totals.passed += passed;
  totals.failed += failed;
  totals.skipped += skipped;
}

function summary() {
  return `${totals.passed} passed, ${totals.failed} failed`;
}

async function inTurn(files) {
  for (const file of files) add(await runFile(file, wholeEngineTimeoutMs));
}

async function runFile(file, timeoutMs) {
  const reporter = `--test-reporter=${join(root, 'tools/lib/reporter.mjs')}`;
  const nodeArgs = ['--enable-source-maps', reporter, '--test-reporter-destination=stdout', file];
  const { code, output, seconds } = await run(process.execPath, nodeArgs, { timeoutMs });
  const mark = output.lastIndexOf(totalsMark);
  const counts = mark < 0 ? { passed: 0, failed: 0, skipped: 0 } : readTotals(output.slice(mark + totalsMark.length));
  const name = file.replace(/^dist\//, '').replace(/\.js$/, '.ts');
  const crashed = code !== 0 && counts.failed === 0;
  const empty = counts.passed + counts.failed + counts.skipped === 0;
  if (crashed || empty) counts.failed++;
  if (counts.failed === 0) {
    console.log(`ok      ${name} (${counts.passed}, ${seconds.toFixed(1)} s)`);
  } else {
    const reason = empty && code === 0 ? ' without a single test' : crashed ? ` with exit code ${code}` : '';
    console.log(`FAILED  ${name}${reason} (${seconds.toFixed(1)} s)\n${mark < 0 ? output : output.slice(0, mark)}`);
  }
  return counts;
}

function readTotals(text) {
  return JSON.parse(text.slice(0, text.indexOf('\n')));
}

async function runRustTests() {
  const { code, output, seconds } = await run('cargo', ['test', '--release', '--locked', '--quiet']);
  const counts = { passed: 0, failed: 0 };
  for (const [, passed, failed] of output.matchAll(/test result: \w+\. (\d+) passed; (\d+) failed/g)) {
    counts.passed += Number(passed);
    counts.failed += Number(failed);
  }
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  if (counts.failed > 0) console.log(`FAILED  cargo test\n${output}`);
  else console.log(`ok      cargo test (${counts.passed}, ${seconds.toFixed(1)} s)`);
  return counts;
}
