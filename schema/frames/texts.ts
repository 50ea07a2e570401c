/** Columns of texts (docs/reference/frames.md, text codings). */
import { isAscii } from 'node:buffer';
import { type ByteReader, refuse } from './bytes.js';
import { HexPattern, writeDecimal, writeFixedDigits, writeIpv4 } from './digits.js';
import { Numbers, readIds, type SmallIds } from './numbers.js';
import type { Output } from './output.js';
import { limits, type Sections } from './sections.js';
import { SharedText } from './shared-text.js';

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
  /** Appends the next value. */
  readonly write: (out: Output) => void;
  /** Of a column whose values repeat: gives the next value instead. */
  readonly shared: (() => SharedText) | undefined;
  /** What all its values are. */
  readonly constant?: SharedText;
  /** Whether all values are ASCII. */
  readonly ascii: () => boolean;
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
  const places: number[] = [];
  const exceptions: SharedText[] = [];
  const left = head.varint(count - 1);
  if (left === 0) refuse('no exceptions');
  for (let at = 0, n = left; n > 0; n--) {
    if (at >= count) refuse('an exception that is no value');
    at += head.varint(count - 1 - at);
    places.push(at++);
    exceptions.push(new SharedText(head.text()));
  }
  coding = head.byte(7);
  const others = readCoding(coding, sections, count - left, small, budget, depth);
  let i = 0;
  let next = 0;
  const exception = () => (i++ === places[next] ? exceptions[next++] : undefined);
  const { shared } = others;
  return {
    small: others.small,
    write: (out) => {
      const text = exception();
      if (text) out.append(text.bytes);
      else others.write(out);
    },
    shared: shared && (() => exception() ?? shared()),
    ascii: () => others.ascii() && exceptions.every(({ bytes }) => isAscii(bytes)),
  };
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
    const value = new SharedText(head.text());
    return {
      small: undefined,
      write: (out) => out.append(value.bytes),
      shared: () => value,
      constant: value,
      ascii: () => isAscii(value.bytes),
    };
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
  const write = coding === 3 ? writeDecimal : coding === 4 ? writeFixedDigits : writeIpv4;
  return {
    small: numbers.small,
    write: (out) => write(out, numbers.nextPlain(), digits),
    shared: undefined,
    ascii: () => true,
  };
}

function dictionary(sections: Sections, count: number, small: readonly (SmallIds | undefined)[]): Texts {
  const { head } = sections;
  const ends: number[] = [];
  let total = 0;
  for (let left = head.varint(count); left > 0; left--) {
    total += head.varint(limits.decodedBytes - total);
    ends.push(total);
  }
  const bytes = sections.blob(total);
  const read = readIds(sections, count, small);
  const entries: (SharedText | undefined)[] = new Array(ends.length).fill(undefined);
  let i = 0;
  const from = (id: number) => (id === 0 ? 0 : (ends[id - 1] as number));
  const end = (id: number) => ends[id] ?? refuse('an id without an entry');
  return {
    small: read.small,
    write: (out) => {
      const id = read.ids(i++);
      const to = end(id);
      out.copy(bytes(), from(id), to);
    },
    shared: () => {
      const id = read.ids(i++);
      const known = entries[id];
      if (known) return known;
      const to = end(id);
      const entry = new SharedText(bytes().subarray(from(id), to));
      entries[id] = entry;
      return entry;
    },
    ascii: () => isAscii(bytes()),
  };
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
  const write = (out: Output) => {
    const from = at;
    at += sizes.nextIndex(limits.decodedBytes);
    out.copy(bytes(), from, at);
  };
  return { small: undefined, write, shared: undefined, ascii: () => isAscii(bytes()) };
}

function hexadecimal(sections: Sections, count: number): Texts {
  const bytesOfPattern = sections.head.text();
  if (bytesOfPattern.length > 64) refuse('a pattern that is too long');
  const pattern = new HexPattern(bytesOfPattern);
  const bytes = sections.blob(Math.ceil((count * pattern.digits) / 2));
  let at = 0;
  const write = (out: Output) => {
    pattern.write(out, bytes(), at);
    at += pattern.digits;
  };
  return { small: undefined, write, shared: undefined, ascii: () => isAscii(bytesOfPattern) };
}

function templates(sections: Sections, count: number, budget: Budget, depth: number): Texts {
  const { head } = sections;
  const variableCount = head.varint(Math.max(budget.columns, 0));
  const templateCount = head.varint(templatesMax);
  const parts: Int32Array[] = [];
  for (let t = 0; t < templateCount; t++) parts.push(readParts(head, variableCount));
  const variables: ((out: Output) => void)[] = [];
  const columns: Texts[] = [];
  /** Values that a variable still has. */
  const left: number[] = [];
  for (let v = 0; v < variableCount; v++) {
    left.push(readCount(head, budget));
    const texts = readTexts(sections, left[v] as number, none, budget, depth + 1);
    const { write } = texts;
    columns.push(texts);
    variables.push((out) => {
      if ((left[v] as number)-- <= 0) refuse('templates take more values than a variable has');
      write(out);
    });
  }
  const ids = new Numbers(sections, count, none);
  const { whole } = head;
  let values = count;
  const write = (out: Output) => {
    const template = parts[ids.nextIndex(templateCount - 1)] as Int32Array;
    for (let p = 0; p < template.length; p += 2) {
      const from = template[p] as number;
      const to = template[p + 1] as number;
      if (to < 0) (variables[from] as (out: Output) => void)(out);
      else out.copy(whole, from, to);
    }
    if (--values === 0 && left.some((more) => more > 0)) refuse('a variable has values that no template takes');
  };
  const isAsciiPart = (_: number, p: number, template: Int32Array) =>
    p % 2 === 0 || (template[p] as number) < 0 || isAscii(whole.subarray(template[p - 1], template[p]));
  const ascii = () =>
    columns.every((column) => column.ascii()) && parts.every((template) => template.every(isAsciiPart));
  return { small: undefined, write, shared: undefined, ascii };
}

/** Two numbers a part: where a literal begins and ends in section 0, or the number of a variable, from 0 on, and −1. */
function readParts(head: ByteReader, variableCount: number): Int32Array {
  const parts: number[] = [];
  for (let left = head.varint(partsMax); left > 0; left--) {
    // A variable is its number, from 1 on; 0 says that a literal follows.
    const variable = head.varint(variableCount);
    if (variable > 0) parts.push(variable - 1, -1);
    else {
      const { length } = head.text();
      parts.push(head.at - length, head.at);
    }
  }
  return Int32Array.from(parts);
}
