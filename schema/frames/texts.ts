/** Columns of texts (docs/reference/frames.md, text codings). */
import { isAscii } from 'node:buffer';
import { type ByteReader, refuse } from './bytes.js';
import { Numbers, type Plain, readIds, type SmallIds } from './numbers.js';
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
  /** The next value, a character a byte. */
  next(): string;
  /** Whether all values are ASCII: such a string is the text. */
  ascii(): boolean;
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
  const exceptions: string[] = [];
  const left = head.varint(count - 1);
  if (left === 0) refuse('no exceptions');
  for (let at = 0, n = left; n > 0; n--) {
    if (at >= count) refuse('an exception that is no value');
    at += head.varint(count - 1 - at);
    places.push(at++);
    exceptions.push(head.text().toString('latin1'));
  }
  coding = head.byte(7);
  const others = readCoding(coding, sections, count - left, small, budget, depth);
  let i = 0;
  let next = 0;
  const ascii = () => others.ascii() && exceptions.every(isAsciiText);
  return {
    small: others.small,
    next: () => (i++ === places[next] ? (exceptions[next++] as string) : others.next()),
    ascii,
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
    const value = head.text().toString('latin1');
    return { small: undefined, next: () => value, ascii: () => isAsciiText(value) };
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
  return { small: numbers.small, next: () => write(numbers.nextPlain(), digits), ascii: () => true };
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
  let entries: string[] | undefined;
  let i = 0;
  return {
    small: read.small,
    next: () => {
      entries ??= slices(bytes(), sizes);
      return entries[read.ids(i++)] ?? refuse('an id without an entry');
    },
    ascii: () => isAscii(bytes()),
  };
}

function slices(bytes: Buffer, sizes: readonly number[]): string[] {
  const text = bytes.toString('latin1');
  let at = 0;
  return sizes.map((size) => {
    at += size;
    return text.slice(at - size, at);
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
  let text: string | undefined;
  const next = () => {
    text ??= bytes().toString('latin1');
    const from = at;
    at += sizes.nextIndex(limits.decodedBytes);
    return text.slice(from, at);
  };
  return { small: undefined, next, ascii: () => isAscii(bytes()) };
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
    return value.toString('latin1');
  };
  return { small: undefined, next, ascii: () => isAscii(pattern) };
}

function templates(sections: Sections, count: number, budget: Budget, depth: number): Texts {
  const { head } = sections;
  const variableCount = head.varint(Math.max(budget.columns, 0));
  const templateCount = head.varint(templatesMax);
  const parts: (string | number)[][] = [];
  for (let t = 0; t < templateCount; t++) {
    const template: (string | number)[] = [];
    // A variable is its number, from 1 on; 0 says that a literal follows.
    for (let left = head.varint(partsMax); left > 0; left--)
      template.push(head.varint(variableCount) || head.text().toString('latin1'));
    parts.push(template);
  }
  const variables: Texts[] = [];
  for (let v = 0; v < variableCount; v++) {
    let left = readCount(head, budget);
    const texts = readTexts(sections, left, none, budget, depth + 1);
    const next = () => (left-- > 0 ? texts.next() : refuse('templates take more values than a variable has'));
    variables.push({ ...texts, next });
  }
  const ids = new Numbers(sections, count, none);
  const most = 4 * budget.eventBytesMax + 64;
  const next = () => {
    let text = '';
    for (const part of parts[ids.nextIndex(templateCount - 1)] as (string | number)[]) {
      const more = typeof part === 'number' ? (variables[part - 1] as Texts).next() : part;
      if (text.length + more.length > most) refuse('an event is larger than its header says');
      text += more;
    }
    return flat(text);
  };
  const literals = () => parts.flat().filter((part) => typeof part === 'string');
  const ascii = () => variables.every((variable) => variable.ascii()) && literals().every(isAsciiText);
  return { small: undefined, next, ascii };
}

/** V8 keeps a sum of strings as a tree until a character of it is asked for; the tree takes several times its memory. */
function flat(text: string): string {
  return text.charCodeAt(0) === -1 ? '' : text;
}

function isAsciiText(text: string): boolean {
  return isAscii(Buffer.from(text, 'latin1'));
}

function decimal(value: Plain, digits: number): string {
  if (digits === 0) return value.toString();
  const text = (value < 0 ? -value : value).toString().padStart(digits + 1, '0');
  return `${value < 0 ? '-' : ''}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function fixedDigits(value: Plain, digits: number): string {
  const positive = value < 0 ? BigInt.asUintN(64, BigInt(value)) : value;
  const text = positive.toString();
  return text.length === digits ? text : text.padStart(digits, '0').slice(-digits);
}

function ipv4(value: Plain): string {
  const n = typeof value === 'number' ? value >>> 0 : Number(BigInt.asUintN(32, value));
  return `${n >>> 24}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`;
}
