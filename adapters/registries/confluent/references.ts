/** A schema of a registry with the types that it takes from other schemas there. */
import type { RegistryClient, SchemaReference, StoredSchema } from './client.js';
import { inlineTypes } from './inline-types.js';

/** Schemas that one may need, however they refer to each other. */
const referencesMax = 64;

/**
 * The text of an Avro schema that stands by itself; null: what it refers to is not there, is no Avro schema, or is too much.
 * Rejects where the registry cannot be asked.
 */
export async function standAlone(
  client: RegistryClient,
  schema: StoredSchema,
  charsMax: number,
  signal: AbortSignal,
): Promise<string | null> {
  if (schema.references.length === 0) return schema.text;
  const texts = new Map<string, string>();
  let chars = schema.text.length;
  const open: SchemaReference[] = [...schema.references];
  for (let next = open.pop(); next; next = open.pop()) {
    const key = JSON.stringify([next.subject, next.version]);
    if (texts.has(key)) continue;
    if (texts.size >= referencesMax) return null;
    const found = await client.schemaAt(next, signal);
    chars += found?.text.length ?? 0;
    if (found?.type !== 'AVRO' || chars > charsMax) return null;
    texts.set(key, found.text);
    open.push(...found.references);
  }
  try {
    return inlineTypes(schema.text, [...texts.values()]);
  } catch {
    return null; // no JSON, or deeper than any schema
  }
}
