/** Columns of numbers and ids (docs/reference/frames.md, number codings). */
import { refuse, unpack, unpackPlain, unpackSmall } from './bytes.js';
import type { Sections } from './sections.js';

const scales = [1n, 1000n, 1_000_000n, 1_000_000_000n] as const;

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

/** Sums of a few such numbers are exact in plain arithmetic. */
function isPlain(value: number): boolean {
  return value > -(2 ** 51) && value < 2 ** 51;
}

const plainBits = 51;

/** A number where it is exact, else a bigint. */
export type Plain = number | bigint;

const plain = (value: bigint): Plain => {
  const number = Number(value);
  return isPlain(number) ? number : value;
};

/** A column of numbers, read from the first to the last. */
export class Numbers {
  readonly small: SmallIds | undefined;
  /** Packed without a scale: what sizes of texts are. Of no bits: all of them are this one. */
  readonly packed: boolean = false;
  readonly constant: bigint | undefined;
  /** The next value: a number where it is exact. */
  readonly nextPlain: () => Plain;

  constructor(sections: Sections, count: number, small: readonly (SmallIds | undefined)[]) {
    const { head } = sections;
    const coding = head.byte(4);
    const exponent = head.byte(9);
    if (exponent % 3 !== 0) refuse('a scale that is none');
    const scale = scales[exponent / 3] as bigint;
    const scaled = (value: bigint) => BigInt.asIntN(64, value * scale);
    const times = Number(scale);
    const scaledPlain = (value: number): Plain => {
      const product = value * times;
      return isPlain(product) ? product : scaled(BigInt(value));
    };
    let i = 0;
    if (coding === 0) {
      const value = plain(scaled(head.zigzag()));
      this.nextPlain = () => value;
    } else if (coding === 1) {
      const least = head.zigzag();
      const read = readIds(sections, count, small);
      if (!read.small) refuse('numbers of a byte that are none');
      this.small = read.small;
      const values = Array.from({ length: 256 }, (_, id) => plain(scaled(least + BigInt(id))));
      this.nextPlain = () => values[read.ids(i++)] as Plain;
    } else if (coding === 2) {
      const least = head.zigzag();
      const width = head.byte(64);
      this.packed = exponent === 0;
      if (width === 0) this.constant = scaled(least);
      const bytes = sections.blob(Math.ceil((count * width) / 8));
      const from = Number(least);
      this.nextPlain =
        width <= plainBits && isPlain(from)
          ? () => scaledPlain(from + unpackPlain(bytes(), i++, width))
          : () => plain(scaled(least + unpack(bytes(), i++, width)));
    } else if (coding === 3) {
      this.nextPlain = deltas(sections, count, scaledPlain, scaled);
    } else {
      this.nextPlain = runs(sections, count, scaled);
    }
  }

  next(): bigint {
    const value = this.nextPlain();
    return typeof value === 'number' ? BigInt(value) : value;
  }

  /** The next one where only small ones are right. */
  nextIndex(most: number): number {
    const value = this.nextPlain();
    return typeof value === 'number' && value >= 0 && value <= most ? value : refuse('a number is out of bounds');
  }
}

function deltas(
  sections: Sections,
  count: number,
  scaledPlain: (value: number) => Plain,
  scaled: (value: bigint) => bigint,
): () => Plain {
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
      if (i++ > 0) now += from + unpackPlain(bytes(), i - 2, width);
      if (isPlain(now)) return scaledPlain(now);
      last = BigInt(now);
      return scaled(last);
    }
    if (i++ > 0) last = BigInt.asIntN(64, last + least + unpack(bytes(), i - 2, width));
    return plain(scaled(last));
  };
}

function runs(sections: Sections, count: number, scaled: (value: bigint) => bigint): () => Plain {
  const { head } = sections;
  const found: [Plain, number][] = [];
  let value = 0n;
  let total = 0;
  for (let left = head.varint(count); left > 0; left--) {
    value = BigInt.asIntN(64, value + head.zigzag());
    const length = head.varint(count - total);
    if (length === 0) refuse('a run of nothing');
    total += length;
    found.push([plain(scaled(value)), length]);
  }
  if (total !== count) refuse('runs that are too short');
  let at = -1;
  let left = 0;
  return () => {
    if (left === 0) left = (found[++at] as [Plain, number])[1];
    left--;
    return (found[at] as [Plain, number])[0];
  };
}
