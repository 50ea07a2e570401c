/** `include:` among a pack's steps: those that several packs share, from steps.yaml of a folder beside theirs. */
import type { SharedSteps, Step } from './pack-file.js';
import { readStep, readSteps } from './read-step.js';
import { type Path, Reader } from './reader.js';

/** The steps.yaml of a folder; undefined where there is none. */
export type ReadShared = (folder: string) => SharedSteps | undefined;

const folderPattern = /^[a-z][a-z0-9-]{0,63}$/;
const pathPrefix = 'include ';

/** The steps of a pack, included ones in the place of the `include:` that names them. `included`: what they were read from, by folder. */
export function includeSteps(
  reader: Reader,
  value: unknown,
  shared: ReadShared,
  included: Map<string, SharedSteps>,
): Step[] {
  return reader.list(value, ['steps']).flatMap((item, i) => {
    const path = ['steps', i];
    if (!isInclude(item)) return readStep(reader, item, path);
    const folder = readInclude(reader, item, path);
    const found = folder === '' ? undefined : (included.get(folder) ?? shared(folder));
    if (found) included.set(folder, found);
    else if (folder !== '')
      reader.problem([...path, 'include'], 'there is no folder of that name with a steps.yaml', folder);
    return found ? readShared(reader, folder, found) : [];
  });
}

/** Which folder's steps a step's path stands in, and where there; undefined: in the pack itself. */
export function includedPath(path: Path): { readonly folder: string; readonly prefix: Path } | undefined {
  const [first] = path;
  if (typeof first !== 'string' || !first.startsWith(pathPrefix)) return undefined;
  return { folder: first.slice(pathPrefix.length), prefix: [first] };
}

function isInclude(item: unknown): item is Record<string, unknown> {
  return typeof item === 'object' && item !== null && 'include' in item;
}

/** The folder's name; empty: none could be, which is noted. */
function readInclude(reader: Reader, item: Record<string, unknown>, path: Path): string {
  reader.object(item, path, ['include']);
  const folder = reader.text(item.include, [...path, 'include'], 'must be the name of a folder with a steps.yaml');
  if (folder === '' || folderPattern.test(folder)) return folder;
  reader.problem([...path, 'include'], 'must be the name of a folder: letters, digits and hyphens', folder);
  return '';
}

function readShared(reader: Reader, folder: string, { file, text }: SharedSteps): Step[] {
  const prefix = [pathPrefix + folder];
  const inner = new Reader(file, text, prefix);
  const root = inner.root(['steps']);
  const steps = root ? readSteps(inner, root.steps, [...prefix, 'steps']) : [];
  reader.problems.push(...inner.problems);
  return steps;
}
