// Compiles the C++ sources for tests and fuzzing. An object is reused while the contents of every file it was made
// from and its flags are the same.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { inParallel, root, run } from './run.mjs';

const simdjson = dirname(createRequire(import.meta.url).resolve('@nozbe/simdjson/package.json'));
const base = ['-std=c++20', '-fno-exceptions', '-fno-rtti', '-Wall', '-Wextra', '-Wno-unused-parameter', '-pthread'];
const includes = ['-Inative/src', '-Inative/test', `-isystem${join(simdjson, 'src')}`];
const avx2 = ['-mavx2', '-mpclmul', '-mbmi', '-mbmi2', '-mlzcnt', '-mpopcnt'];
const avx512 = [...avx2, ...['f', 'bw', 'vl', 'dq', 'vbmi', 'vbmi2'].map((part) => `-mavx512${part}`)];
const jobs = 2;

/** The product's C++ sources without the addon's entry file, which alone needs Node's headers. */
export function productSources() {
  return readdirSync(join(root, 'native/src'), { recursive: true })
    .map((file) => join('native/src', String(file)))
    .filter((file) => file.endsWith('.cc') && !file.endsWith('/addon.cc') && !file.includes('/bindings/'))
    .sort();
}

/** Programs in `folder` whose names end in `suffix`, as { name, source }; only the named ones when names are given. */
export function programs(folder, suffix, names = []) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder))
    .filter((file) => file.endsWith(`${suffix}.cc`))
    .map((file) => ({ name: file.slice(0, -`${suffix}.cc`.length), source: join(folder, file) }))
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/**
 * Builds each program together with the product's sources into `outDir`.
 * @param {{compiler: string, flags: string[], linkFlags: string[], outDir: string, sources?: (path: string) => boolean}} tool
 *   `sources`: which of the product's are needed; all when left out
 * @returns {Promise<{name: string, binary: string, output: string}[]>} `binary` is '' where building failed: see `output`
 */
export async function buildPrograms(wanted, tool) {
  if (wanted.length === 0) return [];
  mkdirSync(join(root, tool.outDir), { recursive: true });
  const sources = productSources().filter(tool.sources ?? (() => true));
  const product = await inParallel(sources, jobs, (source) => compile(source, tool, tool.flags));
  const broken = product.filter((object) => object.output !== '');
  if (broken.length > 0) {
    const output = broken.map((object) => object.output).join('\n');
    return wanted.map(({ name }) => ({ name, binary: '', output }));
  }
  const archive = await archived(product, tool);
  return inParallel(wanted, jobs, async ({ name, source }) => {
    const main = await compile(source, tool, [...tool.flags, ...(tool.mainFlags ?? [])]);
    if (main.output !== '') return { name, binary: '', output: main.output };
    const binary = join(tool.outDir, name);
    const libraries = await tlsLibraries(tool.compiler);
    const key = hash([tool.compiler, ...tool.linkFlags, ...libraries, main.key, archive.key]);
    if (recorded(binary)?.key === key) return { name, binary, output: '' };
    const link = await run(tool.compiler, [
      '-o',
      binary,
      main.file,
      archive.file,
      '-pthread',
      ...libraries,
      ...tool.linkFlags,
    ]);
    if (link.code !== 0) return { name, binary: '', output: link.output };
    record(binary, { key });
    return { name, binary, output: '' };
  });
}

let foundTls;
/** In the addon Node itself has OpenSSL. Programs need the system's, where its headers are; else they are made without TLS. */
async function tlsLibraries(compiler) {
  foundTls ??= run(compiler, ['-fsyntax-only', '-include', 'openssl/ssl.h', '-x', 'c++', '/dev/null']);
  return (await foundTls).code === 0 ? ['-lssl', '-lcrypto'] : [];
}

/** All of the product in one archive, from which a program takes what it needs. */
async function archived(objects, tool) {
  const file = join(tool.outDir, 'libpenstock.a');
  const key = hash(objects.map((object) => object.key));
  if (recorded(file)?.key !== key) {
    rmSync(join(root, file), { force: true });
    const { code, output } = await run('ar', ['rcs', file, ...objects.map((object) => object.file)]);
    if (code !== 0) throw new Error(`ar: ${output}`);
    record(file, { key });
  }
  return { file, key };
}

async function compile(source, tool, extra) {
  const name = source.replaceAll('/', '-');
  const file = join(tool.outDir, `${name}.o`);
  const depFile = join(tool.outDir, `${name}.d`);
  const flags = [...base, ...includes, ...cpuFlags(source), ...extra];
  const known = recorded(file);
  if (known && known.key === objectKey(tool.compiler, flags, known.dependencies))
    return { file, key: known.key, output: '' };
  const args = [...flags, '-MMD', '-MF', depFile, '-c', source, '-o', file];
  const { code, output } = await run(tool.compiler, args);
  if (code !== 0) return { file, key: '', output };
  const dependencies = readFileSync(join(root, depFile), 'utf8')
    .replace(/^[^:]*:/, '')
    .split(/[\s\\]+/)
    .filter((path) => path !== '');
  const key = objectKey(tool.compiler, flags, dependencies);
  record(file, { key, dependencies });
  return { file, key, output: '' };
}

function cpuFlags(source) {
  if (process.arch !== 'x64') return [];
  if (source.endsWith('_avx512.cc')) return avx512;
  return source.endsWith('_avx2.cc') ? avx2 : ['-msse4.2'];
}

function objectKey(compiler, flags, dependencies) {
  return hash([compiler, ...flags, ...dependencies.map((path) => contentHash(path))]);
}

const contentHashes = new Map();
function contentHash(path) {
  if (!contentHashes.has(path)) {
    const absolute = path.startsWith('/') ? path : join(root, path);
    contentHashes.set(path, existsSync(absolute) ? hash([readFileSync(absolute)]) : 'gone');
  }
  return contentHashes.get(path);
}

function hash(parts) {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part).update('\0');
  return sum.digest('hex');
}

function recorded(file) {
  const path = join(root, `${file}.json`);
  if (!existsSync(path) || !existsSync(join(root, file))) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined; // a record cut short by an interrupted build
  }
}

function record(file, value) {
  writeFileSync(join(root, `${file}.json`), JSON.stringify(value));
}
