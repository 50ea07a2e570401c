/** A pack's variables, and where each goes by itself. */
import { alsoFrom, ecsField, isOurs, relatedFlag } from './ecs.js';
import type { PlanWriter, Row } from './plan-writer.js';

/** As EnvelopeVar of native/src/packs/plan.h. */
const envelope = ['_text', '_app', '_msgid', '_host', '_pid', '_level', '_structured_data'];
export const DestKind = { field: 0, attr: 1, variable: 2, timestamp: 3 } as const;
export const DestFlag = { otherwise: 1, quiet: 32 } as const;

export class Variables {
  readonly #places = new Map(envelope.map((name, i) => [name, i]));
  readonly #inputs = new Set<string>();
  /** Captured, set, or read from input: what may have a value. */
  readonly #written = new Set(envelope);

  constructor(
    readonly namespace: string,
    readonly plan: PlanWriter,
  ) {}

  place(name: string): number {
    let place = this.#places.get(name);
    if (place === undefined) {
      place = this.#places.size;
      this.#places.set(name, place);
    }
    return place;
  }

  /** A variable that gets its value from the pack: by a pattern or `set`. */
  write(name: string): number {
    this.#written.add(name);
    return this.place(name);
  }

  /** A variable whose value a step uses: also a name that the input may have. */
  read(name: string): number {
    if (!name.startsWith('_')) this.#inputs.add(name);
    return this.place(name);
  }

  /** A name that a pattern of the pack gives to what it extracts. */
  declare(name: string): number {
    this.#inputs.add(name);
    return this.write(name);
  }

  isTemporary(name: string): boolean {
    return name.startsWith('_');
  }

  written(name: string): boolean {
    return this.#written.has(name);
  }

  /** Where a value called `name` goes: an ECS field, or a name of the pack's own. */
  dests(name: string, flags = 0, convert: readonly [number, number] = [0, 0]): Row[] {
    if (name === '@timestamp') return [[DestKind.timestamp, 0, flags, ...convert]];
    if (name.startsWith('_')) return [[DestKind.variable, this.write(name), flags, ...convert]];
    if (!ecsField(name)) return [[DestKind.attr, this.plan.string(this.attribute(name)), flags, ...convert]];
    const also = alsoFrom(name).map((field, i) => [
      DestKind.field,
      this.plan.field(field),
      relatedFlag(field) | DestFlag.quiet | (i > 0 ? DestFlag.otherwise : 0),
      ...convert,
    ]);
    return [[DestKind.field, this.plan.field(name), flags | relatedFlag(name), ...convert], ...also];
  }

  /** The full name of what ECS does not know; those with a dot are full already. */
  attribute(name: string): string {
    if (this.namespace === '' || (name.includes('.') && !isOurs(name))) return name;
    return `${this.namespace}.${name}`;
  }

  rows(): Row[] {
    return [...this.#places].map(([name]) => {
      const dests = name.startsWith('_') ? [] : this.dests(name);
      return [this.plan.string(name), ...this.plan.addAll('dests', dests)];
    });
  }

  /** Names of extracted fields that are variables. */
  *inputs(): Iterable<readonly [string, number]> {
    for (const name of this.#inputs) yield [name, this.place(name)];
  }
}
