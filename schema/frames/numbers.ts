/** Columns of numbers and ids (docs/reference/frames.md, number codings). */
import { refuse, unpack, unpackSmall } from './bytes.js';
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

/** A column of numbers, read from the first to the last. */
export class Numbers {
  readonly small: SmallIds | undefined;
  /** Packed without a scale: what sizes of texts are. Of no bits: all of them are this one. */
  readonly packed: boolean = false;
  readonly constant: bigint | undefined;
  readonly #next: () => bigint;
  /** The same where all of them are small enough for plain arithmetic. */
  readonly #nextSmall: (() => number) | undefined;

  constructor(sections: Sections, count: number, small: readonly (SmallIds | undefined)[]) {
    const { head } = sections;
    const coding = head.byte(4);
    const exponent = head.byte(9);
    if (exponent % 3 !== 0) refuse('a scale that is none');
    const scale = scales[exponent / 3] as bigint;
    const scaled = (value: bigint) => BigInt.asIntN(64, value * scale);
    let i = 0;
    if (coding === 0) {
      const value = scaled(head.zigzag());
      this.#next = () => value;
    } else if (coding === 1) {
      const least = head.zigzag();
      const read = readIds(sections, count, small);
      if (!read.small) refuse('numbers of a byte that are none');
      this.small = read.small;
      this.#next = () => scaled(least + BigInt(read.ids(i++)));
    } else if (coding === 2) {
      const least = head.zigzag();
      const width = head.byte(64);
      this.packed = exponent === 0;
      if (width === 0) this.constant = scaled(least);
      const bytes = sections.blob(Math.ceil((count * width) / 8));
      this.#next = () => scaled(least + unpack(bytes(), i++, width));
      if (this.packed && width <= 32 && least >= 0n && least < 2n ** 31n) {
        const from = Number(least);
        this.#nextSmall = () => from + unpackSmall(bytes(), i++, width);
      }
    } else if (coding === 3) {
      let last = head.zigzag();
      const least = head.zigzag();
      const width = head.byte(64);
      const bytes = sections.blob(Math.ceil(((count - 1) * width) / 8));
      this.#next = () => {
        if (i++ > 0) last = BigInt.asIntN(64, last + least + unpack(bytes(), i - 2, width));
        return scaled(last);
      };
    } else {
      this.#next = this.#runs(sections, count, scaled);
    }
  }

  next(): bigint {
    return this.#next();
  }

  /** The next one where only small ones are right. */
  nextIndex(most: number): number {
    if (this.#nextSmall) {
      const value = this.#nextSmall();
      return value > most ? refuse('a number is out of bounds') : value;
    }
    const value = this.#next();
    if (value < 0n || value > BigInt(most)) refuse('a number is out of bounds');
    return Number(value);
  }

  #runs(sections: Sections, count: number, scaled: (value: bigint) => bigint): () => bigint {
    const { head } = sections;
    const runs: [bigint, number][] = [];
    let value = 0n;
    let total = 0;
    for (let left = head.varint(count); left > 0; left--) {
      value = BigInt.asIntN(64, value + head.zigzag());
      const length = head.varint(count - total);
      if (length === 0) refuse('a run of nothing');
      total += length;
      runs.push([value, length]);
    }
    if (total !== count) refuse('runs that are too short');
    let at = -1;
    let left = 0;
    return () => {
      if (left === 0) left = (runs[++at] as [bigint, number])[1];
      left--;
      return scaled((runs[at] as [bigint, number])[0]);
    };
  }
}
