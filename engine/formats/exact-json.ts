/**
 * JSON whose whole numbers keep all their digits: JSON.parse makes of 9007199254740993 its neighbour, which is another identity where it
 * is one. Those beyond 2^53 become ExactInteger; everything else is as JSON.parse has it.
 */
import { randomBytes } from 'node:crypto';

export class ExactInteger {
  constructor(readonly digits: string) {}

  /** Elsewhere the nearest number, as without this class. */
  toJSON(): number {
    return Number(this.digits);
  }

  toString(): string {
    return this.digits;
  }
}

/** A text that no event holds: what stands behind it are digits. */
const mark = `${randomBytes(12).toString('hex')}:`;
/** Each number between strings, whole: a part of it may look like a whole number. */
const numbers = /-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
const marked = new RegExp(`"${mark}(-?\\d+)"`, 'g');

/** @throws SyntaxError */
export function parseExact(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  return JSON.parse(withMarks(text), (_name, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? new ExactInteger(value.slice(mark.length)) : value,
  );
}

/** Strings are passed over by searching for their ends: an expression runs out of stack within one of megabytes. */
function withMarks(text: string): string {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at);
    const begin = quote < 0 ? text.length : quote;
    parts.push(text.slice(at, begin).replace(numbers, markIfLarge));
    at = endOfString(text, begin);
    parts.push(text.slice(begin, at));
  }
  return parts.join('');
}

function markIfLarge(number: string): string {
  return /^-?\d{16,}$/.test(number) && !Number.isSafeInteger(Number(number)) ? `"${mark}${number}"` : number;
}

/** Behind the quote that ends the string beginning at `begin`. */
function endOfString(text: string, begin: number): number {
  for (let at = text.indexOf('"', begin + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text[at - 1 - escapes] === '\\') escapes++;
    if (escapes % 2 === 0) return at + 1;
  }
  return text.length;
}

export function stringifyExact(value: unknown, indent?: number): string {
  const exact = function (this: Record<string, unknown>, name: string, plain: unknown): unknown {
    const given = this[name];
    return given instanceof ExactInteger ? `${mark}${given.digits}` : plain;
  };
  return JSON.stringify(value, exact, indent)?.replace(marked, '$1');
}
