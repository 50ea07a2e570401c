/** Avro events as avsc reads them with the published schema, in the shape of schema/reader.ts. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import avro from 'avsc';
import { projectRoot } from '../../native/load.js';
import { ecsFields } from '../../schema/generated/ecs-fields.js';
import type { FieldValue, ReadEvent } from '../../schema/reader.js';

export const avroSchema = JSON.parse(readFileSync(join(projectRoot, 'schema/log_event.avsc'), 'utf8'));
const shapes = new Map(ecsFields.map(([name, , shape, repeated]) => [name, { shape, repeated }]));

/** Longs as bigint: nothing of nanoseconds is lost. */
const long = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (n: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(n);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (n: unknown) => typeof n === 'bigint',
  compare: (a: bigint, b: bigint) => Number(a - b),
});
/** Unions are wrapped: which branch a value came by is to be seen. */
export const avroType = (definition: object) =>
  avro.Type.forSchema(definition as never, {
    typeHook: (one) => (one === 'long' || (one as { type?: string }).type === 'long' ? long : undefined),
    wrapUnions: true,
  });

type Members = Record<string, unknown>;

export function asEvent(value: unknown): ReadEvent {
  const { attrs, a_new_group, ...members } = value as Members;
  assert.ok(a_new_group == null);
  const fields = new Map<string, FieldValue | readonly FieldValue[]>();
  collect(members, '', fields);
  const take = (name: string) => {
    const taken = fields.get(name);
    fields.delete(name);
    return taken;
  };
  return {
    timestampNs: take('@timestamp') as bigint,
    createdNs: take('event.created') as bigint,
    id: (take('event.id') as unknown as Buffer).toString('hex'),
    original: take('event.original') as unknown as Buffer | undefined,
    fields,
    attrs: new Map(Object.entries(attrs as Members).map(([name, wrapped]) => [name, attrValue(wrapped)])),
  };
}

function collect(members: Members, path: string, fields: Map<string, FieldValue | readonly FieldValue[]>): void {
  for (const [member, value] of Object.entries(members)) {
    const name = fieldName(path, member);
    if (value === null) continue;
    if (Array.isArray(value)) {
      if (value.length > 0)
        fields.set(
          name,
          value.map((one) => shown(name, one)),
        );
      continue;
    }
    const [[branch = '', inner] = []] = Object.entries(value as Members);
    if (branch.startsWith('penstock.v1.')) collect(inner as Members, name, fields);
    else fields.set(name, shown(name, inner));
  }
}

function fieldName(path: string, member: string): string {
  if (path === '') return member === 'timestamp' ? '@timestamp' : member;
  // A field with others nested under it is the member `json` of their record.
  return member === 'json' && shapes.has(path) ? path : `${path}.${member}`;
}

const shown = (name: string, value: unknown): FieldValue =>
  shapes.get(name)?.shape === 'json' ? jsonOrText(value as string) : (value as FieldValue);

function attrValue(wrapped: unknown): FieldValue {
  if (wrapped === null) return null;
  const [[branch, value] = []] = Object.entries(wrapped as Members);
  return branch === 'penstock.v1.Json' ? jsonOrText((value as { json: string }).json) : (value as FieldValue);
}

function jsonOrText(text: string): FieldValue {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
