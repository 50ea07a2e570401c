/** Typed face of the native validator, and the layout of its plans. */
import { loadAddon } from './load.js';
import { connectPatterns } from './patterns.js';

export const schemaMagic = 0x53434a50;
export const schemaVersion = 2;
/** Instead of a node: nothing is asked. */
export const noNode = 2 ** 32 - 1;
/** Properties of one object that a schema may name. */
export const propertiesMax = 1024;

/** What a check asks, in the order of Op in native/src/validation/schema.h. */
export const ops = [
  'never',
  'type',
  'oneOf',
  'minimum',
  'maximum',
  'above',
  'below',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'minItems',
  'maxItems',
  'unique',
  'items',
  'contains',
  'minProperties',
  'maxProperties',
  'properties',
  'dependent',
  'all',
  'any',
  'one',
  'not',
  'if',
] as const;
export type OpName = (typeof ops)[number];

/** Bits of a type; `boolean` as the constant false, `true` as the constant true. */
export const jsonTypes = {
  null: 1,
  boolean: 2,
  object: 4,
  array: 8,
  number: 16,
  string: 32,
  integer: 64,
  true: 128,
} as const;

/** Formats that are checked natively, in order. */
export const nativeFormats = ['date-time', 'date', 'ipv4', 'ipv6', 'uuid'] as const;

/** Flags of a property. */
export const propertyFlags = { required: 1, declared: 2 } as const;

interface NativeValidator {
  load(plan: Uint8Array): string;
  check(document: Uint8Array): string;
}

/** A compiled schema, for checking at the start and for tests; events are validated in their workers. */
export class Validator {
  readonly #native: NativeValidator;

  /** @throws Error with what native code finds wrong with the plan */
  constructor(plan: Uint8Array, limits: { documentBytesMax?: number; depthMax?: number } = {}) {
    connectPatterns();
    const { Validator: Native } = loadAddon<{ Validator: new (bytesMax: number, depthMax: number) => NativeValidator }>(
      'penstock',
    );
    this.#native = new Native(limits.documentBytesMax ?? 1 << 20, limits.depthMax ?? 64);
    const problem = this.#native.load(plan);
    if (problem !== '') throw new Error(problem);
  }

  /** '' or where the document does not fit, and why. */
  check(document: Uint8Array | string): string {
    return this.#native.check(typeof document === 'string' ? Buffer.from(document) : document);
  }
}
