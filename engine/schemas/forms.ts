/** The forms of LogEvent's schema, one for each way of encoding: all are generated from ECS's field table (schema/README.md). */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SchemaText } from '../../adapters/registries/confluent/client.js';
import { projectRoot } from '../../native/load.js';
import type { Settings } from '../config/settings.js';

export type SchemaForm = 'protobuf' | 'avro' | 'json' | 'ocsf';

export const schemaFiles: Readonly<Record<SchemaForm, string>> = {
  protobuf: 'log_event.proto',
  avro: 'log_event.avsc',
  json: 'log_event.schema.json',
  ocsf: 'ocsf/mapping.yaml',
};
const registryTypes = { protobuf: 'PROTOBUF', avro: 'AVRO', json: 'JSON' } as const;
/** Those that a registry has a type for: OCSF publishes its schema itself, and ours is the table that leads to it. */
export type RegistryForm = keyof typeof registryTypes;
const fingerprintDigits = 8;

/** Which schema tells what a record's value is. A frame is none of these forms: its events decoded are LogEvents; MessagePack has the JSON form's names. */
export function formOf(encoding: Settings['encoding']): SchemaForm {
  if (encoding === 'avro' || encoding === 'ocsf') return encoding;
  return encoding === 'json' || encoding === 'msgpack' ? 'json' : 'protobuf';
}

export function schemaText(form: SchemaForm): string {
  return readFileSync(join(projectRoot, 'schema', schemaFiles[form]), 'utf8');
}

/** As a registry takes it. */
export function registrySchema(form: RegistryForm): SchemaText {
  const text = schemaText(form);
  // Without line breaks and indents, which no form gives a meaning to outside of comments: a third of the bytes.
  return { type: registryTypes[form], text: form === 'protobuf' ? text : JSON.stringify(JSON.parse(text)) };
}

/** The record header "schema": the first digits of the SHA-256 of the form's file. */
export function schemaFingerprint(form: SchemaForm): string {
  return createHash('sha256').update(schemaText(form)).digest('hex').slice(0, fingerprintDigits);
}
