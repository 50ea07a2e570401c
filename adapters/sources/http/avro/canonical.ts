/** By which fingerprint Avro's single-object encoding calls a schema (Avro 1.12, "Schema Fingerprints"). */
import type { AvroType } from './schema.js';

/** CRC-64-AVRO of the Parsing Canonical Form. */
export function avroFingerprint(schema: AvroType): bigint {
  return crc64(Buffer.from(canonicalForm(schema)));
}

/** Avro 1.12, "Parsing Canonical Form for Schemas". */
export function canonicalForm(schema: AvroType): string {
  const written = new Set<AvroType>();
  const form = (type: AvroType): string => {
    if (written.has(type) && 'name' in type) return JSON.stringify(type.name);
    written.add(type);
    switch (type.kind) {
      case 'array':
        return `{"type":"array","items":${form(type.of)}}`;
      case 'map':
        return `{"type":"map","values":${form(type.of)}}`;
      case 'union':
        return `[${type.branches.map(form).join(',')}]`;
      case 'fixed':
        return `{"name":${JSON.stringify(type.name)},"type":"fixed","size":${type.size}}`;
      case 'enum':
        return `{"name":${JSON.stringify(type.name)},"type":"enum","symbols":${JSON.stringify(type.symbols)}}`;
      case 'record': {
        const fields = type.fields.map(({ name, type: of }) => `{"name":${JSON.stringify(name)},"type":${form(of)}}`);
        return `{"name":${JSON.stringify(type.name)},"type":"record","fields":[${fields.join(',')}]}`;
      }
      default:
        return JSON.stringify(type.kind);
    }
  };
  return form(schema);
}

const empty = 0xc15d213aa4d7a795n;
const table = Array.from({ length: 256 }, (_, i) => {
  let word = BigInt(i);
  for (let bit = 0; bit < 8; bit++) word = (word >> 1n) ^ (word & 1n ? empty : 0n);
  return word;
});

function crc64(bytes: Uint8Array): bigint {
  let word = empty;
  for (const byte of bytes) word = (word >> 8n) ^ table[Number((word ^ BigInt(byte)) & 0xffn)]!;
  return word;
}
