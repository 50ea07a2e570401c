/** A pack's variables, and where each goes by itself. */
import { alsoFrom, ecsField, isOurs, relatedFlag, usualConvert } from './ecs.js';
import type { PackFile } from './pack-file.js';
import type { PlanWriter, Row } from './plan-writer.js';

/** As EnvelopeVar of native/src/packs/plan.h. */
const envelope = ['_text', '_app', '_msgid', '_host', '_pid', '_level', '_structured_data', '_json'];
/** Convert of native/src/packs/plan_rows.h. */
export const converts = {
  none: 0,
  lower: 1,
  upper: 2,
  scale: 3,
  split: 4,
  mac: 5,
  hex: 6,
  base64: 7,
  hex_text: 8,
  percent: 9,
} as const;
export const DestKind = { field: 0, attr: 1, variable: 2, timestamp: 3, message: 4 } as const;
export const DestFlag = { otherwise: 1, quiet: 32 } as const;

export class Variables {
  readonly #places = new Map(envelope.map((name, i) => [name, i]));
  /** Further names of variables that the input may use. */
  readonly #aliases = new Map<string, number>();
  readonly #picks: { from: number; to: number; path: readonly string[] }[] = [];
  readonly #inputs = new Set<string>();
  /** Captured, set, or read from input: what may have a value. */
  readonly #written = new Set(envelope);
  /** ECS fields that `map` or `set` has written to. */
  readonly #sent = new Set<string>();

  constructor(
    readonly namespace: string,
    readonly rest: PackFile['rest'],
    readonly plan: PlanWriter,
  ) {}

  place(written: string): number {
    const name = canonical(written);
    let place = this.#places.get(name) ?? this.#aliases.get(name);
    if (place === undefined) {
      place = this.#places.size;
      this.#places.set(name, place);
      const path = jsonPath(name);
      if (path) this.#picks.push({ from: this.read(path.from), to: place, path: path.steps });
    }
    return place;
  }

  /** A variable that gets its value from the pack: by a pattern or `set`. */
  write(name: string): number {
    this.#written.add(canonical(name));
    return this.place(name);
  }

  /** A variable whose value a step uses: also a name that the input may have. */
  read(name: string): number {
    if (!name.startsWith('_') && !this.#aliases.has(canonical(name))) this.#inputs.add(canonical(name));
    return this.place(name);
  }

  /** What the input calls `name` is the variable at `place`. False: it is another variable already. */
  alias(name: string, place: number): boolean {
    const known = this.#places.get(name) ?? this.#aliases.get(name);
    if (known === undefined) this.#aliases.set(name, place);
    return known === undefined || known === place;
  }

  /** A name that a pattern of the pack gives to what it extracts. */
  declare(name: string): number {
    this.#inputs.add(canonical(name));
    return this.write(name);
  }

  isTemporary(name: string): boolean {
    return name.startsWith('_');
  }

  written(name: string): boolean {
    return this.#written.has(name);
  }

  /** A field that steps write to and that is no variable: what stands in it, no step can read. */
  isOnlyField(name: string): boolean {
    return this.#sent.has(name) && !this.#inputs.has(name) && !this.#written.has(name);
  }

  /** The field has a value from now on. */
  send(name: string): void {
    if (ecsField(name)) this.#sent.add(name);
  }

  /** Where a value called `name` goes: an ECS field, or a name of the pack's own. */
  dests(name: string, flags = 0, convert: readonly [number, number] = [0, 0]): Row[] {
    if (name === '@timestamp') return [[DestKind.timestamp, 0, flags, ...convert]];
    if (name === 'message') return [[DestKind.message, 0, flags, ...convert]];
    if (name.startsWith('_')) return [[DestKind.variable, this.write(name), flags, ...convert]];
    if (!ecsField(name)) return [[DestKind.attr, this.plan.string(this.attribute(name)), flags, ...convert]];
    const made = convert[0] === 0 ? [converts[usualConvert(name)], 0] : convert;
    const also = alsoFrom(name).map((field, i) => [
      DestKind.field,
      this.plan.field(field),
      relatedFlag(field) | DestFlag.quiet | (i > 0 ? DestFlag.otherwise : 0),
      ...convert,
    ]);
    return [[DestKind.field, this.plan.field(name), flags | relatedFlag(name), ...made], ...also];
  }

  /** The full name of what ECS does not know; those with a dot are full already. */
  attribute(name: string): string {
    if (this.namespace === '' || (name.includes('.') && !isOurs(name))) return name;
    return `${this.namespace}.${name}`;
  }

  rows(): Row[] {
    return [...this.#places].map(([name]) => {
      const dests = name.startsWith('_') ? [] : this.#ownDests(name);
      return [this.plan.string(name), ...this.plan.addAll('dests', dests)];
    });
  }

  /** What the text named stays under that name in the pack's namespace; so does what a path finds, which is there already. */
  #ownDests(name: string): Row[] {
    if (name.includes('[')) return [];
    const bare = name.replace(/^\$\./, '');
    if (ecsField(bare) || this.#written.has(name) || !this.#inputs.has(name)) return this.dests(bare);
    const rest = this.rest.find(([from]) => bare.startsWith(from));
    const own = rest ? rest[1] + bare.slice(rest[0].length) : bare;
    return [[DestKind.attr, this.plan.string(`${this.namespace}.${own}`), 0, 0, 0]];
  }

  /** Values within JSON arrays: the variable of the array, that of the value, and the path between. */
  picks(): Row[] {
    return this.#picks.map(({ from, to, path }) => [from, to, ...this.plan.strings(path)]);
  }

  /** Names of extracted fields that are variables. */
  *inputs(): Iterable<readonly [string, number]> {
    for (const name of this.#inputs) if (!name.includes('[')) yield [name.replace(/^\$\./, ''), this.place(name)];
    yield* this.#aliases;
  }
}

/** '$.a.b' is a.b; only names that begin with '_', which would be forgotten at the end, keep the '$.'. */
function canonical(name: string): string {
  return name.startsWith('$.') && !name.startsWith('$._') ? name.slice(2) : name;
}

/**
 * 'resources[0].ARN', 'groups[*].name', 'parameters[name=GROUP_EMAIL].value' → the array's name and the steps behind it (JsonPath of
 * native/src/packs/json_path.h). What leads to a list whose elements are chosen by name is a variable of its own, found once for all.
 */
function jsonPath(name: string): { from: string; steps: string[] } | undefined {
  const match = /^([^[]+)((?:\[(?:\d{1,6}|\*|[^=[\]]+=[^[\]]+)\]|\.[^.[\]]+)+)$/.exec(name);
  if (!match?.[1] || !match[2] || !name.includes('[')) return undefined;
  const written = [...match[2].matchAll(/\[([^\]]+)\]|\.([^.[\]]+)/g)];
  const steps = written.map(([, index, key]) => (index === undefined ? (key as string) : `#${index}`));
  const list = written.findLastIndex(([, index]) => index?.includes('='));
  const every = written.findIndex(([, index]) => index === '*');
  if (list <= 0 || (every >= 0 && every < list)) return { from: match[1], steps };
  const before =
    match[1] +
    written
      .slice(0, list)
      .map(([text]) => text)
      .join('');
  return { from: before, steps: steps.slice(list) };
}
