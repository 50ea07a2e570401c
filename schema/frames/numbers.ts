/** Columns of numbers and ids (docs/reference/frames.md, number codings). */
import { refuse, unpack, unpackPlain, unpackSmall } from './bytes.js';
import { isPlain, plainBits, scaledBigint } from './plain-numbers.js';
import type { Sections } from './sections.js';

const scales = [1, 1000, 1_000_000, 1_000_000_000] as const;

/** Ids below 256, as bytes, perhaps as a function of another column's. */
export interface SmallIds {
  readonly count: number;
  readonly bytes: () => Buffer;
  readonly map: Uint8Array | undefined;
}

export type Ids = (i: number) => number;

/** `small`: by number of the columns before. The ids, and what they are to a later column. */
export function readIds(
  sections: Sections,
  count: number,
  small: readonly (SmallIds | undefined)[],
): { ids: Ids; small: SmallIds | undefined } {
  const { head } = sections;
  const coding = head.byte(2);
  if (coding === 1) {
    const width = head.byte(32);
    if (width === 0) refuse('ids of no bits');
    const bytes = sections.blob(Math.ceil((count * width) / 8));
    return { ids: (i) => unpackSmall(bytes(), i, width), small: undefined };
  }
  if (coding === 0) {
    const bytes = sections.blob(count);
    return { ids: (i) => bytes()[i] as number, small: { count, bytes, map: undefined } };
  }
  const base = small[head.varint(8192)];
  if (base?.count !== count) return refuse('ids are a function of no column');
  const own = head.bytes(head.varint(256));
  const map = Uint8Array.from({ length: 256 }, (_, i) => own[base.map ? (base.map[i] as number) : i] ?? 0);
  const { bytes } = base;
  return { ids: (i) => map[bytes()[i] as number] as number, small: { count, bytes, map } };
}

/** A number where it is exact, else a bigint. */
export type Plain = number | bigint;

/** A column of numbers, read from the first to the last. */
export class Numbers {
  readonly small: SmallIds | undefined;
  /** Packed without a scale: what sizes of texts are. Of no bits: all of them are this one. */
  readonly packed: boolean = false;
  readonly constant: bigint | undefined;
  /** What `next` gives is to be multiplied by it. */
  readonly scale: number;
  /** The next value before its scale, where such sums are exact; else NaN, and the value is `wide`. */
  readonly next: () => number;
  /** Scaled. */
  wide = 0n;
  /** The number that was a bigint last: many follow each other. */
  #last = Number.NaN;
  #lastBig = 0n;

  constructor(sections: Sections, count: number, small: readonly (SmallIds | undefined)[]) {
    const { head } = sections;
    const coding = head.byte(4);
    const exponent = head.byte(9);
    if (exponent % 3 !== 0) refuse('a scale that is none');
    this.scale = scales[exponent / 3] as number;
    let i = 0;
    if (coding === 0) {
      const value = head.zigzag();
      this.next = () => this.#of(value);
    } else if (coding === 1) {
      const least = head.zigzag();
      const read = readIds(sections, count, small);
      if (!read.small) refuse('numbers of a byte that are none');
      this.small = read.small;
      const from = Number(least);
      this.next = isPlain(from) ? () => from + read.ids(i++) : () => this.#of(least + BigInt(read.ids(i++)));
    } else if (coding === 2) {
      const least = head.zigzag();
      const width = head.byte(64);
      this.packed = exponent === 0;
      if (width === 0) this.constant = scaledBigint(least, this.scale);
      const bytes = sections.blob(Math.ceil((count * width) / 8));
      const from = Number(least);
      this.next =
        width <= plainBits && isPlain(from)
          ? () => from + unpackPlain(bytes(), i++, width)
          : () => this.#of(least + unpack(bytes(), i++, width));
    } else if (coding === 3) {
      this.next = this.#deltas(sections, count);
    } else {
      this.next = this.#runs(sections, count);
    }
  }

  /** The value that `next` gave. */
  big(value: number): bigint {
    if (Number.isNaN(value)) return this.wide;
    if (value !== this.#last) {
      this.#last = value;
      this.#lastBig = scaledBigint(value, this.scale);
    }
    return this.#lastBig;
  }

  nextBig(): bigint {
    return this.big(this.next());
  }

  nextPlain(): Plain {
    const value = this.next();
    const scaled = value * this.scale;
    return isPlain(scaled) ? scaled : this.big(value);
  }

  /** The next one where only small ones are right. */
  nextIndex(most: number): number {
    const value = this.next() * this.scale;
    return value >= 0 && value <= most ? value : refuse('a number is out of bounds');
  }

  /** What `next` gives of 64 bits before their scale. */
  #of(value: bigint): number {
    const number = Number(value);
    if (isPlain(number)) return number;
    this.wide = scaledBigint(value, this.scale);
    return Number.NaN;
  }

  #deltas(sections: Sections, count: number): () => number {
    const { head } = sections;
    let last = head.zigzag();
    const least = head.zigzag();
    const width = head.byte(64);
    const bytes = sections.blob(Math.ceil(((count - 1) * width) / 8));
    const from = Number(least);
    let i = 0;
    // Until it is no longer exact.
    let now = width <= plainBits && isPlain(from) ? Number(last) : Number.NaN;
    return () => {
      if (isPlain(now)) {
        if (i++ === 0) return now;
        now += from + unpackPlain(bytes(), i - 2, width);
        if (isPlain(now)) return now;
        last = BigInt(now);
      } else if (i++ > 0) last = BigInt.asIntN(64, last + least + unpack(bytes(), i - 2, width));
      return this.#of(last);
    };
  }

  #runs(sections: Sections, count: number): () => number {
    const { head } = sections;
    const found: [value: bigint, length: number][] = [];
    let value = 0n;
    let total = 0;
    for (let left = head.varint(count); left > 0; left--) {
      value = BigInt.asIntN(64, value + head.zigzag());
      const length = head.varint(count - total);
      if (length === 0) refuse('a run of nothing');
      total += length;
      found.push([value, length]);
    }
    if (total !== count) refuse('runs that are too short');
    let at = -1;
    let left = 0;
    let now = Number.NaN;
    return () => {
      if (left === 0) {
        const [next, length] = found[++at] as [bigint, number];
        left = length;
        now = this.#of(next);
      }
      left--;
      return now;
    };
  }
}
