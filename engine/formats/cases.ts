/**
 * A pack's cases: cases/NAME.log (a line a syslog message or plain text), NAME.multi.log (events of several lines, parted by blank lines) or NAME.ndjson, and NAME.json beside it: the events expected,
 * flat ECS, in the lines' order. Files called not-*.log hold lines that the pack must leave alone.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseExact, stringifyExact } from './exact-json.js';
import { type Explainer, flatten } from './explain.js';

/** What cases are received at: decides the year of timestamps without one. */
export const casesReceivedNs = BigInt(Date.UTC(2026, 5, 1)) * 1_000_000n;
/** Of the run, or the line itself. */
const leftOut = ['event.created', 'event.id', 'event.original', 'log.source.address', 'message'];

export interface CaseFile {
  readonly path: string;
  readonly json: boolean;
  /** The pack must not take these lines. */
  readonly refused: boolean;
  readonly lines: readonly Buffer[];
  readonly expectedPath: string;
}

export interface CaseResult {
  readonly path: string;
  readonly line: number;
  readonly text: string;
  /** '' : as expected. */
  readonly problem: string;
  readonly differences: readonly Difference[];
}
export interface Difference {
  readonly field: string;
  /** undefined: none. */
  readonly expected: unknown;
  readonly got: unknown;
}

export type FlatEvent = Readonly<Record<string, unknown>>;

/** `folder`: of the pack. */
export function caseFiles(folder: string): CaseFile[] {
  const cases = join(folder, 'cases');
  if (!existsSync(cases)) return [];
  return readdirSync(cases)
    .filter((name) => /\.(log|ndjson)$/.test(name))
    .sort()
    .map((name) => ({
      path: join(cases, name),
      json: name.endsWith('.ndjson'),
      refused: name.startsWith('not-'),
      lines: split(readFileSync(join(cases, name)), name.endsWith('.multi.log') ? '\n\n' : '\n'),
      expectedPath: join(cases, name.replace(/\.(log|ndjson)$/, '.json')),
    }));
}

/** `write`: takes what comes out as what is expected from now on. */
export function runCaseFile(explainer: Explainer, pack: string, file: CaseFile, write = false): CaseResult[] {
  const sender = senderOf(file);
  const got = file.lines.map((line) =>
    explainer.explain(line, { json: file.json, receivedNs: casesReceivedNs, sender }),
  );
  const events = got.map(({ event, elements }) =>
    elements.length === 0 ? caseEvent(event) : { events: elements.map((element) => caseEvent(element.event)) },
  );
  if (write && !file.refused) writeFileSync(file.expectedPath, `${stringifyExact(events, 2)}\n`);
  const expected = file.refused || !existsSync(file.expectedPath) ? undefined : readExpected(file.expectedPath);
  if (typeof expected === 'string')
    return [{ path: file.expectedPath, line: 1, text: '', problem: expected, differences: [] }];
  const surplus = (expected?.length ?? 0) - file.lines.length;
  const results = file.lines.map((line, i) => {
    const taken = takerOf(explainer, pack, line, file, (got[i] as (typeof got)[number]).pack);
    const at = { path: file.path, line: i + 1, text: line.toString('utf8') };
    if (file.refused) return { ...at, problem: taken === pack ? `is taken for ${pack}` : '', differences: [] };
    const differences = expected?.[i] === undefined ? [] : compare(expected[i], events[i] as FlatEvent);
    return { ...at, problem: problemOf(pack, taken, expected, i, differences), differences };
  });
  if (surplus > 0) {
    const problem = `${file.expectedPath} expects ${surplus} more than there are messages`;
    results.push({ path: file.path, line: file.lines.length, text: '', problem, differences: [] });
  }
  return results;
}

/** The pack that a case is of: an envelope's stays its own, whosever the message within is. */
function takerOf(
  explainer: Explainer,
  pack: string,
  line: Buffer,
  file: CaseFile,
  taken: string | null,
): string | null {
  if (taken === pack || !explainer.formats.packs.some(({ name, envelope }) => name === pack && envelope)) return taken;
  const settings = { json: file.json, receivedNs: casesReceivedNs, sender: senderOf(file), record: true };
  const { tried } = explainer.explain(line, settings);
  return tried.some((one) => one.pack === pack && one.depth === 0 && one.understood) ? pack : taken;
}

/** Each file is a sender of its own: columns that one declares are not another's. */
function senderOf({ path }: CaseFile): number {
  return 1 + (createHash('sha256').update(path).digest().readUInt32LE() % 2 ** 30);
}

function problemOf(
  pack: string,
  taken: string | null,
  expected: FlatEvent[] | undefined,
  i: number,
  differences: readonly Difference[],
): string {
  if (taken !== pack) return taken === null ? 'no pack understands it' : `is taken for ${taken}`;
  if (expected === undefined) return 'there is no file of expected events beside it (--write makes one)';
  if (expected[i] === undefined) return 'no event is expected for it';
  return differences.length === 0 ? '' : `${differences.length} fields differ`;
}

/** What a case says of an event. */
export function caseEvent(event: FlatEvent): FlatEvent {
  return Object.fromEntries(Object.entries(flatten(event)).filter(([name]) => !leftOut.includes(name)));
}

/** A text: what is wrong with the file. */
function readExpected(path: string): FlatEvent[] | string {
  try {
    const expected: unknown = parseExact(readFileSync(path, 'utf8'));
    const objects = Array.isArray(expected) && expected.every((one) => typeof one === 'object' && one !== null);
    return objects ? (expected as FlatEvent[]) : 'must hold a list of events (--write makes one)';
  } catch (error) {
    return `must hold the expected events as JSON: ${(error as Error).message}`;
  }
}

function compare(expected: FlatEvent, got: FlatEvent): Difference[] {
  const fields = [...new Set([...Object.keys(expected), ...Object.keys(got)])].sort();
  return fields
    .filter((field) => stringifyExact(expected[field]) !== stringifyExact(got[field]))
    .map((field) => ({ field, expected: expected[field], got: got[field] }));
}

function split(bytes: Buffer, mark: string): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(mark, at);
    let to = end < 0 ? bytes.length : end;
    if (bytes[to - 1] === 10) to--;
    if (to > at) parts.push(bytes.subarray(at, to));
    at = (end < 0 ? bytes.length : end) + mark.length;
  }
  return parts;
}
