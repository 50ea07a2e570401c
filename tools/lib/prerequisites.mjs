// What must be on the machine, each with the one sentence that says how to get it.
import { existsSync } from 'node:fs';
import { run } from './run.mjs';

const nodeMin = [20, 19];
const rustMin = [1, 88]; // what napi-rs asks for

/** '' or what to do about a Node that is too old. */
export function nodeProblem(version = process.versions.node) {
  if (atLeast(version, nodeMin)) return '';
  return `Node ${version} is too old: install Node ${nodeMin.join('.')} or later (22 and 24 work too).`;
}

/** Sentences about what the C++ addon's build lacks; none when all is there. */
export async function cxxProblems() {
  const compiler = process.env.CXX ?? 'g++';
  const [cxx, make, python] = await Promise.all([
    run(compiler, ['-std=c++20', '-x', 'c++', '-fsyntax-only', '/dev/null']),
    run('make', ['--version']),
    run(process.env.PYTHON ?? 'python3', ['--version']),
  ]);
  const missing = [
    cxx.code === 0 ? '' : 'g++',
    make.code === 0 ? '' : 'make',
    python.code === 0 ? '' : 'python3',
  ].filter((name) => name !== '');
  if (missing.length === 0) return [];
  return [`The C++ addon needs a C++20 compiler, make and Python 3: apt-get install ${missing.join(' ')}`];
}

/** Sentences about what the Rust addon's build lacks. */
export async function rustProblems() {
  const { code, output } = await run('cargo', ['--version']);
  const wanted = `Rust ${rustMin.join('.')} or later`;
  if (code !== 0) return [`${wanted} is missing (cargo): install it with rustup, https://rustup.rs`];
  const version = /cargo (\d+\.\d+)/.exec(output)?.[1] ?? '0.0';
  if (!atLeast(version, rustMin)) return [`${wanted} is needed, cargo is ${version}: run \`rustup update\``];
  return [];
}

/** The folder to give node-gyp as --nodedir: the headers that came with this Node, '' when it must fetch them. */
export function headersFolder() {
  const prefix = process.execPath.replace(/\/bin\/[^/]*$/, '');
  return existsSync(`${prefix}/include/node/node_api.h`) ? prefix : '';
}

function atLeast(version, [major, minor]) {
  const [a, b] = version.split('.').map(Number);
  return a > major || (a === major && b >= minor);
}
