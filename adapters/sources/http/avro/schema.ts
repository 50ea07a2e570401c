/** A writer's Avro schema (Avro 1.12, "Schema Declaration"), read from anybody's text: its types, each once, names resolved. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

export type Primitive = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string';
const primitives: ReadonlySet<string> = new Set<Primitive>([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
]);

/** A named type is one object, however often it is named: so types may hold themselves. */
export type AvroType =
  | { readonly kind: Primitive; readonly logical?: JsonObject }
  | { readonly kind: 'array' | 'map'; readonly of: AvroType }
  | { readonly kind: 'union'; readonly branches: readonly AvroType[] }
  | { readonly kind: 'fixed'; readonly name: string; readonly size: number; readonly logical: JsonObject }
  | { readonly kind: 'enum'; readonly name: string; readonly symbols: readonly string[] }
  | { readonly kind: 'record'; readonly name: string; readonly fields: readonly AvroField[] };
export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
}

export class AvroSchemaError extends Error {
  override readonly name = 'AvroSchemaError';
}

export const schemaBytesMax = 1024 * 1024;
/** Types within each other as they are written: what is deeper is no schema but an attack on whoever walks it. */
const nestingMax = 128;
const fixedBytesMax = 2 ** 31 - 1;

/** @throws AvroSchemaError */
export function readAvroSchema(text: string): AvroType {
  if (text.length > schemaBytesMax) throw new AvroSchemaError(`is larger than ${schemaBytesMax} bytes`);
  let schema: Json;
  try {
    schema = JSON.parse(text) as Json;
  } catch {
    // A schema of one word may stand there without quotes.
    if (primitives.has(text.trim())) return { kind: text.trim() as Primitive };
    throw new AvroSchemaError('is not JSON');
  }
  return new SchemaReader().read(schema, '', 0);
}

class SchemaReader {
  readonly #named = new Map<string, AvroType>();

  read(schema: Json | undefined, space: string, depth: number): AvroType {
    if (depth > nestingMax) throw new AvroSchemaError(`has types more than ${nestingMax} deep`);
    if (typeof schema === 'string') return this.#byName(schema, space);
    if (Array.isArray(schema)) return this.#union(schema as readonly Json[], space, depth);
    if (!isObject(schema)) throw new AvroSchemaError('has something that is no type');
    const { type } = schema;
    switch (type) {
      case 'record':
      case 'error':
      case 'enum':
      case 'fixed':
        return this.#define(schema, space, depth);
      case 'array':
        return { kind: 'array', of: this.read(schema.items, space, depth + 1) };
      case 'map':
        return { kind: 'map', of: this.read(schema.values, space, depth + 1) };
      default:
        if (typeof type === 'string' && primitives.has(type)) return { kind: type as Primitive, logical: schema };
        return this.read(type, space, depth + 1);
    }
  }

  #byName(name: string, space: string): AvroType {
    if (primitives.has(name)) return { kind: name as Primitive };
    const found = (space !== '' && !name.includes('.') && this.#named.get(`${space}.${name}`)) || this.#named.get(name);
    if (found) return found;
    throw new AvroSchemaError(`names a type that is not known: ${name.slice(0, 200)}`);
  }

  #union(branches: readonly Json[], space: string, depth: number): AvroType {
    const read = branches.map((branch) => this.read(branch, space, depth + 1));
    if (read.some(({ kind }) => kind === 'union')) throw new AvroSchemaError('has a union within a union');
    return { kind: 'union', branches: read };
  }

  #define(schema: JsonObject, space: string, depth: number): AvroType {
    const { name, namespace } = schema;
    if (typeof name !== 'string' || name === '') throw new AvroSchemaError('has a named type without a name');
    const dot = name.lastIndexOf('.');
    const inside = dot >= 0 ? name.slice(0, dot) : typeof namespace === 'string' ? namespace : space;
    const full = dot >= 0 || inside === '' ? name : `${inside}.${name}`;
    if (this.#named.has(full)) throw new AvroSchemaError(`defines ${full.slice(0, 200)} twice`);
    if (schema.type === 'fixed')
      return this.#name(full, { kind: 'fixed', name: full, size: sizeOf(schema), logical: schema });
    if (schema.type === 'enum')
      return this.#name(full, { kind: 'enum', name: full, symbols: texts(schema.symbols, 'symbols') });
    const fields: AvroField[] = [];
    const record = this.#name(full, { kind: 'record', name: full, fields }); // from now on it may name itself
    if (!Array.isArray(schema.fields)) throw new AvroSchemaError(`has a record without fields: ${full.slice(0, 200)}`);
    const names = new Set<string>();
    for (const field of schema.fields as readonly Json[]) {
      if (!isObject(field) || typeof field.name !== 'string' || names.has(field.name))
        throw new AvroSchemaError(`has a field without a name of its own in ${full.slice(0, 200)}`);
      names.add(field.name);
      fields.push({ name: field.name, type: this.read(field.type, inside, depth + 1) });
    }
    return record;
  }

  #name(full: string, type: AvroType): AvroType {
    this.#named.set(full, type);
    return type;
  }
}

function sizeOf({ size }: JsonObject): number {
  if (typeof size === 'number' && Number.isInteger(size) && size >= 0 && size <= fixedBytesMax) return size;
  throw new AvroSchemaError('has a fixed without a size');
}

function texts(value: Json | undefined, what: string): readonly string[] {
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value as readonly string[];
  throw new AvroSchemaError(`has an enum without ${what}`);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
