/** The outside syslog data of test/data/syslog, and how a case is compared with what we make of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../native/load.js';
import { type ParsedSyslog, parseSyslogFrames, type SyslogFraming } from '../../native/syslog.js';

/** Names and values as ECS has them, `timestamp` in RFC 3339; only what the other parser expects is compared. */
export type Expected = Readonly<Record<string, unknown>>;

export const receivedNs = BigInt(Date.UTC(2026, 6, 1)) * 1_000_000n;

export function readCases<T>(path: string): T[] {
  return JSON.parse(readFileSync(join(projectRoot, 'test/data/syslog', path), 'utf8')) as T[];
}

export function readText(path: string): Buffer {
  return readFileSync(join(projectRoot, 'test/data/syslog', path));
}

/** Parses one message, with both implementations; they must agree. */
export function parseMessage(input: Uint8Array, utcOffsetSeconds = 0): ParsedSyslog {
  return parseStream(input, 'whole', utcOffsetSeconds)[0]!;
}

export function parseStream(input: Uint8Array, framing: SyslogFraming, utcOffsetSeconds = 0): ParsedSyslog[] {
  const settings = { receivedNs, utcOffsetSeconds };
  const vector = parseSyslogFrames(input, framing, settings);
  const scalar = parseSyslogFrames(input, framing, { ...settings, scalar: true });
  const text = (frames: ParsedSyslog[]) =>
    JSON.stringify(frames, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  if (text(vector) !== text(scalar)) throw new Error(`vector and scalar differ: ${text(vector)} ${text(scalar)}`);
  return vector;
}

/** What we made of a message, under the names `Expected` uses. Absent fields are absent. */
export function asExpected(parsed: ParsedSyslog): Record<string, unknown> {
  const fields: Record<string, unknown> = { ...parsed.fields };
  const data = fields['log.syslog.structured_data'];
  if (typeof data === 'string') fields['log.syslog.structured_data'] = JSON.parse(data);
  if (parsed.message !== null) fields.message = parsed.message;
  if (parsed.timestampNs !== null) fields.timestamp = parsed.timestampNs;
  return fields;
}

/** RFC 3339 to ns since the epoch. Year 0000 and {CURRENT_YEAR} stand for the year a timestamp without one gets. */
export function nsOf(timestamp: string): bigint {
  const yearless = timestamp.replace(/^(0000|\{CURRENT_YEAR\})/, '2026');
  const inferred = yearless === timestamp ? [yearless] : [yearless, yearless.replace(/^2026/, '2025')];
  const times = inferred.map((text) => {
    const fraction = (/\.(\d+)/.exec(text)?.[1] ?? '').padEnd(9, '0').slice(0, 9);
    return BigInt(Date.parse(text.replace(/\.\d+/, ''))) * 1_000_000n + BigInt(fraction);
  });
  return times.find((ns) => inferred.length === 1 || ns <= receivedNs + 86_400_000_000_000n)!;
}

/** Names whose value is not the expected one. */
export function differences(expected: Expected, parsed: ParsedSyslog): string[] {
  const got = asExpected(parsed);
  const wanted: Record<string, unknown> = { ...expected };
  if (typeof wanted.timestamp === 'string') wanted.timestamp = nsOf(wanted.timestamp);
  const show = (value: unknown) =>
    value === undefined ? 'nothing' : JSON.stringify(sorted(typeof value === 'bigint' ? `${value} ns` : value));
  return Object.keys(wanted)
    .filter((name) => show(got[name]) !== show(wanted[name] ?? undefined))
    .map((name) => `${name}: ${show(got[name])}, not ${show(wanted[name] ?? undefined)}`);
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}
