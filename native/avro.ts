/** Typed face of the native Avro decoder, and the layout of its plans (native/src/avro/plan.h draws it). */
import type { FramePiece } from './json.js';
import { piecesOf } from './json.js';
import { loadAddon } from './load.js';

export const avroPlanMagic = 0x4f525641;
export const avroPlanVersion = 1;
/** A decimal of a larger scale is bytes. */
export const avroScaleMax = 128;

/** What a node is, in the order of Op in native/src/avro/plan.h. */
export const avroOps = [
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
  'fixed',
  'enum',
  'array',
  'map',
  'union',
  'record',
  'date',
  'time-millis',
  'time-micros',
  'timestamp-millis',
  'timestamp-micros',
  'timestamp-nanos',
  'local-timestamp-millis',
  'local-timestamp-micros',
  'local-timestamp-nanos',
  'decimal-bytes',
  'decimal-fixed',
  'uuid-fixed',
  'duration',
] as const;
export type AvroOp = (typeof avroOps)[number];

export const avroResults = [
  'ok',
  'malformed',
  'too_deep',
  'document_too_large',
  'too_large',
  'unknown_schema',
] as const;
export type AvroResult = (typeof avroResults)[number];

/** What a message begins with: C3 01 and a fingerprint (Avro's single-object encoding), or 00 and an id (Confluent's wire format). */
export const avroPrefixes = ['fingerprint', 'id'] as const;
export type AvroPrefix = (typeof avroPrefixes)[number];

export interface AvroLimits {
  readonly pieceBytesMax: number;
  /** Of one event's JSON. */
  readonly frameBytesMax: number;
  /** Of all of them. */
  readonly bytesMax: number;
  readonly depthMax: number;
}

interface NativePlan {
  load(plan: Uint8Array): string;
}
interface NativeBody {
  block(plan: NativePlan, block: Uint8Array, count: bigint): number;
  know(prefix: number, schema: bigint, plan: NativePlan): void;
  messages(body: Uint8Array, offset: number): number;
  unknown(): [prefix: number, schema: bigint];
  offset(): number;
  size(): number;
  free(): void;
  framed(): { readonly frames: Buffer; readonly pieces: Uint32Array };
}
interface AvroAddon {
  readonly AvroPlan: new () => NativePlan;
  readonly AvroBody: new (
    pieceBytesMax: number,
    frameBytesMax: number,
    bytesMax: number,
    depthMax: number,
  ) => NativeBody;
  snappyDecompress(block: Uint8Array, bytesMax: number): Buffer | 'malformed' | 'too_large';
}
const addon = () => loadAddon<AvroAddon>();

/** A compiled schema. */
export class AvroPlan {
  readonly native: NativePlan = new (addon().AvroPlan)();

  /** @throws Error with what native code finds wrong with the plan */
  constructor(plan: Uint8Array) {
    const problem = this.native.load(plan);
    if (problem !== '') throw new Error(problem);
  }
}

/** The events of one body: Avro datums become JSON documents, as `prefixed` frames. */
export class AvroBody {
  readonly #native: NativeBody;

  constructor({ pieceBytesMax, frameBytesMax, bytesMax, depthMax }: AvroLimits) {
    this.#native = new (addon().AvroBody)(pieceBytesMax, frameBytesMax, bytesMax, depthMax);
  }

  /** `count` datums, and nothing behind them. */
  block(plan: AvroPlan, block: Uint8Array, count: bigint): AvroResult {
    return avroResults[this.#native.block(plan.native, block, count)] ?? 'malformed';
  }
  /** From now on messages that begin so have that schema. */
  know(prefix: AvroPrefix, schema: bigint, plan: AvroPlan): void {
    this.#native.know(avroPrefixes.indexOf(prefix), schema, plan.native);
  }
  /** Messages one after the other, to the body's end. 'unknown_schema': say `know` of what `unknown` says, and go on from `offset`. */
  messages(body: Uint8Array, offset: number): AvroResult {
    return avroResults[this.#native.messages(body, offset)] ?? 'malformed';
  }
  get unknown(): { readonly prefix: AvroPrefix; readonly schema: bigint } {
    const [prefix, schema] = this.#native.unknown();
    return { prefix: avroPrefixes[prefix] ?? 'id', schema };
  }
  /** After any result but 'ok': where in the bytes given the value begins that is wrong. */
  get offset(): number {
    return this.#native.offset();
  }
  /** Bytes of all frames so far. */
  get size(): number {
    return this.#native.size();
  }
  /** Gives the native memory back; pieces that were answered stay. */
  free(): void {
    this.#native.free();
  }
  pieces(): readonly FramePiece[] {
    const { frames, pieces } = this.#native.framed();
    return piecesOf(pieces, frames);
  }
}

/** Snappy's block format. */
export function snappyDecompress(block: Uint8Array, bytesMax: number): Buffer | 'malformed' | 'too_large' {
  return addon().snappyDecompress(block, bytesMax);
}
