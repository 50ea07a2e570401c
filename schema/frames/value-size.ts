/** What values of a slot take in a LogEvent (schema/README.md), as `writeField` writes them. */
import { isPlain } from './plain-numbers.js';
import type { Column, Reading } from './reading.js';
import { isAttr, isText, type Shape, type Slot, slotKinds } from './shapes.js';

/** Sizes of the values of one slot. */
export class ValueSize {
  /** Of what is the same whatever the value: a tag, or the tag and the name of an attribute. */
  readonly #fixed: number;
  readonly #kind: number;
  readonly #attribute: boolean;
  readonly #text: boolean;

  constructor({ kind, name, number }: Slot) {
    this.#kind = kind;
    this.#attribute = isAttr(kind);
    this.#text = isText(kind);
    this.#fixed = this.#attribute ? 1 + textSize((name as string).length) + 1 : varintSize(number * 8);
  }

  /** Of the i-th slot of the event read last. */
  of(reading: Reading, i: number): number {
    if (this.#attribute) {
      const entry = this.entry(this.attribute(reading, i));
      return 1 + varintSize(entry) + entry;
    }
    if (this.#text) return this.#fixed + textSize(reading.size(i));
    if (this.#kind === slotKinds.fixed64) return this.#fixed + 8;
    return this.#fixed + (this.#kind === slotKinds.bool ? 1 : int64Size(reading, i));
  }

  /** Of the entry of an attribute with a value of so many bytes. */
  entry(value: number): number {
    return this.#fixed + varintSize(value) + value;
  }

  /** Of an attribute's value, its tag included. */
  attribute(reading: Reading, i: number): number {
    if (this.#text) return 1 + textSize(reading.size(i));
    if (this.#kind === slotKinds.attrDouble) return 1 + 8;
    return 1 + (this.#kind === slotKinds.attrInt ? zigzagSize(reading, i) : 1);
  }
}

export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** Of a text after its length. */
export function textSize(length: number): number {
  return (length < 128 ? 1 : varintSize(length)) + length;
}

/** Of 64 bits, as they are. */
function int64Size(reading: Reading, i: number): number {
  const value = reading.plain(i) * reading.scale(i);
  if (isPlain(value)) return value < 0 ? 10 : varintSize(value);
  return bigSize(BigInt.asUintN(64, reading.big(i)));
}

function zigzagSize(reading: Reading, i: number): number {
  const value = reading.plain(i) * reading.scale(i);
  if (isPlain(value)) return varintSize(value < 0 ? -2 * value - 1 : 2 * value);
  return bigSize(zigzag(reading.big(i)));
}

export function zigzag(value: bigint): bigint {
  return BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
}

function bigSize(value: bigint): number {
  let size = 1;
  for (let rest = value; rest >= 128n; rest >>= 7n) size++;
  return size;
}

/** Whether every value of a slot is ASCII, whatever the event. */
export function isAscii(
  { column, kind, first, count }: Slot,
  { slots, pieces }: Shape,
  columns: readonly Column[],
): boolean {
  if (!isText(kind)) return true;
  const ofColumn = (of: number) => {
    const { texts, numbers } = columns[of] as Column;
    return texts ? texts.ascii() : numbers !== undefined;
  };
  if (column >= 0) return ofColumn(column);
  return pieces.slice(first, first + count).every((piece) => {
    if (piece.kind === 'literal') return /^[\0-\x7f]*$/.test(piece.text);
    return ofColumn(piece.kind === 'column' ? piece.column : (slots[piece.slot] as Slot).column);
  });
}
