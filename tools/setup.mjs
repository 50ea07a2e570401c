// Makes a clone ready to run: checks the machine, installs the npm packages, builds the C++ and the Rust addon and
// compiles the TypeScript and the format packs, each only when what it is made from has changed. `--force` runs every step.
import { chmodSync, copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { withLock } from './lib/lock.mjs';
import { cxxProblems, headersFolder, nodeProblem, rustProblems } from './lib/prerequisites.mjs';
import { root, run } from './lib/run.mjs';
import { filesBelow, hashInputs, isFresh, setStamp } from './lib/stamp.mjs';

const force = process.argv.includes('--force');
const platform = `${process.platform}-${process.arch}-${process.versions.node}`;

const install = {
  name: 'npm packages',
  stamp: 'node_modules/.penstock-stamp',
  products: ['node_modules/typescript/package.json'],
  hash: () => hashInputs(['package.json', 'package-lock.json'], { texts: [platform] }),
  problems: async () => [],
  // Scripts of packages are not run: none of ours needs one, and npm would build our own addon with them.
  work: () => run('npm', ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund']),
};

const cxx = {
  name: 'C++ addon',
  stamp: 'build/.stamps/cxx',
  products: ['build/Release/penstock.node'],
  hash: () =>
    hashInputs(['binding.gyp', 'package-lock.json', 'tools/native-sources.mjs', 'native/src'], { texts: [platform] }),
  problems: cxxProblems,
  work: () => {
    const headers = headersFolder();
    const gyp = join(root, 'node_modules/node-gyp/bin/node-gyp.js');
    const args = ['configure', 'build', '--release', `--jobs=${availableParallelism()}`];
    if (force) rmSync(join(root, 'build/Release/obj.target'), { recursive: true, force: true });
    return run(process.execPath, [gyp, ...args, ...(headers === '' ? [] : [`--nodedir=${headers}`])], {
      env: buildEnv(),
    });
  },
};

const rust = {
  name: 'Rust addon',
  stamp: 'build/.stamps/rust',
  products: ['build/Release/penstock_codecs.node'],
  hash: () => hashInputs(['Cargo.toml', 'Cargo.lock', 'native/crates'], { texts: [platform] }),
  problems: rustProblems,
  work: async () => {
    const built = await run('cargo', ['build', '--release', '--locked'], { env: buildEnv() });
    if (built.code === 0) {
      const library = process.platform === 'darwin' ? 'libpenstock_codecs.dylib' : 'libpenstock_codecs.so';
      await run('mkdir', ['-p', 'build/Release']);
      replace(join('target/release', library), 'build/Release/penstock_codecs.node');
    }
    return built;
  },
};

const isTypeScript = (file) => file.endsWith('.ts');
const typescriptFolders = ['engine', 'workers', 'native', 'adapters', 'schema', 'bench', 'test'];
const typescript = {
  name: 'TypeScript',
  stamp: 'dist/.stamp',
  products: [],
  hash: () => hashInputs(['tsconfig.json', 'package-lock.json', ...typescriptFolders], { wanted: isTypeScript }),
  problems: async () => [],
  work: async () => {
    if (force) rmSync(join(root, 'dist/.tsbuildinfo'), { force: true });
    removeOrphans();
    return run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.', '--pretty', 'false']);
  },
};

const formats = {
  name: 'format packs',
  stamp: 'build/.stamps/formats',
  products: ['dist/formats.bin'],
  hash: () => hashInputs(['adapters/formats', 'dist/.stamp'], { wanted: (file) => !file.includes('/cases/') }),
  problems: async () => [],
  work: () => run(process.execPath, [join(root, 'dist/engine/formats/build.js')]),
};

async function main() {
  const tooOld = nodeProblem();
  if (tooOld !== '') return fail([tooOld]);
  const ok = await withLock('.cache/setup-lock', async () => {
    if (!(await step(install))) return false;
    const done = await Promise.all([step(cxx), step(rust), step(typescript)]);
    return done.every(Boolean) && step(formats);
  });
  if (!ok) process.exitCode = 1;
}

async function step({ name, stamp, products, hash, problems, work }) {
  const before = hash();
  if (!force && isFresh(stamp, before, products)) return true;
  const missing = await problems();
  if (missing.length > 0) return fail(missing);
  setStamp(stamp, null);
  const { code, output, seconds } = await work();
  if (code !== 0) {
    process.stderr.write(output);
    return fail([`${name}: failed, see above.`]);
  }
  setStamp(stamp, before);
  console.log(`${name}: ready (${seconds.toFixed(1)} s)`);
  return true;
}

function fail(sentences) {
  for (const sentence of sentences) console.error(sentence);
  process.exitCode = 1;
  return false;
}

/** ccache is used where it is installed. */
function buildEnv() {
  const ccache = '/usr/lib/ccache';
  return existsSync(ccache) ? { ...process.env, PATH: ccache + delimiter + process.env.PATH } : process.env;
}

/** Puts a new file in place of one that running processes may have mapped: they keep the old one. */
function replace(from, to) {
  const fresh = join(root, `${to}.new`);
  copyFileSync(join(root, from), fresh);
  chmodSync(fresh, 0o755);
  renameSync(fresh, join(root, to));
}

/** tsc leaves the output of sources that are gone: a deleted test would go on running. */
function removeOrphans() {
  for (const file of filesBelow('dist', (path) => path.endsWith('.js') || path.endsWith('.js.map'))) {
    const source = file.replace(/^dist\//, '').replace(/\.js(\.map)?$/, '.ts');
    if (!existsSync(join(root, source))) rmSync(join(root, file));
  }
}

await main();
