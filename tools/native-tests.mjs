// Builds and runs the C++ unit tests (native/test/*_test.cc) with the address and undefined-behaviour sanitizers.
// With --threads: those with threads of their own, with the thread sanitizer.
// Usage: node tools/native-tests.mjs [--threads] [name…]
import { pathToFileURL } from 'node:url';
import { buildPrograms, programs } from './lib/cxx.mjs';
import { inParallel, run } from './lib/run.mjs';

const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const canarySources = (source) => /\/journal\/(?!store_)|\/kernels\/crc32c/.test(source);

/** Tests in which threads meet. */
const threaded = ['lane', 'pipeline', 'receiver', 'receiver_tls', 'ring', 'source_table'];

const canary = (program) => ({ ...program, name: `${program.name} canary` });

/** @returns {Promise<{passed: number, failed: number}>} */
export async function runNativeTests(names = []) {
  const tool = {
    compiler: process.env.CXX ?? 'g++',
    flags: ['-O1', '-g1', '-fno-omit-frame-pointer', ...sanitizers],
    linkFlags: sanitizers,
    outDir: 'build/native-tests',
  };
  // Canaries: the same sources with defects that can be switched on, and a program that demands that the tests catch them.
  const canaryTool = {
    ...tool,
    flags: [...tool.flags, '-DPENSTOCK_CANARY'],
    outDir: 'build/native-canaries',
    sources: canarySources,
  };
  const built = [
    ...(await buildPrograms(programs('native/test', '_test', names), tool)),
    ...(await buildPrograms(programs('native/test', '_canary', names), canaryTool)).map(canary),
  ];
  const codes = await inParallel(built, 2, async ({ name, binary, output }) => {
    if (binary === '') return report(name, { code: 1, output, seconds: 0 });
    return report(name, await run(`./${binary}`, [], { timeoutMs: 1_200_000 }));
  });
  return { passed: codes.filter((code) => code === 0).length, failed: codes.filter((code) => code !== 0).length };
}

/** @returns {Promise<{passed: number, failed: number}>} */
export async function runThreadTests(names = threaded) {
  const sanitizer = ['-fsanitize=thread'];
  const tool = {
    compiler: process.env.CXX ?? 'g++',
    flags: ['-O1', '-g1', '-fno-omit-frame-pointer', ...sanitizer],
    linkFlags: sanitizer,
    outDir: 'build/thread-tests',
  };
  const codes = [];
  for (const { name, binary, output } of await buildPrograms(programs('native/test', '_test', names), tool)) {
    // The sanitizer's own memory stands where a system that places memory at random may have put something.
    const ran = () => run('setarch', ['-R', `./${binary}`], { timeoutMs: 1_200_000 });
    codes.push(report(`${name} (threads)`, binary === '' ? { code: 1, output, seconds: 0 } : await ran()));
  }
  return { passed: codes.filter((code) => code === 0).length, failed: codes.filter((code) => code !== 0).length };
}

function report(name, { code, output, seconds }) {
  if (code === 0) console.log(`ok      native ${name} (${seconds.toFixed(1)} s)`);
  else console.log(`FAILED  native ${name}\n${output.slice(0, 8000)}`);
  return code;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const names = process.argv.slice(2).filter((argument) => argument !== '--threads');
  const threads = process.argv.includes('--threads');
  const { passed, failed } = threads
    ? await runThreadTests(names.length > 0 ? names : threaded)
    : await runNativeTests(names);
  if (names.length > 0 && passed + failed < names.length) console.log('some of the named tests do not exist');
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed + failed >= names.length ? 0 : 1;
}
