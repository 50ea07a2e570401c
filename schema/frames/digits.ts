/** Numbers as the texts they were made of (docs/reference/frames.md, text codings 3 to 6). */
import type { Plain } from './numbers.js';
import type { Output } from './output.js';

const zero = 48;
const point = 46;
/** Below it, plain integer arithmetic of 32 bits does. */
const smallMax = 2 ** 31;

/** Without leading zeros, with `digits` digits after the point. */
export function writeDecimal(out: Output, value: Plain, digits: number): void {
  if (digits === 0 && typeof value === 'number' && value >= 0 && value < smallMax) {
    out.room(10);
    out.end = smallDecimal(out.bytes, out.end, value);
  } else out.text(decimal(value, digits));
}

/** Bytes of a number from 0 to 2³¹ − 1 at `at`. @returns where they end */
export function smallDecimal(bytes: Uint8Array, at: number, value: number): number {
  let size = 1;
  for (let most = 10; value >= most; most *= 10) size++;
  const end = at + size;
  for (let i = end - 1, rest = value; i >= at; i--) {
    const tenth = (rest / 10) | 0;
    bytes[i] = zero + rest - 10 * tenth;
    rest = tenth;
  }
  return end;
}

function decimal(value: Plain, digits: number): string {
  if (digits === 0) return value.toString();
  const text = (value < 0 ? -value : value).toString().padStart(digits + 1, '0');
  return `${value < 0 ? '-' : ''}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** So many digits, leading zeros among them. */
export function writeFixedDigits(out: Output, value: Plain, digits: number): void {
  if (typeof value !== 'number' || value < 0 || value >= smallMax) {
    const text = (value < 0 ? BigInt.asUintN(64, BigInt(value)) : value).toString();
    out.text(text.padStart(digits, '0').slice(-digits));
    return;
  }
  out.room(digits);
  const { bytes, end } = out;
  for (let i = digits - 1, rest = value; i >= 0; i--) {
    const tenth = (rest / 10) | 0;
    bytes[end + i] = zero + rest - 10 * tenth;
    rest = tenth;
  }
  out.end = end + digits;
}

export function writeIpv4(out: Output, value: Plain): void {
  const address = typeof value === 'number' ? value >>> 0 : Number(BigInt.asUintN(32, value));
  out.room(15);
  const { bytes } = out;
  let at = smallDecimal(bytes, out.end, address >>> 24);
  bytes[at++] = point;
  at = smallDecimal(bytes, at, (address >>> 16) & 255);
  bytes[at++] = point;
  at = smallDecimal(bytes, at, (address >>> 8) & 255);
  bytes[at++] = point;
  out.end = smallDecimal(bytes, at, address & 255);
}

const lowerDigit = 0x78;
const upperDigit = 0x58;

/** What a pattern of hexadecimal digits is made into. */
export class HexPattern {
  /** Digits of a value. */
  readonly digits: number;
  /** By byte: what digits above 9 begin with, less 10; 0: the byte itself. */
  readonly #letters: Uint8Array;

  constructor(readonly pattern: Uint8Array) {
    this.#letters = pattern.map((c) => (c === lowerDigit ? 87 : c === upperDigit ? 55 : 0));
    this.digits = this.#letters.filter((letter) => letter !== 0).length;
  }

  /** `at`: the first of the digits, the first of a byte in its high half. */
  write(out: Output, digits: Uint8Array, at: number): void {
    const letters = this.#letters;
    const { length } = letters;
    out.room(length);
    const { bytes, end } = out;
    let next = at;
    for (let i = 0; i < length; i++) {
      const letter = letters[i] as number;
      if (letter === 0) bytes[end + i] = this.pattern[i] as number;
      else {
        const both = digits[next >> 1] as number;
        const digit = next++ % 2 === 0 ? both >> 4 : both & 15;
        bytes[end + i] = digit < 10 ? zero + digit : letter + digit;
      }
    }
    out.end = end + length;
  }
}
