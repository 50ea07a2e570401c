/** ECS fields as packs see them, and what follows from a field's name. */
import { type EcsShape, ecsFields, ecsHabits } from '../../schema/generated/ecs-fields.js';

const byName = new Map(ecsFields.map(([name, , shape, repeated]) => [name, { shape, repeated }]));
const habits = new Map(ecsHabits.map(([name, related, form]) => [name, { related, form }]));
/** Always the engine's own (schema/README.md). */
const ours = new Set(['event.id', 'event.created', 'event.original', 'log.source.address', '@timestamp']);

export interface EcsField {
  readonly shape: EcsShape;
  readonly repeated: boolean;
}

/** The field, if a pack may write it. */
export function ecsField(name: string): EcsField | undefined {
  return ours.has(name) ? undefined : byName.get(name);
}

export function isOurs(name: string): boolean {
  return ours.has(name);
}

export const ecsNames: readonly string[] = [...byName.keys()];

/** As in DestFlags of native/src/packs/plan_rows.h: which lists of related.* get the value too. */
export function relatedFlag(name: string): number {
  return habits.get(name)?.related ?? 0;
}

/** The same lists by their names: values that a pack sets are told to them as well. */
export function relatedLists(name: string): readonly string[] {
  const flag = relatedFlag(name);
  return relatedNames.filter((_list, i) => (flag & (2 << i)) !== 0);
}
const relatedNames = ['related.ip', 'related.user', 'related.hosts', 'related.hash'];

/** How values of a field are written whoever sends them, where a pack says nothing else; addresses are always written one way. */
export function usualConvert(name: string): 'lower' | 'mac' | 'none' {
  const form = habits.get(name)?.form ?? 'none';
  return form === 'ip' ? 'none' : form;
}

/** What an address also is: `source.address` is source.ip, or else source.domain (ECS, "Mapping network events"). */
export function alsoFrom(name: string): readonly string[] {
  const prefix = /^(source|destination|client|server)\.address$/.exec(name)?.[1];
  return prefix === undefined ? [] : [`${prefix}.ip`, `${prefix}.domain`];
}
