/**
 * An Avro schema (Avro 1.12, "Schema Declaration") as the JSON Schema of the JSON text of its values: each value plain, or, in a union, as
 * Avro's own JSON encoding has it, {"type": value}. A field with a default, or that may be null, may be absent; fields that the
 * schema does not name are allowed.
 */
import { escapePointer, isObject, type Json, type JsonObject, type SchemaProblem } from './schema-json.js';

const namePattern = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/;

const timePattern = '^[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?$';
const localPattern = '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?$';

const real: JsonObject = { anyOf: [{ type: 'number' }, { enum: ['NaN', 'Infinity', '-Infinity'] }] };

const primitives: Readonly<Record<string, JsonObject>> = {
  null: { type: 'null' },
  boolean: { type: 'boolean' },
  int: { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
  long: { type: 'integer', minimum: -(2 ** 63), exclusiveMaximum: 2 ** 63 },
  float: real,
  double: real,
  bytes: { type: 'string', pattern: '^[\\u0000-\\u00ff]*$' },
  string: { type: 'string' },
};

/** How a logical type may also be written: as Avro's binary encoding is rendered (adapters/sources/http/README.md). */
const rendered: Readonly<Record<string, JsonObject>> = {
  date: { type: 'string', format: 'date' },
  'time-millis': { type: 'string', pattern: timePattern },
  'time-micros': { type: 'string', pattern: timePattern },
  'timestamp-millis': { type: 'string', format: 'date-time' },
  'timestamp-micros': { type: 'string', format: 'date-time' },
  'timestamp-nanos': { type: 'string', format: 'date-time' },
  'local-timestamp-millis': { type: 'string', pattern: localPattern },
  'local-timestamp-micros': { type: 'string', pattern: localPattern },
  'local-timestamp-nanos': { type: 'string', pattern: localPattern },
  decimal: { type: 'number' },
  uuid: { type: 'string', format: 'uuid' },
  duration: { type: 'string', pattern: '^P[0-9]+M[0-9]+DT[0-9]+[.][0-9]{3}S$' },
};

export function jsonSchemaOfAvro(schema: Json): { readonly schema: Json; readonly problems: readonly SchemaProblem[] } {
  const reader = new AvroReader();
  const root = reader.schema(schema, '', '');
  return { schema: { allOf: [root], $defs: Object.fromEntries(reader.named) }, problems: reader.problems };
}

class AvroReader {
  readonly named = new Map<string, Json>();
  readonly problems: SchemaProblem[] = [];

  schema(schema: Json | undefined, pointer: string, space: string): Json {
    if (typeof schema === 'string') return this.#byName(schema, pointer, space);
    if (Array.isArray(schema)) return this.#union(schema as readonly Json[], pointer, space);
    if (!isObject(schema)) return this.#wrong(pointer, 'is no Avro schema');
    const { type } = schema;
    if (typeof type !== 'string') return this.schema(type, `${pointer}/type`, space);
    switch (type) {
      case 'record':
      case 'error':
      case 'enum':
      case 'fixed':
        return this.#named(schema, pointer, space);
      case 'array':
        return { type: 'array', items: this.schema(schema.items, `${pointer}/items`, space) };
      case 'map':
        return { type: 'object', additionalProperties: this.schema(schema.values, `${pointer}/values`, space) };
      default:
        return orRendered(this.#byName(type, `${pointer}/type`, space), schema);
    }
  }

  #wrong(pointer: string, message: string): Json {
    this.problems.push({ pointer, message });
    return true;
  }

  #byName(name: string, pointer: string, space: string): Json {
    const primitive = primitives[name];
    if (primitive) return primitive;
    const full = name.includes('.') || space === '' ? name : `${space}.${name}`;
    const known = [full, name].find((each) => this.named.has(each));
    return known === undefined ? this.#wrong(pointer, `names no type that is known: ${name}`) : reference(known);
  }

  #named(schema: JsonObject, pointer: string, space: string): Json {
    const { name, namespace } = schema;
    if (typeof name !== 'string' || !namePattern.test(name))
      return this.#wrong(pointer, 'must have a name of letters, digits and _');
    const inside = name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : String(namespace ?? space);
    const full = name.includes('.') || inside === '' ? name : `${inside}.${name}`;
    if (this.named.has(full)) return this.#wrong(`${pointer}/name`, `${full} is defined twice`);
    this.named.set(full, true); // from now on it may name itself
    this.named.set(full, this.#definition(schema, pointer, inside));
    return reference(full);
  }

  #definition(schema: JsonObject, pointer: string, space: string): Json {
    if (schema.type === 'enum') {
      const symbols = Array.isArray(schema.symbols) ? (schema.symbols as readonly Json[]) : [];
      if (symbols.length === 0) return this.#wrong(pointer, 'must have symbols');
      return { enum: symbols };
    }
    if (schema.type === 'fixed') {
      if (!Number.isInteger(schema.size) || Number(schema.size) < 0)
        return this.#wrong(pointer, 'must have a size in bytes');
      const size = Number(schema.size);
      const bytes = { ...primitives.bytes, minLength: size, maxLength: size };
      const hex = { type: 'string', pattern: '^[0-9a-f]*$', minLength: 2 * size, maxLength: 2 * size };
      return orRendered({ anyOf: [bytes, hex] }, schema);
    }
    if (!Array.isArray(schema.fields)) return this.#wrong(pointer, 'must have fields');
    const properties: Record<string, Json> = {};
    const required: string[] = [];
    for (const [i, field] of (schema.fields as readonly Json[]).entries()) {
      const at = `${pointer}/fields/${i}`;
      if (!isObject(field) || typeof field.name !== 'string' || !namePattern.test(field.name)) {
        this.#wrong(at, 'must have a name of letters, digits and _');
        continue;
      }
      if (Object.hasOwn(properties, field.name)) this.#wrong(at, `${field.name} is there twice`);
      properties[field.name] = this.schema(field.type, `${at}/type`, space);
      const mayBeNull = field.type === 'null' || (Array.isArray(field.type) && field.type.includes('null'));
      if (field.default === undefined && !mayBeNull) required.push(field.name);
    }
    return { type: 'object', properties, required };
  }

  #union(branches: readonly Json[], pointer: string, space: string): Json {
    if (branches.length === 0) return false;
    const anyOf = branches.flatMap((branch, i): Json[] => {
      if (Array.isArray(branch)) return [this.#wrong(`${pointer}/${i}`, 'a union may not hold another')];
      const plain = this.schema(branch, `${pointer}/${i}`, space);
      const tag = tagOf(branch, plain);
      if (tag === 'null') return [plain];
      const tagged = { type: 'object', properties: { [tag]: plain }, required: [tag], additionalProperties: false };
      return [plain, tagged];
    });
    return { anyOf };
  }
}

function orRendered(plain: Json, { logicalType }: JsonObject): Json {
  const other = typeof logicalType === 'string' ? rendered[logicalType] : undefined;
  return other ? { anyOf: [plain, other] } : plain;
}

function reference(name: string): JsonObject {
  return { $ref: `#/$defs/${encodeURIComponent(escapePointer(name))}` };
}

/** How Avro's JSON encoding calls the branch: by its type, or its full name. */
function tagOf(branch: Json, plain: Json): string {
  const ref = isObject(plain) && typeof plain.$ref === 'string' ? plain.$ref.slice('#/$defs/'.length) : undefined;
  if (ref !== undefined) return decodeURIComponent(ref);
  return isObject(branch) ? String(branch.type) : String(branch);
}
