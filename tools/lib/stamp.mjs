// Tells whether a build step must run: its stamp holds a hash of the contents of everything it is made from.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './run.mjs';

/** Hash of files and folders (all files below them whose name passes `wanted`) and of further texts. */
export function hashInputs(paths, { wanted = () => true, texts = [] } = {}) {
  const sum = createHash('sha256');
  for (const text of texts) sum.update(`${text}\0`);
  for (const path of paths) {
    for (const file of filesBelow(path, wanted))
      sum
        .update(`${file}\0`)
        .update(readFileSync(join(root, file)))
        .update('\0');
  }
  return sum.digest('hex');
}

/** Files at or below `path`, sorted, relative to the root. Nothing when it does not exist. */
export function filesBelow(path, wanted = () => true) {
  const absolute = join(root, path);
  if (!existsSync(absolute)) return [];
  if (statSync(absolute).isFile()) return [path];
  return readdirSync(absolute, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter(wanted)
    .sort();
}

/** True when the stamp says `hash` and every product exists. */
export function isFresh(stamp, hash, products) {
  const path = join(root, stamp);
  if (!existsSync(path) || readFileSync(path, 'utf8') !== hash) return false;
  return products.every((product) => existsSync(join(root, product)));
}

/** Notes that the step is done; `null` that it is not. */
export function setStamp(stamp, hash) {
  const path = join(root, stamp);
  if (hash === null) return rmSync(path, { force: true });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, hash);
}
