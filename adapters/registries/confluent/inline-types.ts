/** An Avro schema that names types of other schemas, as one that defines each of them where it names it first. */

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

/** Types within each other: what is deeper is no schema. */
const nestingMax = 128;
const definitions = new Set<unknown>(['record', 'error', 'enum', 'fixed']);

/** @throws SyntaxError, RangeError where a text is no JSON or its types are too deep */
export function inlineTypes(text: string, referenced: readonly string[]): string {
  const named = new Map<string, { readonly schema: JsonObject; readonly space: string }>();
  for (const other of referenced) collect(JSON.parse(other) as Json, '', named, 0);
  return JSON.stringify(new Inliner(named).inline(JSON.parse(text) as Json, '', 0));
}

/** The full name of a definition, and the namespace within it (Avro 1.12, "Names"). */
function nameOf({ name, namespace }: JsonObject, space: string): { full: string; inside: string } {
  const text = typeof name === 'string' ? name : '';
  const dot = text.lastIndexOf('.');
  const inside = dot >= 0 ? text.slice(0, dot) : typeof namespace === 'string' ? namespace : space;
  return { full: dot >= 0 || inside === '' ? text : `${inside}.${text}`, inside };
}

function collect(
  schema: Json | undefined,
  space: string,
  named: Map<string, { readonly schema: JsonObject; readonly space: string }>,
  depth: number,
): void {
  if (depth > nestingMax) throw new RangeError('types too deep');
  if (isList(schema)) for (const each of schema) collect(each, space, named, depth + 1);
  if (!isObject(schema)) return;
  if (!definitions.has(schema.type)) {
    for (const part of [schema.type, schema.items, schema.values]) collect(part, space, named, depth + 1);
    return;
  }
  const { full, inside } = nameOf(schema, space);
  if (named.has(full)) return;
  named.set(full, { schema, space });
  for (const field of fieldsOf(schema)) collect(field.type, inside, named, depth + 1);
}

class Inliner {
  readonly #defined = new Set<string>();

  constructor(private readonly named: ReadonlyMap<string, { readonly schema: JsonObject; readonly space: string }>) {}

  inline(schema: Json | undefined, space: string, depth: number): Json {
    if (depth > nestingMax) throw new RangeError('types too deep');
    if (typeof schema === 'string') return this.#name(schema, space, depth);
    if (isList(schema)) return schema.map((each) => this.inline(each, space, depth + 1));
    if (!isObject(schema)) return schema ?? null;
    if (definitions.has(schema.type)) return this.#define(schema, space, depth);
    const parts = (['type', 'items', 'values'] as const).filter((key) => schema[key] !== undefined);
    return {
      ...schema,
      ...Object.fromEntries(parts.map((key) => [key, this.inline(schema[key], space, depth + 1)])),
    };
  }

  #name(name: string, space: string, depth: number): Json {
    const full = space !== '' && !name.includes('.') && this.#knows(`${space}.${name}`) ? `${space}.${name}` : name;
    const other = this.#defined.has(full) ? undefined : this.named.get(full);
    return other ? this.#define(other.schema, other.space, depth) : name;
  }

  #knows(full: string): boolean {
    return this.#defined.has(full) || this.named.has(full);
  }

  /** Under its full name, since it stands in another namespace now. */
  #define(schema: JsonObject, space: string, depth: number): Json {
    const { full, inside } = nameOf(schema, space);
    if (this.#defined.has(full)) return full;
    this.#defined.add(full);
    const { namespace: _, ...rest } = schema;
    const fields = fieldsOf(schema).map((field) => ({ ...field, type: this.inline(field.type, inside, depth + 1) }));
    return {
      ...rest,
      name: full,
      ...(!full.includes('.') && { namespace: '' }),
      ...(schema.fields !== undefined && { fields }),
    };
  }
}

function fieldsOf({ fields }: JsonObject): readonly JsonObject[] {
  return isList(fields) ? fields.filter(isObject) : [];
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
