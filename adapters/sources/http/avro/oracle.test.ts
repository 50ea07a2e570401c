/** The native decoder against avsc: what avsc encodes, of random schemas, is rendered as this file's rules say of avsc's values. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AvroBody } from '../../../../native/avro.js';
import { randomFrom } from '../../../../schema/random-event.js';
import { avroType } from '../../../../test/support/avro-reader.js';
import { canonicalForm } from './canonical.js';
import { compileAvro } from './compile.js';
import { type Json, readAvroSchema } from './schema.js';

const schemasTried = 400;
const valuesEach = 8;
const limits = { pieceBytesMax: 1 << 18, frameBytesMax: 1 << 20, bytesMax: 1 << 24, depthMax: 64 };

/** A value as avsc takes it, and what it is to become; numbers beyond a double's digits as their text. */
type Sample = readonly [value: unknown, json: unknown];
interface Made {
  readonly schema: Json;
  sample(depth: number): Sample;
}

class Maker {
  readonly #random: () => number;
  #names = 0;
  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }
  below(n: number): number {
    return Math.floor(this.#random() * n);
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
  list<T>(most: number, make: (i: number) => T): T[] {
    return Array.from({ length: this.below(most + 1) }, (_, i) => make(i));
  }
  long(): bigint {
    return (
      BigInt.asIntN(64, BigInt(Math.floor(this.#random() * 2 ** 32)) * BigInt(2 ** 32) + 12345n) >>
      BigInt(this.below(64))
    );
  }
  int(): number {
    return Number(BigInt.asIntN(32, this.long()));
  }
  bytes(size = this.pick([0, 1, 2, 3, 4, 31, 32, 33, 100])): Buffer {
    return Buffer.from(Array.from({ length: size }, () => this.below(256)));
  }
  text(): string {
    return this.pick(['', 'a', 'é"\\\n', '\u0000\u001f', '😀'.repeat(this.below(40)), 'x'.repeat(this.below(300))]);
  }
  name(): string {
    return `n${this.#names++}`;
  }

  /** `self`: a record that this may hold again. */
  made(depth: number, self: Made | null): Made {
    const kind = this.below(depth > 0 ? 20 : 14);
    switch (kind) {
      case 0:
        return { schema: 'null', sample: () => [null, null] };
      case 1:
        return { schema: 'boolean', sample: () => same(this.below(2) === 0) };
      case 2:
        return { schema: 'int', sample: () => same(this.int()) };
      case 3:
        return { schema: 'long', sample: () => long(this.long()) };
      case 4:
        return { schema: 'float', sample: () => real(Math.fround(this.#real())) };
      case 5:
        return { schema: 'double', sample: () => real(this.#real()) };
      case 6:
        return { schema: 'bytes', sample: () => asBase64(this.bytes()) };
      case 7:
        return { schema: 'string', sample: () => same(this.text()) };
      case 8: {
        const size = this.pick([0, 1, 16, 40]);
        const sample = (): Sample => asHex(this.bytes(size));
        return { schema: { type: 'fixed', name: this.name(), size }, sample };
      }
      case 9: {
        const symbols = ['A', 'b_1', 'C'].slice(this.below(3));
        return { schema: { type: 'enum', name: this.name(), symbols }, sample: () => same(this.pick(symbols)) };
      }
      case 10:
        return this.#time();
      case 11:
        return this.#decimal();
      case 12:
        return this.#fixedLogical();
      case 13:
        return self
          ? { schema: ['null', self.schema], sample: (left) => this.#again(self, left) }
          : this.made(depth, self);
      case 14:
      case 15: {
        const of = this.made(depth - 1, self);
        return {
          schema: { type: 'array', items: of.schema },
          sample: (left) => both(this.list(left, () => of.sample(left - 1))),
        };
      }
      case 16: {
        const of = this.made(depth - 1, self);
        const sample = (left: number): Sample => {
          const entries = this.list(left, (i) => [`${this.text()}${i}`, of.sample(left - 1)] as const);
          return object(entries);
        };
        return { schema: { type: 'map', values: of.schema }, sample };
      }
      case 17:
        return this.#union(depth, self);
      default:
        return this.record(depth);
    }
  }

  record(depth: number): Made {
    const name = this.name();
    const parts: { readonly name: string; readonly of: Made }[] = [];
    const inner: Made = {
      schema: name,
      sample: (left) => object(parts.map((part) => [part.name, part.of.sample(left)])),
    };
    for (let i = this.below(6); i >= 0; i--) parts.push({ name: `f${i}`, of: this.made(depth - 1, inner) });
    const fields = parts.map((part) => ({ name: part.name, type: part.of.schema }));
    return { schema: { type: 'record', name, fields }, sample: inner.sample };
  }

  #again(self: Made, left: number): Sample {
    if (left <= 0 || this.below(3) > 0) return [null, null];
    const [value, json] = self.sample(left - 1);
    return [{ [self.schema as string]: value }, json];
  }

  #union(depth: number, self: Made | null): Made {
    const branches = [this.record(depth - 1), { schema: 'null' as Json, sample: (): Sample => [null, null] }];
    const strings: Made = { schema: 'string', sample: () => same(this.text()) };
    const arrays: Made = this.made(depth - 1, self);
    const all = [
      ...branches,
      strings,
      {
        schema: { type: 'array', items: arrays.schema },
        sample: (left: number) => both(this.list(2, () => arrays.sample(left - 1))),
      },
    ];
    const sample = (left: number): Sample => {
      const branch = this.pick(all);
      const [value, json] = branch.sample(left - 1);
      return value === null ? [null, null] : [{ [tagOf(branch.schema)]: value }, json];
    };
    return { schema: all.map(({ schema }) => schema), sample };
  }

  #real(): number {
    const bytes = this.bytes(8);
    return this.pick([0, -0, 1.5, 0.1, 1e300, 5e-324, Number.NaN, 1 / 0, -1 / 0, bytes.readDoubleLE(0), this.int()]);
  }

  #time(): Made {
    const second = this.pick([1e3, 1e6, 1e9]);
    const unit = { 1e3: 'millis', 1e6: 'micros', 1e9: 'nanos' }[second] as string;
    switch (this.below(4)) {
      case 0:
        return {
          schema: { type: 'int', logicalType: 'date' },
          sample: () => {
            const days = this.pick([0, -1, 719_162, -719_528, 2_932_896, this.int() % 100_000]);
            return [days, new Date(days * 86_400_000).toISOString().slice(0, 10)];
          },
        };
      case 1: {
        const millis = this.below(86_400_000);
        const text = new Date(millis).toISOString().slice(11, 23);
        if (this.below(2) === 0)
          return { schema: { type: 'int', logicalType: 'time-millis' }, sample: () => [millis, text] };
        return {
          schema: { type: 'long', logicalType: 'time-micros' },
          sample: () => [BigInt(millis) * 1000n + 7n, `${text}007`],
        };
      }
      default: {
        const local = this.below(2) === 0;
        const sample = (): Sample => {
          // Within what nanoseconds reach.
          const millis = this.pick([0, -1, 1_000, 1_772_000_000_123, -9_000_000_000_000, this.int()]);
          const text = new Date(millis).toISOString().replace('.000Z', 'Z');
          return [(BigInt(millis) * BigInt(second)) / 1000n, local ? text.slice(0, -1) : text];
        };
        return { schema: { type: 'long', logicalType: `${local ? 'local-' : ''}timestamp-${unit}` }, sample };
      }
    }
  }

  #decimal(): Made {
    const scale = this.pick([0, 2, 9]);
    const logical = { logicalType: 'decimal', precision: 70, scale };
    const size = this.pick([1, 8, 16, 32]);
    const sample = (): Sample => {
      const bytes = this.bytes(size);
      const unscaled = BigInt.asIntN(8 * size, BigInt(`0x${bytes.toString('hex')}`));
      const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
      const point = digits.length - scale;
      const text = scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
      return [bytes, Number(`${unscaled < 0n ? '-' : ''}${text}`)];
    };
    if (this.below(2) === 0) return { schema: { type: 'bytes', ...logical }, sample };
    return { schema: { type: 'fixed', name: this.name(), size, ...logical }, sample };
  }

  #fixedLogical(): Made {
    if (this.below(2) === 0) {
      const sample = (): Sample => {
        const bytes = this.bytes(16);
        return [bytes, bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')];
      };
      return { schema: { type: 'fixed', name: this.name(), size: 16, logicalType: 'uuid' }, sample };
    }
    const sample = (): Sample => {
      const bytes = this.bytes(12);
      const ms = bytes.readUInt32LE(8);
      const seconds = `${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}`;
      return [bytes, `P${bytes.readUInt32LE(0)}M${bytes.readUInt32LE(4)}DT${seconds}S`];
    };
    return { schema: { type: 'fixed', name: this.name(), size: 12, logicalType: 'duration' }, sample };
  }
}

const same = (value: unknown): Sample => [value, value];
const long = (value: bigint): Sample => [value, beyondDouble(String(value)) ? String(value) : Number(value)];
const real = (value: number): Sample => [value, Number.isFinite(value) ? value : String(value)];
const asBase64 = (bytes: Buffer): Sample => [bytes, bytes.toString('base64')];
const asHex = (bytes: Buffer): Sample => [bytes, bytes.toString('hex')];
const both = (list: readonly Sample[]): Sample => [list.map(([value]) => value), list.map(([, json]) => json)];
const object = (entries: readonly (readonly [string, Sample])[]): Sample => [
  Object.fromEntries(entries.map(([name, [value]]) => [name, value])),
  Object.fromEntries(entries.map(([name, [, json]]) => [name, json])),
];
const beyondDouble = (text: string) => /^-?\d{16,}$/.test(text);

function tagOf(schema: Json): string {
  if (typeof schema === 'string') return schema;
  const { type, name } = schema as { type: string; name?: string };
  return name ?? type;
}

/** As written here: integers of so many digits that a double has not are their text. */
function parsed(text: string): unknown {
  return JSON.parse(text.replace(/(?<=[:[,]|^)-?\d{16,}(?=[,\]}]|$)/g, '"$&"'));
}

/** Doubles that are whole numbers, and floats, may have any digits that read back as the same. */
function agrees(actual: unknown, expected: unknown): boolean {
  if (typeof expected === 'number') {
    const number = typeof actual === 'string' && beyondDouble(actual) ? Number(actual) : actual;
    return number === expected || (Math.fround(expected) === expected && Math.fround(number as number) === expected);
  }
  if (typeof expected !== 'object' || expected === null) return actual === expected;
  const entries = Object.entries(expected);
  if (typeof actual !== 'object' || actual === null || Object.keys(actual).length !== entries.length) return false;
  return entries.every(([name, value]) => agrees((actual as Record<string, unknown>)[name], value));
}

test('random schemas and values, one after the other in a block', () => {
  for (let seed = 1; seed <= schemasTried; seed++) {
    const maker = new Maker(seed);
    const made = maker.below(4) === 0 ? maker.made(3, null) : maker.record(3);
    const type = avroType(made.schema as object);
    const samples = Array.from({ length: valuesEach }, () => made.sample(3));
    const encoded = Buffer.concat(samples.map(([value]) => type.toBuffer(value)));
    const schema = readAvroSchema(JSON.stringify(made.schema));
    const body = new AvroBody(limits);
    const about = `seed ${seed}: ${JSON.stringify(made.schema)}`;
    assert.equal(body.block(compileAvro(schema), encoded, BigInt(valuesEach)), 'ok', about);
    const texts = body.pieces().flatMap(({ bytes }) => documentsOf(Buffer.from(bytes)));
    assert.equal(texts.length, samples.length, about);
    for (const [i, text] of texts.entries())
      assert.ok(agrees(parsed(text), samples[i]?.[1]), `${about}\n${text}\n${JSON.stringify(samples[i]?.[1])}`);
    // The canonical form is a schema by which avsc reads the same bytes.
    if (typeof made.schema === 'object' && !Array.isArray(made.schema)) {
      const [first] = samples.map(([value]) => type.toBuffer(value));
      const canonical = avroType(JSON.parse(canonicalForm(schema)));
      assert.deepEqual(canonical.toBuffer(canonical.fromBuffer(first!)), first, about);
    }
    // Cut off anywhere it is malformed, or ends a value; a byte too many is seen.
    const cut = maker.below(encoded.length + 1);
    const shorter = new AvroBody(limits).block(compileAvro(schema), encoded.subarray(0, cut), BigInt(valuesEach));
    assert.equal(shorter, cut === encoded.length ? 'ok' : 'malformed', about);
    const longer = Buffer.concat([encoded, Buffer.of(0)]);
    assert.equal(new AvroBody(limits).block(compileAvro(schema), longer, BigInt(valuesEach)), 'malformed', about);
  }
});

function documentsOf(frames: Buffer): string[] {
  const out: string[] = [];
  for (let at = 0; at < frames.length; ) {
    const size = frames.readUInt32LE(at);
    out.push(frames.toString('utf8', at + 4, at + 4 + size));
    at += 4 + size;
  }
  return out;
}
