/**
 * The layers of the source tree (docs/ARCHITECTURE.md): an import goes from a layer to the same or a lower one. Between
 * folders of one layer only what is listed.
 */

/** Prefixes from the top down; the longest that matches a path gives its layer. */
const layers: readonly (readonly string[])[] = [
  ['bench/', 'test/'],
  ['engine/main.ts', 'engine/cli/'],
  ['engine/'],
  ['workers/', 'engine/deliver/', 'engine/admin/'],
  ['adapters/', 'engine/journal/', 'engine/ring/', 'engine/requests/', 'engine/telemetry/', 'engine/readings.ts'],
  [
    'engine/contracts.ts',
    'engine/errors.ts',
    'engine/backoff.ts',
    'engine/every.ts',
    'engine/wall-clock.ts',
    'engine/fair-share.ts',
    'engine/config/',
    'schema/',
  ],
  ['native/'],
];

/** Height of a source file's layer, 0 at the bottom; undefined for a place the layout does not know. */
export function layerOf(path: string): number | undefined {
  let [longest, height]: [string, number | undefined] = ['', undefined];
  layers.forEach((prefixes, depth) => {
    for (const prefix of prefixes) {
      if (path.startsWith(prefix) && prefix.length > longest.length)
        [longest, height] = [prefix, layers.length - 1 - depth];
    }
  });
  return height;
}

/** '' when `from` may import `to`, else what is wrong with it. Tests may import anything. */
export function importProblem(from: string, to: string): string {
  if (from.endsWith('.test.ts') || from.startsWith('test/') || from.startsWith('bench/')) return '';
  const [above, below] = [layerOf(from), layerOf(to)];
  if (above === undefined) return `${from} is in no layer: put it in a folder of docs/ARCHITECTURE.md`;
  if (below === undefined) return `${from} imports ${to}, which is in no layer`;
  if (below > above) return `${from} imports ${to} of a layer above it: turn the dependency round`;
  return adapterProblem(from, to);
}

/** Adapters know the contracts, not each other: shared code goes below adapters/shared/. */
function adapterProblem(from: string, to: string): string {
  const [a, b] = [adapterOf(from), adapterOf(to)];
  if (a !== undefined && b !== undefined && a !== b && !b.endsWith('/shared'))
    return `${from} imports another adapter, ${to}`;
  return '';
}

function adapterOf(path: string): string | undefined {
  return /^adapters\/(?:[a-z-]+\/[^/]+(?=\/)|shared)/.exec(path)?.[0];
}
