/** Numbers and times in plain arithmetic against the same in bigints and by Date. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unpack, unpackPlain, unpackSmall } from './bytes.js';
import { crc32c } from './crc32c.js';
import { writeDecimal, writeFixedDigits, writeIpv4 } from './digits.js';
import { Output } from './output.js';
import { isPlain, scaledBigint } from './plain-numbers.js';
import { TimeWriter } from './written.js';

/** Of every size, of both signs, and those at the borders. */
function* numbers(): Generator<number> {
  let seed = 20261122;
  const next = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed;
  };
  for (let bits = 0; bits < 52; bits++) {
    const border = 2 ** bits;
    for (const value of [border - 1, border, border + 1, (next() * 2 ** 19 + (next() >>> 13)) % border])
      for (const signed of [value, -value]) if (isPlain(signed)) yield signed;
  }
}

const written = (write: (out: Output) => void): string => {
  const out = new Output(100);
  write(out);
  return out.last().toString('latin1');
};

test('packed numbers of every width are the same by every way of reading them', () => {
  let seed = 7;
  const next = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed >>> 24;
  };
  const bytes = Buffer.from(Array.from({ length: 400 }, next));
  const filled = Buffer.alloc(400, 255);
  for (const packed of [bytes, filled])
    for (let width = 1; width <= 53; width++)
      for (let i = 0; i < Math.floor((packed.length * 8) / width); i++) {
        const value = unpack(packed, i, width);
        assert.equal(BigInt(unpackPlain(packed, i, width)), value, `number ${i} of ${width} bits`);
        if (width <= 32) assert.equal(BigInt(unpackSmall(packed, i, width)), value, `number ${i} of ${width} bits`);
      }
});

test('a scaled number is its product modulo 2⁶⁴', () => {
  for (const value of numbers())
    for (const scale of [1, 1000, 1_000_000, 1_000_000_000])
      assert.equal(scaledBigint(value, scale), BigInt.asIntN(64, BigInt(value) * BigInt(scale)), `${value} · ${scale}`);
});

test('numbers are written as they are', () => {
  for (const value of numbers()) {
    const plain = value + 0;
    assert.equal(
      written((out) => writeDecimal(out, plain, 0)),
      String(plain),
    );
    const unsigned = BigInt.asUintN(64, BigInt(plain)).toString();
    for (const digits of [1, 7, 18])
      assert.equal(
        written((out) => writeFixedDigits(out, plain, digits)),
        unsigned.padStart(digits, '0').slice(-digits),
      );
    const address = BigInt.asUintN(32, BigInt(plain));
    const octets = [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n);
    assert.equal(
      written((out) => writeIpv4(out, plain)),
      octets.join('.'),
    );
  }
  assert.equal(
    written((out) => writeDecimal(out, -5, 1)),
    '-0.5',
  );
});

test('times are written as Date writes them, whatever their scale', () => {
  const form = { kind: 'rfc3339', digits: 3, zone: 'Z', offsetSeconds: 0 } as const;
  const times = new TimeWriter(form);
  for (const value of numbers()) {
    for (const scale of [1, 1000, 1_000_000]) {
      const ms = Math.floor(value / (1_000_000 / scale));
      const expected = new Date(ms);
      // Frames hold 64 bits of nanoseconds.
      if (Math.abs(ms) > 9_000_000_000_000 || expected.getUTCFullYear() < 0) continue;
      assert.equal(
        written((out) => times.write(out, value, scale)),
        expected.toISOString(),
        `${value} · ${scale}`,
      );
      assert.equal(
        written((out) => times.writeBig(out, BigInt(value) * BigInt(scale))),
        expected.toISOString(),
      );
    }
  }
});

test('the checksum of any part, in any two steps, is that of its bits', () => {
  const bytes = Buffer.from(Array.from({ length: 67 }, (_, i) => (i * 151 + 7) % 256));
  const bitwise = (part: Uint8Array) => {
    let crc = ~0;
    for (const byte of part) {
      crc ^= byte;
      for (let k = 0; k < 8; k++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    }
    return ~crc >>> 0;
  };
  for (let from = 0; from < 9; from++) {
    for (let to = from; to <= bytes.length; to++) {
      const middle = (from + to) >> 1;
      assert.equal(crc32c(bytes, crc32c(bytes, 0, from, middle), middle, to), bitwise(bytes.subarray(from, to)));
    }
  }
});
