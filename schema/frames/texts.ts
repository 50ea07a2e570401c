/** Columns of texts (docs/reference/frames.md, text codings). */
import { type ByteReader, Output, refuse } from './bytes.js';
import { Numbers, readIds, type SmallIds } from './numbers.js';
import { limits, type Sections } from './sections.js';

/** What all columns of a frame share. */
export interface Budget {
  /** Columns and variables that may still come. */
  columns: number;
  /** Values that they may have together. */
  values: number;
  readonly eventBytesMax: number;
}

export interface Texts {
  readonly small: SmallIds | undefined;
  /** The next value: valid until the next but one event. */
  next(): Buffer;
}

/** The number of a column's values. */
export function readCount(head: ByteReader, budget: Budget): number {
  const count = head.varint(budget.values);
  if (count === 0) refuse('a column without values');
  budget.values -= count;
  return count;
}

const depthMax = 3;
const templatesMax = 4096;
const partsMax = 129;
const none: readonly undefined[] = [];

export function readTexts(
  sections: Sections,
  count: number,
  small: readonly (SmallIds | undefined)[],
  budget: Budget,
  depth = 1,
): Texts {
  const { head } = sections;
  if (budget.columns-- <= 0) refuse('it has too many columns');
  let coding = head.byte(8);
  if (coding !== 8) return readCoding(coding, sections, count, small, budget, depth);
  const exceptions = new Map<number, Buffer>();
  const left = head.varint(count - 1);
  if (left === 0) refuse('no exceptions');
  for (let at = 0, n = left; n > 0; n--) {
    if (at >= count) refuse('an exception that is no value');
    at += head.varint(count - 1 - at);
    exceptions.set(at++, head.text());
  }
  coding = head.byte(7);
  const others = readCoding(coding, sections, count - left, small, budget, depth);
  let i = 0;
  return { small: others.small, next: () => exceptions.get(i++) ?? others.next() };
}

function readCoding(
  coding: number,
  sections: Sections,
  count: number,
  small: readonly (SmallIds | undefined)[],
  budget: Budget,
  depth: number,
): Texts {
  const { head } = sections;
  if (coding === 0) {
    const value = head.text();
    return { small: undefined, next: () => value };
  }
  if (coding === 1) return dictionary(sections, count, small);
  if (coding === 2) return plain(sections, count, small);
  if (coding === 6) return hexadecimal(sections, count);
  if (coding === 7) {
    if (depth >= depthMax) refuse('templates within templates within templates');
    return templates(sections, count, budget, depth);
  }
  const digits = coding === 5 ? 0 : head.byte(coding === 4 ? 18 : 9);
  const numbers = new Numbers(sections, count, small);
  const write = coding === 3 ? decimal : coding === 4 ? fixedDigits : ipv4;
  return { small: numbers.small, next: () => Buffer.from(write(numbers.next(), digits), 'latin1') };
}

function dictionary(sections: Sections, count: number, small: readonly (SmallIds | undefined)[]): Texts {
  const { head } = sections;
  const sizes: number[] = [];
  let total = 0;
  for (let left = head.varint(count); left > 0; left--) {
    const size = head.varint(limits.decodedBytes - total);
    sizes.push(size);
    total += size;
  }
  const bytes = sections.blob(total);
  const read = readIds(sections, count, small);
  let entries: Buffer[] | undefined;
  let i = 0;
  return {
    small: read.small,
    next: () => {
      entries ??= slices(bytes(), sizes);
      return entries[read.ids(i++)] ?? refuse('an id without an entry');
    },
  };
}

function slices(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  let at = 0;
  return sizes.map((size) => {
    at += size;
    return bytes.subarray(at - size, at);
  });
}

function plain(sections: Sections, count: number, small: readonly (SmallIds | undefined)[]): Texts {
  const { head } = sections;
  const start = head.at;
  const sizes = new Numbers(sections, count, small);
  if (!sizes.packed) refuse('sizes that are not packed');
  const end = head.at;
  let total = 0;
  if (sizes.constant !== undefined) {
    total = sizes.constant < 0n ? Number.NaN : Number(sizes.constant) * count;
  } else {
    // Read twice: their sum says how many bytes they are of.
    head.at = start;
    const again = new Numbers(sections, count, small);
    head.at = end;
    for (let i = 0; i < count && total <= limits.decodedBytes; i++) total += again.nextIndex(limits.decodedBytes);
  }
  if (!(total <= limits.decodedBytes)) refuse('texts are larger than it may hold');
  const bytes = sections.blob(total);
  let at = 0;
  const next = () => {
    const from = at;
    at += sizes.nextIndex(limits.decodedBytes);
    return bytes().subarray(from, at);
  };
  return { small: undefined, next };
}

function hexadecimal(sections: Sections, count: number): Texts {
  const pattern = sections.head.text();
  if (pattern.length > 64) refuse('a pattern that is too long');
  const isDigit = (c: number) => c === 0x78 || c === 0x58;
  const digits = pattern.filter(isDigit).length;
  const bytes = sections.blob(Math.ceil((count * digits) / 2));
  let at = 0;
  const next = () => {
    const value = Buffer.from(pattern);
    for (let i = 0; i < value.length; i++) {
      const c = value[i] as number;
      if (!isDigit(c)) continue;
      const both = bytes()[at >> 1] as number;
      const digit = at++ % 2 === 0 ? both >> 4 : both & 15;
      value[i] = digit < 10 ? 48 + digit : (c === 0x78 ? 87 : 55) + digit;
    }
    return value;
  };
  return { small: undefined, next };
}

function templates(sections: Sections, count: number, budget: Budget, depth: number): Texts {
  const { head } = sections;
  const variableCount = head.varint(Math.max(budget.columns, 0));
  const templateCount = head.varint(templatesMax);
  const parts: (Buffer | number)[][] = [];
  for (let t = 0; t < templateCount; t++) {
    const template: (Buffer | number)[] = [];
    // A variable is its number, from 1 on; 0 says that a literal follows.
    for (let left = head.varint(partsMax); left > 0; left--) template.push(head.varint(variableCount) || head.text());
    parts.push(template);
  }
  const variables: (() => Buffer)[] = [];
  for (let v = 0; v < variableCount; v++) {
    let left = readCount(head, budget);
    const texts = readTexts(sections, left, none, budget, depth + 1);
    variables.push(() => (left-- > 0 ? texts.next() : refuse('templates take more values than a variable has')));
  }
  const ids = new Numbers(sections, count, none);
  const out = new Output(4 * budget.eventBytesMax + 64);
  const next = () => {
    out.clear();
    for (const part of parts[ids.nextIndex(templateCount - 1)] as (Buffer | number)[])
      out.append(typeof part === 'number' ? (variables[part - 1] as () => Buffer)() : part);
    return Buffer.from(out.slice());
  };
  return { small: undefined, next };
}

function decimal(value: bigint, digits: number): string {
  if (digits === 0) return value.toString();
  const text = (value < 0n ? -value : value).toString().padStart(digits + 1, '0');
  return `${value < 0n ? '-' : ''}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function fixedDigits(value: bigint, digits: number): string {
  return BigInt.asUintN(64, value).toString().padStart(digits, '0').slice(-digits);
}

function ipv4(value: bigint): string {
  const n = Number(BigInt.asUintN(32, value));
  return `${n >>> 24}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`;
}
