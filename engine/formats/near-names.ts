/** Names that a pack writes and that are nearly those of ECS: most likely misspelt, and attributes without a word. */
import { distance } from '../config/suggest.js';
import { ecsField, ecsNames, isOurs } from './ecs.js';
import { parsePattern } from './match-pattern.js';
import type { PackFile, Step } from './pack-file.js';

export interface NearName {
  readonly name: string;
  readonly meant: string;
}

/** In the order in which the pack names them, each once. */
export function nearNames(pack: PackFile): NearName[] {
  const names = new Set([...Object.keys(pack.set), ...pack.steps.flatMap(written)]);
  return [...names].flatMap((name) => {
    if (!name.includes('.') || name.startsWith('_') || ecsField(name) !== undefined || isOurs(name)) return [];
    const most = Math.max(1, Math.floor(name.length / 8)); // a letter or two of a long name
    const meant = ecsNames.find(
      (known) => Math.abs(known.length - name.length) <= most && distance(known, name) <= most,
    );
    return meant === undefined ? [] : [{ name, meant }];
  });
}

function written(step: Step): string[] {
  const { take, map = {}, set = {}, firstOf = [], below = [] } = step;
  const captured =
    take?.kind === 'match'
      ? take.patterns.flatMap((pattern) => parsePattern(pattern).parts.map((part) => ('name' in part ? part.name : '')))
      : take?.kind === 'block'
        ? take.names
        : [];
  const mapped = Object.values(map).flatMap((dests) => dests.map(({ to }) => to));
  const cases = step.switch ? [...step.switch.otherwise, ...step.switch.cases.flatMap(({ steps }) => steps)] : [];
  // What a map names is input: `user.nam` may be what a sender calls it.
  const left = captured.filter((name) => !Object.hasOwn(map, name));
  return [...left, ...mapped, ...Object.keys(set), ...[...firstOf, ...below, ...cases].flatMap(written)];
}
