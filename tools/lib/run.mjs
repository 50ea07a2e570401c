// Runs programs for the tools: quietly, with bounded parallelism, and with their whole output at hand when they fail.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The project's root folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/**
 * Runs a program to its end.
 * @returns {Promise<{code: number, output: string, seconds: number}>} `code` is −1 when it was not found or killed
 */
export function run(command, args, { cwd = root, env = process.env, timeoutMs = 0, live = false } = {}) {
  return new Promise((resolve) => {
    const started = performance.now();
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        chunks.push(chunk);
        if (live) process.stdout.write(chunk);
      });
    }
    const timer = timeoutMs > 0 ? setTimeout(() => child.kill('SIGKILL'), timeoutMs) : undefined;
    const end = (code, note = '') => {
      clearTimeout(timer);
      const output = Buffer.concat(chunks).toString() + note;
      resolve({ code, output, seconds: (performance.now() - started) / 1000 });
    };
    child.on('error', (error) => end(-1, `${command}: ${error.message}\n`));
    child.on('close', (code, signal) =>
      code === null ? end(-1, `${command} was ended by ${signal} (limit ${timeoutMs} ms)\n`) : end(code),
    );
  });
}

/** Calls `work` for every item, at most `jobs` at a time; results in the order of the items. */
export async function inParallel(items, jobs, work) {
  const results = new Array(items.length);
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i], i);
  };
  await Promise.all(Array.from({ length: Math.min(jobs, items.length) }, lane));
  return results;
}

/** True when the program can be run. */
export async function exists(command, args = ['--version']) {
  return (await run(command, args)).code === 0;
}
