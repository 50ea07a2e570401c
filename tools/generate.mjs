// Rewrites every generated file that is stale. Generators are the modules of tools/generators/: each exports `name` and
// `generate()`, which resolves with a Map of path (from the project's root) to content.
// Usage: node tools/generate.mjs [--check]   (--check: writes nothing, fails when something is stale)
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** @returns {Promise<string[]>} paths of the files that were (or, with `check`, are) stale */
export async function generateAll({ check = false } = {}) {
  const stale = [];
  const folder = join(root, 'tools/generators');
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.mjs')) continue;
    const generator = await import(pathToFileURL(join(folder, file)).href);
    for (const [path, content] of await generator.generate()) {
      if (current(path) === content) continue;
      stale.push(path);
      if (check) continue;
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
  }
  return stale;
}

function current(path) {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return undefined;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const check = process.argv.includes('--check');
  const stale = await generateAll({ check });
  for (const path of stale) console.log(check ? `stale: ${path} (run npm run generate)` : `written: ${path}`);
  process.exitCode = check && stale.length > 0 ? 1 : 0;
}
