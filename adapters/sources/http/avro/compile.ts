/** A writer's schema as a plan for native code (native/src/avro/plan.h draws it). */
import {
  type AvroOp,
  AvroPlan,
  avroOps,
  avroPlanMagic,
  avroPlanVersion,
  avroScaleMax,
} from '../../../../native/avro.js';
import type { AvroType } from './schema.js';

export function compileAvro(schema: AvroType): AvroPlan {
  const writer = new PlanWriter();
  writer.node(schema);
  return new AvroPlan(writer.bytes());
}

class PlanWriter {
  readonly #nodes: [op: AvroOp, a: number, b: number][] = [];
  readonly #numbers = new Map<AvroType, number>();
  /** Of types without a name and without parts, each once. */
  readonly #plain = new Map<string, number>();
  readonly #lists: number[] = [];
  readonly #texts: Buffer[] = [];
  #textBytes = 0;

  /** The number of the type's node. */
  node(type: AvroType): number {
    const known = this.#numbers.get(type);
    if (known !== undefined) return known;
    const number = this.#add(type);
    this.#numbers.set(type, number);
    return number;
  }

  bytes(): Uint8Array {
    const words = [avroPlanMagic, avroPlanVersion, this.#nodes.length, this.#lists.length, this.#textBytes];
    const all = new Uint32Array(words.length + 3 * this.#nodes.length + this.#lists.length);
    all.set(words);
    let at = words.length;
    for (const [op, a, b] of this.#nodes) {
      all[at++] = avroOps.indexOf(op);
      all[at++] = a;
      all[at++] = b;
    }
    all.set(this.#lists, at);
    return Buffer.concat([Buffer.from(all.buffer), ...this.#texts]);
  }

  #add(type: AvroType): number {
    switch (type.kind) {
      case 'array':
      case 'map': {
        const number = this.#push(type.kind);
        this.#numbers.set(type, number);
        this.#fill(number, this.node(type.of), 0);
        return number;
      }
      case 'union': {
        const number = this.#push('union');
        return this.#list(
          number,
          type.branches.map((branch) => [this.node(branch)]),
        );
      }
      case 'record': {
        const number = this.#push('record');
        this.#numbers.set(type, number); // before its fields, which may be of this type
        const words = type.fields.map(({ name, type: of }, i) => {
          const [begin, size] = this.#text(`${i > 0 ? ',' : ''}${JSON.stringify(name)}:`);
          return [begin, size, this.node(of)];
        });
        return this.#list(number, words);
      }
      case 'enum':
        return this.#list(
          this.#push('enum'),
          type.symbols.map((symbol) => this.#text(JSON.stringify(symbol))),
        );
      case 'fixed':
        return this.#push(fixedOp(type), type.size, scaleOf(type.logical));
      default:
        return this.#shared(...plainOp(type));
    }
  }

  #push(op: AvroOp, a = 0, b = 0): number {
    return this.#nodes.push([op, a, op === 'decimal-fixed' || op === 'decimal-bytes' ? b : 0]) - 1;
  }

  #fill(number: number, a: number, b: number): void {
    const node = this.#nodes[number]!;
    node[1] = a;
    node[2] = b;
  }

  /** The node's list: what stands within it has written its own lists by now. */
  #list(number: number, entries: readonly (readonly number[])[]): number {
    this.#fill(number, this.#lists.length, entries.length);
    for (const entry of entries) this.#lists.push(...entry);
    return number;
  }

  #text(text: string): [begin: number, size: number] {
    const bytes = Buffer.from(text);
    const begin = this.#textBytes;
    this.#texts.push(bytes);
    this.#textBytes += bytes.length;
    return [begin, bytes.length];
  }

  #shared(op: AvroOp, scale: number): number {
    const key = `${op} ${scale}`;
    const number = this.#plain.get(key) ?? this.#push(op, 0, scale);
    this.#plain.set(key, number);
    return number;
  }
}

/** A logical type that the type below it does not bear is of no account (Avro 1.12, "Logical Types"). */
const logicalOps: Readonly<Record<string, readonly AvroOp[]>> = {
  int: ['date', 'time-millis'],
  long: [
    'time-micros',
    'timestamp-millis',
    'timestamp-micros',
    'timestamp-nanos',
    'local-timestamp-millis',
    'local-timestamp-micros',
    'local-timestamp-nanos',
  ],
};

function plainOp({ kind, logical }: AvroType & { readonly logical?: Logical }): [op: AvroOp, scale: number] {
  if (kind === 'bytes' && isDecimal(logical)) return ['decimal-bytes', scaleOf(logical)];
  const op = logicalOps[kind]?.find((each) => each === logical?.logicalType);
  return [op ?? (kind as AvroOp), 0];
}

function fixedOp({ size, logical }: AvroType & { readonly kind: 'fixed' }): AvroOp {
  if (isDecimal(logical)) return 'decimal-fixed';
  if (logical.logicalType === 'uuid' && size === 16) return 'uuid-fixed';
  return logical.logicalType === 'duration' && size === 12 ? 'duration' : 'fixed';
}

interface Logical {
  readonly [key: string]: unknown;
}

function isDecimal(logical: Logical | undefined): boolean {
  if (logical?.logicalType !== 'decimal') return false;
  const { precision } = logical;
  const scale = scaleOf(logical);
  return (
    Number.isInteger(precision) &&
    Number.isInteger(scale) &&
    scale >= 0 &&
    scale <= Number(precision) &&
    scale <= avroScaleMax
  );
}

function scaleOf(logical: Logical | undefined): number {
  const scale = logical?.scale ?? 0;
  return typeof scale === 'number' ? scale : -1;
}
