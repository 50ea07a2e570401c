/** ECS fields as packs see them, and what follows from a field's name. */
import { type EcsShape, ecsFields } from '../../schema/generated/ecs-fields.js';

const byName = new Map(ecsFields.map(([name, , shape, repeated]) => [name, { shape, repeated }]));
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

/** As in DestFlags of native/src/packs/plan_rows.h: which list of related.* gets the value too. */
export function relatedFlag(name: string): number {
  if (name.startsWith('related.')) return 0;
  if (byName.get(name)?.shape === 'ip') return 2;
  if (/(^|\.)user(\.(target|effective|changes))?\.name$/.test(name)) return 4;
  if (
    /^(source|destination|client|server)\.domain$|^host\.(name|hostname)$|^observer\.hostname$|^dns\.question\.name$|^url\.domain$/.test(
      name,
    )
  )
    return 8;
  if (/\.hash\.(md5|sha1|sha224|sha256|sha384|sha512|ssdeep|tlsh)$/.test(name)) return 16;
  return 0;
}

/** How values of a field are written whoever sends them, where a pack says nothing else: hashes in small letters, hardware addresses as ECS has them. */
export function usualConvert(name: string): 'lower' | 'mac' | 'none' {
  if (/\.hash\.(md5|sha1|sha224|sha256|sha384|sha512)$|\.(imphash|ja3s?)$/.test(name)) return 'lower';
  return /\.mac$/.test(name) ? 'mac' : 'none';
}

/** What an address also is: `source.address` is source.ip, or else source.domain (ECS, "Mapping network events"). */
export function alsoFrom(name: string): readonly string[] {
  const prefix = /^(source|destination|client|server)\.address$/.exec(name)?.[1];
  return prefix === undefined ? [] : [`${prefix}.ip`, `${prefix}.domain`];
}
