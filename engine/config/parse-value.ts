/** From the text of a flag or URL parameter to a typed value, or what is allowed. */
import type { OptionSpec } from './option.js';

export type OptionValue = string | number | boolean;
export type Parsed = { readonly value: OptionValue } | { readonly allowed: string };

/** `text` as the option's type, within its bounds; else a sentence of what is allowed. */
export function parseValue(option: OptionSpec, text: string): Parsed {
  switch (option.type) {
    case 'integer':
      return inBounds(option, /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN, 'a whole number');
    case 'number':
      return inBounds(option, text === '' ? Number.NaN : Number(text), 'a number');
    case 'bytes':
      return inBounds(option, parseBytes(text), 'a size in bytes, or with KiB, MiB, GiB');
    case 'duration_ms':
      return inBounds(option, parseDuration(text), 'milliseconds, or a time with ms, s, m, h');
    case 'boolean':
      return parseBoolean(text);
    case 'enum':
      return option.values?.includes(text) ? { value: text } : { allowed: `one of ${option.values?.join(', ')}` };
    case 'string':
    case 'list':
      return { value: text };
  }
}

/** A value as it is written: 524288 bytes are 512KiB. */
export function formatValue(option: OptionSpec, value: OptionValue | null): string {
  if (value === null) return '';
  if (option.type === 'bytes' && typeof value === 'number') return formatBytes(value);
  return String(value);
}

/** The bounds of a number in words, '' when it has none. */
export function formatBounds(option: OptionSpec): string {
  const { min, max } = option;
  const show = (bound: number) => formatValue(option, bound);
  if (min !== undefined && max !== undefined) return `${show(min)} to ${show(max)}`;
  if (min !== undefined) return `${show(min)} or more`;
  return max === undefined ? '' : `${show(max)} or less`;
}

const byteUnits: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kib: 2 ** 10,
  k: 2 ** 10,
  mib: 2 ** 20,
  m: 2 ** 20,
  gib: 2 ** 30,
  g: 2 ** 30,
  tib: 2 ** 40,
  t: 2 ** 40,
};
const durationUnits: Readonly<Record<string, number>> = {
  '': 1,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

function parseBytes(text: string): number {
  return withUnit(text, byteUnits);
}

function parseDuration(text: string): number {
  return withUnit(text, durationUnits);
}

function withUnit(text: string, units: Readonly<Record<string, number>>): number {
  const match = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text);
  const unit = match ? units[(match[2] as string).toLowerCase()] : undefined;
  if (!match || unit === undefined) return Number.NaN;
  const value = Number(match[1]) * unit;
  return Number.isInteger(value) ? value : Number.NaN;
}

/** 524288 is 512KiB; what is no whole number of them is in bytes. */
export function formatBytes(bytes: number): string {
  for (const [unit, size] of [
    ['TiB', 2 ** 40],
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const) {
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}

function parseBoolean(text: string): Parsed {
  if (['true', 'yes', 'on', '1'].includes(text.toLowerCase())) return { value: true };
  if (['false', 'no', 'off', '0'].includes(text.toLowerCase())) return { value: false };
  return { allowed: 'true or false' };
}

function inBounds(option: OptionSpec, value: number, what: string): Parsed {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = option;
  if (Number.isFinite(value) && value >= min && value <= max) return { value };
  const bounds = formatBounds(option);
  return { allowed: bounds === '' ? what : `${what}: ${bounds}` };
}
