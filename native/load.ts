/**
 * Loads the two native addons, each on first use: `penstock.node` (C++: rings, receivers, kernels, journal) and
 * `penstock_codecs.node` (Rust: compression). Both are context-aware and may be loaded in every worker thread.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type AddonName = 'penstock' | 'penstock_codecs';

/** An addon is missing or does not load. The shape of the engine's OperatingError; native code imports nothing. */
export class AddonError extends Error {
  override readonly name = 'AddonError';
  constructor(
    readonly code: 'ADDON_NOT_BUILT' | 'ADDON_NOT_LOADABLE',
    message: string,
    readonly remedy: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

const require = createRequire(import.meta.url);
const loaded = new Map<AddonName, unknown>();

/** The project's root: the folder that holds package.json, seen from the sources as from dist/. */
export const projectRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)));

/**
 * The exports of an addon, as the caller's typed record.
 * @throws AddonError
 */
export function loadAddon<T>(name: AddonName = 'penstock'): T {
  const known = loaded.get(name);
  if (known !== undefined) return known as T;
  const path = join(projectRoot, 'build', 'Release', `${name}.node`);
  if (!existsSync(path)) {
    throw new AddonError('ADDON_NOT_BUILT', `the native addon ${path} does not exist`, 'run `npm run build`');
  }
  try {
    const addon: T = require(path);
    loaded.set(name, addon);
    return addon;
  } catch (cause) {
    throw new AddonError(
      'ADDON_NOT_LOADABLE',
      `the native addon ${path} does not load: ${cause instanceof Error ? cause.message : cause}`,
      'it was built for another Node or processor: run `npm run build`',
      { cause },
    );
  }
}

function findRoot(start: string): string {
  for (let directory = start; ; directory = dirname(directory)) {
    if (existsSync(join(directory, 'package.json'))) return directory;
    if (dirname(directory) === directory) throw new Error(`no package.json above ${start}`);
  }
}
