/** A schema file: JSON Schema, or Avro (.avsc), which becomes one. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Ajv as AjvClass, ErrorObject } from 'ajv';
import { jsonSchemaOfAvro } from './avro.js';
import { compileSchema } from './compile.js';
import { isObject, type Json, type SchemaProblem } from './schema-json.js';

const bytesMax = 4 * 2 ** 20;

export interface ReadSchema {
  readonly plan: Uint8Array;
  readonly problems: readonly SchemaProblem[];
}

/** Never throws: what is wrong with the file is in `problems`, all of it. */
export function readSchema(path: string): ReadSchema {
  let schema: Json;
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length > bytesMax) return refused('', `is larger than ${bytesMax} bytes`);
    schema = JSON.parse(text) as Json;
  } catch (error) {
    return refused('', `cannot be read: ${(error as Error).message}`);
  }
  if (!path.endsWith('.avsc')) return schemaOf(schema);
  const { schema: converted, problems } = jsonSchemaOfAvro(schema);
  return problems.length > 0 ? { plan: new Uint8Array(), problems } : compileSchema(converted);
}

function refused(pointer: string, message: string): ReadSchema {
  return { plan: new Uint8Array(), problems: [{ pointer, message }] };
}

/** Checked against its draft's own schema by ajv, then compiled. */
export function schemaOf(schema: Json): ReadSchema {
  const wrong = isObject(schema) ? metaProblems(schema) : [];
  if (wrong.length > 0) return { plan: new Uint8Array(), problems: wrong };
  return compileSchema(schema);
}

/** By `$schema`; the default is the latest draft. */
const drafts: Readonly<Record<string, string>> = {
  'http://json-schema.org/draft-07/schema': 'ajv',
  'https://json-schema.org/draft/2019-09/schema': 'ajv/dist/2019.js',
  'https://json-schema.org/draft/2020-12/schema': 'ajv/dist/2020.js',
};
const latest = 'https://json-schema.org/draft/2020-12/schema';

function metaProblems(schema: Json & object): SchemaProblem[] {
  const draft = String((schema as { $schema?: Json }).$schema ?? latest).replace(/#$/, '');
  const module = drafts[draft];
  if (module === undefined)
    return [
      { pointer: '/$schema', message: `is no draft that is known; those are: ${Object.keys(drafts).join(', ')}` },
    ];
  // Only who validates pays for loading ajv.
  const { default: Ajv } = createRequire(import.meta.url)(module) as { default: typeof AjvClass };
  const ajv = new Ajv({ allErrors: true, strict: false });
  if (ajv.validateSchema(schema)) return [];
  return (ajv.errors ?? []).filter(tells).map(({ instancePath, message, params }) => ({
    pointer: instancePath,
    message: `${message ?? 'is wrong'}${'allowedValues' in params ? `: ${(params.allowedValues as string[]).join(', ')}` : ''}`,
  }));
}

/** What only shows that a branch did not fit says nothing of the mistake. */
function tells({ keyword }: ErrorObject): boolean {
  return keyword !== 'anyOf' && keyword !== 'allOf';
}
