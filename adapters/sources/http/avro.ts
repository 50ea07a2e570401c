/** Avro bodies into frames: container files, and messages that say by which schema they were written. See README.md. */
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import { AvroBody, type AvroPrefix, type AvroResult } from '../../../native/avro.js';
import { avroCodecs } from './avro/codecs.js';
import { blocksOf, ContainerError, isContainer, readHeader } from './avro/container.js';
import type { AvroPlans } from './avro/plans.js';
import { AvroSchemaError } from './avro/schema.js';
import type { ContentKind } from './content.js';
import { type DecodingLimits, decodedBytesMax } from './decoding.js';
import { type Framed, pieceBytesMax } from './framing.js';
import { Refusal, unavailable } from './refusal.js';

/** Records, arrays and maps within each other. */
const depthMax = 256;
/** Schemas that the messages of one body may name. */
const schemasMax = 64;
/** Bytes after which others have their turn. */
const turnBytes = 1024 * 1024;
/** Room for what has been written grows by doubling. */
const roomPerByte = 2;
/** Memory for the one body that is being decoded, times `body_bytes_max`: a block decompressed, room for its events, and the events. */
export const avroBodies = 4;

export interface AvroContext {
  readonly plans: AvroPlans;
  /** The schema of messages that begin so; null: there is none. @throws where it cannot be told now */
  schemaOf(prefix: AvroPrefix, schema: bigint): Promise<string | null>;
}
export interface AvroFramingLimits extends DecodingLimits {
  readonly frameBytesMax: number;
}

/** A container file's first bytes are no JSON, and no text that anybody sends. */
export function holdsAvro(body: Buffer, kind: ContentKind): boolean {
  return kind === 'avro' || ((kind === 'sniff' || kind === 'curl') && isContainer(body));
}

/** `hold`: takes the memory that is held while others have their turn. @throws Refusal 400, 413, 415, 503, what `hold` throws */
export async function frameAvro(
  body: Buffer,
  limits: AvroFramingLimits,
  context: AvroContext,
  hold: (bytes: number) => void,
): Promise<Framed> {
  const { frameBytesMax, bodyBytesMax } = limits;
  const out = new AvroBody({ pieceBytesMax, frameBytesMax, bytesMax: bodyBytesMax, depthMax });
  let held = 0;
  const holdMore = () => {
    hold(roomPerByte * (out.size - held));
    held = out.size;
  };
  try {
    await (isContainer(body) ? container : messages)(body, out, limits, context, holdMore);
    return { framing: 'prefixed', format: 'json', pieces: out.pieces() };
  } catch (error) {
    if (error instanceof AvroSchemaError) throw unknown(`the Avro schema ${error.message}`);
    throw error;
  } finally {
    out.free();
  }
}

async function container(
  body: Buffer,
  out: AvroBody,
  limits: AvroFramingLimits,
  { plans }: AvroContext,
  holdMore: () => void,
): Promise<void> {
  try {
    const header = readHeader(body);
    const decompress = avroCodecs.get(header.codec);
    if (!decompress)
      throw new Refusal(
        415,
        `the Avro codec ${header.codec.slice(0, 100)} is not supported: use one of ${[...avroCodecs.keys()].join(', ')}`,
      );
    const plan = plans.of(header.schema);
    const most = decodedBytesMax(body.length, limits);
    let [plainBytes, sinceTurn] = [0, 0];
    for (const { count, bytes } of blocksOf(body, header)) {
      const begin = bytes.byteOffset - body.byteOffset;
      // Of no datums nothing is decompressed: a file may be nothing but such blocks.
      const plain = count === 0n ? nothing : decompress(bytes, most - plainBytes);
      if (plain === 'malformed') throw new ContainerError(`a block is not valid ${header.codec}`, begin);
      if (plain === 'too_large') throw new Refusal(413, `the Avro file is larger than ${most} bytes when decompressed`);
      plainBytes += plain.length;
      const before = out.size;
      const result = out.block(plan, plain, count);
      if (result !== 'ok') throw refusalOf(result, `byte ${out.offset} of the block at byte ${begin}`, limits);
      sinceTurn += blockBytes + plain.length + out.size - before;
      if (sinceTurn > turnBytes) {
        holdMore();
        await eventLoopTurn();
        sinceTurn = 0;
      }
    }
  } catch (error) {
    if (error instanceof ContainerError)
      throw new Refusal(400, `the Avro file is malformed near byte ${error.offset}: ${error.message}`);
    throw error;
  }
}

const nothing = Buffer.alloc(0);
/** What a block costs beside its bytes, in bytes. */
const blockBytes = 4096;

async function messages(
  body: Buffer,
  out: AvroBody,
  limits: AvroFramingLimits,
  context: AvroContext,
  holdMore: () => void,
): Promise<void> {
  let offset = 0;
  for (let schemas = 0; ; schemas++) {
    const result = out.messages(body, offset);
    if (result === 'ok') return;
    ({ offset } = out);
    if (result !== 'unknown_schema') throw refusalOf(result, `byte ${offset}`, limits);
    if (schemas === schemasMax) throw new Refusal(400, `the messages of one body have more than ${schemasMax} schemas`);
    const { prefix, schema } = out.unknown;
    holdMore();
    out.know(prefix, schema, context.plans.of(await schemaOf(prefix, schema, offset, context)));
  }
}

async function schemaOf(prefix: AvroPrefix, schema: bigint, offset: number, context: AvroContext): Promise<string> {
  const name = prefix === 'id' ? `id ${schema}` : `fingerprint ${schema.toString(16).padStart(16, '0')}`;
  let text: string | null;
  try {
    text = await context.schemaOf(prefix, schema);
  } catch (error) {
    throw unavailable(`the schema of ${name} cannot be told now: ${(error as Error).message}`);
  }
  if (text === null) throw unknown(`no schema is known for ${name}, of the message at byte ${offset}`);
  return text;
}

const unknown = (message: string) => new Refusal(400, message, {}, 0, 'schema');

function refusalOf(result: AvroResult, where: string, { frameBytesMax, bodyBytesMax }: AvroFramingLimits): Refusal {
  switch (result) {
    case 'document_too_large':
      return new Refusal(413, `the Avro event that ends past ${where} is larger than ${frameBytesMax} bytes as JSON`);
    case 'too_large':
      return new Refusal(413, `the Avro events are larger than ${bodyBytesMax} bytes as JSON`);
    case 'too_deep':
      return new Refusal(400, `the Avro value at ${where} lies more than ${depthMax} deep`);
    default:
      return new Refusal(400, `the Avro data is malformed near ${where}`);
  }
}
