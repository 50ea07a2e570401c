/** Indicators of a STIX 2.1 bundle: the observables of patterns that one comparison decides. */
import type { KeyKindName } from './table-writer.js';

export interface StixIndicator {
  readonly keys: readonly { readonly kind: KeyKindName; readonly type: string; readonly text: string }[];
  readonly cells: Readonly<Record<string, string>>;
}

interface StixObject {
  readonly type?: string;
  readonly id?: string;
  readonly [name: string]: unknown;
}

const types = new Map<string, KeyKindName>(
  Object.entries({
    'ipv4-addr': 'ip',
    'ipv6-addr': 'ip',
    'domain-name': 'domain',
    url: 'url',
    file: 'hash',
    'mac-addr': 'mac',
  } as const),
);

/** `skipped`: patterns that need more than one comparison, or of other kinds; revoked and expired indicators are neither. */
export function readStix(bundle: unknown, nowMs: number): { indicators: StixIndicator[]; skipped: number } {
  const { type, objects: list } = bundle as { type?: unknown; objects?: unknown };
  if (list === undefined && type !== 'bundle') throw new Error('it is no STIX bundle: it has no objects');
  const listed = list ?? [];
  if (!Array.isArray(listed)) throw new Error('it is no STIX bundle: objects is no list');
  const objects = listed.filter((one): one is StixObject => typeof one === 'object' && one !== null);
  const byId = new Map(objects.map((object) => [object.id, object]));
  const indicators: StixIndicator[] = [];
  let skipped = 0;
  for (const object of objects) {
    if (object.type !== 'indicator' || object.revoked === true) continue;
    if (typeof object.valid_until === 'string' && Date.parse(object.valid_until) <= nowMs) continue;
    const keys = (object.pattern_type ?? 'stix') === 'stix' ? readPattern(String(object.pattern)) : null;
    if (keys === null) skipped++;
    else indicators.push({ keys, cells: cellsOf(object, byId) });
  }
  return { indicators, skipped };
}

/** `[a:value = 'x' OR b:value = 'y'] OR [...]`; null: it asks for more than one thing at once, or for something else. */
export function readPattern(pattern: string): StixIndicator['keys'] | null {
  const keys: { kind: KeyKindName; type: string; text: string }[] = [];
  const comparison =
    /\s*(?:\[|\(|\]|\)|\bOR\b|([a-z0-9-]+):((?:[a-z_]+)(?:\.(?:'[^']*'|[\w-]+))*)\s*(=|ISSUBSET|IN)\s*('(?:[^'\\]|\\.)*'|\(\s*(?:'(?:[^'\\]|\\.)*'\s*(?:,\s*)?)+\)))\s*/iy;
  while (comparison.lastIndex < pattern.length) {
    const match = comparison.exec(pattern);
    if (match === null) return null;
    const [whole, type = '', path = '', , values = ''] = match;
    if (whole === '') return null;
    if (type === '') continue;
    const kind = types.get(type);
    if (kind === undefined || !(kind === 'hash' ? /^hashes\./ : /^value$/).test(path)) return null;
    for (const [, text = ''] of values.matchAll(/'((?:[^'\\]|\\.)*)'/g))
      keys.push({ kind, type, text: text.replace(/\\(.)/g, '$1') });
  }
  return keys.length === 0 ? null : keys;
}

function cellsOf(object: StixObject, byId: ReadonlyMap<unknown, StixObject>): Record<string, string> {
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const references = Array.isArray(object.external_references) ? object.external_references : [];
  const reference = references.find((one) => one?.url)?.url;
  return {
    name: text(object.name),
    description: text(object.description),
    provider: text(byId.get(object.created_by_ref)?.name),
    reference: text(reference),
    confidence: typeof object.confidence === 'number' ? confidence(object.confidence) : '',
    'marking.tlp': tlp(object.object_marking_refs),
    first_seen: text(object.valid_from),
  };
}

/** STIX 2.1, appendix A: the scale none, low, medium, high. */
function confidence(value: number): string {
  if (value <= 0) return 'None';
  return value < 30 ? 'Low' : value < 70 ? 'Medium' : 'High';
}

const confidenceWords = ['Not Specified', 'None', 'Low', 'Medium', 'High'];

/** Of a list: a number from 0 to 100 or a word of ECS; another text stays as it is. */
export function confidenceText(text: string): string {
  if (/^\d{1,3}(?:\.\d+)?$/.test(text) && Number(text) <= 100) return confidence(Number(text));
  return confidenceWords.find((word) => word.toLowerCase() === text.toLowerCase()) ?? text;
}

/** The markings of STIX 2.1, section 7.2.1.4. */
const markings = new Map(
  Object.entries({
    'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9': 'WHITE',
    'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da': 'GREEN',
    'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82': 'AMBER',
    'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed': 'RED',
  }),
);
function tlp(refs: unknown): string {
  return (
    (Array.isArray(refs) ? refs : []).map((ref) => markings.get(String(ref)) ?? '').find((name) => name !== '') ?? ''
  );
}
