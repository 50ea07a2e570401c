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
/** A string, which is passed over, or a whole number of so many digits that it may be too large. */
const tokens = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
const marked = new RegExp(`"${mark}(-?\\d+)"`, 'g');

/** @throws SyntaxError */
export function parseExact(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  const safe = text.replace(tokens, (token) =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${mark}${token}"` : token,
  );
  return JSON.parse(safe, (_name, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? new ExactInteger(value.slice(mark.length)) : value,
  );
}

export function stringifyExact(value: unknown, indent?: number): string {
  const exact = function (this: Record<string, unknown>, name: string, plain: unknown): unknown {
    const given = this[name];
    return given instanceof ExactInteger ? `${mark}${given.digits}` : plain;
  };
  return JSON.stringify(value, exact, indent)?.replace(marked, '$1');
}
