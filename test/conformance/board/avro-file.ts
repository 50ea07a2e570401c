/** An Avro object container file (Avro 1.12, "Object Container Files"), codecs null and deflate, read with avsc's types. */
import { inflateRawSync } from 'node:zlib';
import avro from 'avsc';

export interface AvroFile {
  /** JSON. */
  readonly schema: string;
  records(type: avro.Type): unknown[];
}

const magicBytes = 4;
const syncBytes = 16;

export function readAvroFile(bytes: Buffer): AvroFile {
  if (bytes.toString('latin1', 0, magicBytes) !== 'Obj\x01') throw new Error('no Avro file');
  const metadata = avro.Type.forSchema({ type: 'map', values: 'bytes' });
  const { value, offset } = metadata.decode(bytes, magicBytes) as { value: Record<string, Buffer>; offset: number };
  const codec = String(value['avro.codec'] ?? 'null');
  return {
    schema: String(value['avro.schema']),
    records: (type) =>
      blocks(bytes, offset + syncBytes).flatMap(({ count, data }) => records(type, count, data, codec)),
  };
}

function blocks(bytes: Buffer, from: number): { count: number; data: Buffer }[] {
  const long = avro.Type.forSchema('long');
  const found: { count: number; data: Buffer }[] = [];
  for (let at = from; at < bytes.length; ) {
    const count = long.decode(bytes, at) as { value: number; offset: number };
    const size = long.decode(bytes, count.offset) as { value: number; offset: number };
    found.push({ count: count.value, data: bytes.subarray(size.offset, size.offset + size.value) });
    at = size.offset + size.value + syncBytes;
  }
  return found;
}

function records(type: avro.Type, count: number, data: Buffer, codec: string): unknown[] {
  const plain = codec === 'deflate' ? inflateRawSync(data) : data;
  let at = 0;
  return Array.from({ length: count }, () => {
    const { value, offset } = type.decode(plain, at);
    at = offset;
    return value as unknown;
  });
}
