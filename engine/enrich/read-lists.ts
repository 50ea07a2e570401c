/** Files of indicators and of assets → tables. Runs in a thread of its own: a million lines take seconds. */
import { basename } from 'node:path';
import { csvRows } from './csv.js';
import { addKey, guessKind, kindOf, refanged } from './keys.js';
import { confidenceText, readStix } from './stix.js';
import { type Cells, type KeyKindName, TableWriter } from './table-writer.js';

export interface ListFile {
  readonly path: string;
  readonly text: string;
}

export interface ReadList {
  readonly bytes: Uint8Array;
  readonly entries: number;
  /** Lines and indicators that are no key. */
  readonly skipped: number;
}

const valueNames = ['indicator', 'value', 'ioc', 'ioc_value', 'key', 'observable'];
const typeNames = ['type', 'indicator_type', 'ioc_type', 'kind'];
/** Columns of lists → names below threat.indicator; others are left. */
const indicatorColumns = new Map(
  Object.entries({
    name: 'name',
    provider: 'provider',
    source: 'provider',
    confidence: 'confidence',
    description: 'description',
    comment: 'description',
    reference: 'reference',
    link: 'reference',
    tlp: 'marking.tlp',
    first_seen: 'first_seen',
    last_seen: 'last_seen',
    feed: 'feed.name',
  }),
);
const ecsTypes: Readonly<Record<KeyKindName, string>> = {
  ip: 'ipv4-addr',
  domain: 'domain-name',
  hash: 'file',
  url: 'url',
  user: 'user-account',
  host: 'domain-name',
  mac: 'mac-addr',
};

/** CSV with a header (indicator, type and more), lists of one value a line, and STIX 2.1 bundles. @throws what is wrong with a file */
export function readIndicators(files: readonly ListFile[], nowMs: number): ReadList {
  const table = new TableWriter();
  let skipped = 0;
  let lines = 0;
  const add = (kind: KeyKindName | undefined, written: string, cells: Cells, feed: string, type?: string): void => {
    lines++;
    const text = refanged(written);
    const guessed = kind ?? guessKind(text);
    const typeName =
      guessed === 'ip' ? (text.includes(':') ? 'ipv6-addr' : 'ipv4-addr') : (type ?? (guessed && ecsTypes[guessed]));
    if (
      guessed === undefined ||
      !addKey(
        table,
        guessed,
        text,
        table.row({ 'feed.name': feed, name: text, ...nonEmpty(cells), type: typeName ?? '' }, !cells.name),
      )
    )
      skipped++;
  };
  for (const { path, text } of files) {
    const feed = basename(path).replace(/\.[^.]*$/, '');
    if (/^\s*\{/.test(text)) {
      const bundle = bundleOf(path, text, nowMs);
      skipped += bundle.skipped;
      for (const { keys, cells } of bundle.indicators)
        for (const { kind, type, text: key } of keys) add(kind, key, cells, feed, type);
      continue;
    }
    const rows = csvRows(text);
    const first = rows.next().value as string[] | undefined;
    if (first === undefined) continue;
    const [linesBefore, skippedBefore] = [lines, skipped];
    const heading = commentedHeader(text, first.length) ?? first;
    const header = heading.map((cell) => cell.toLowerCase());
    const valueAt = valueColumn(header);
    // A column that is called url or sha256 holds the values, and says what they are.
    const named = kindOf(header[valueAt] ?? '');
    const typeAt = header.findIndex((name) => typeNames.includes(name));
    const columns = header.map((name) => indicatorColumns.get(name));
    const line = (row: readonly string[]): void => {
      if (valueAt < 0) {
        for (const value of plainValues(row)) add(undefined, value, {}, feed);
        return;
      }
      const key = row[valueAt] ?? '';
      const cells: Record<string, string> = {};
      for (const [i, name] of columns.entries())
        if (name !== undefined && row[i])
          cells[name] = name === 'confidence' ? confidenceText(row[i] as string) : (row[i] as string);
      const kind = typeAt >= 0 ? kindOf(row[typeAt] ?? '') : named;
      add(kind, key, cells, feed);
    };
    if (valueAt < 0 || heading !== first) line(first);
    for (const row of rows) line(row);
    // A page that says "not found" in place of a list must not empty it.
    if (lines > linesBefore && lines - linesBefore === skipped - skippedBefore)
      throw new Error(`${path}: none of its lines is an address, network, domain, URL or hash`);
  }
  return { bytes: table.bytes(), entries: table.size, skipped };
}

/** Where hosts files lead the names that nobody is to reach. Such an address is no indicator. */
const nowhere = new Set(['0.0.0.0', '127.0.0.1', '::', '::1']);

/** Of a line of a list without column names: what stands first, without a comment behind it; of a hosts file's, the names. */
function plainValues(row: readonly string[]): readonly string[] {
  const cell = row[0] ?? '';
  const first = cell.split(/\s/, 1)[0] as string;
  // Words behind a name may as well be a sentence of a page that is no list.
  if (!nowhere.has(first))
    return [/^\s+(?!#|;|\/\/)/.test(cell.slice(first.length)) && guessKind(first) !== 'ip' ? cell : first];
  const words = row.join(' ').replace(/#.*/, '').trim().split(/\s+/);
  if (words.length === 1) return words;
  return words.slice(1).filter((name) => !nowhere.has(name) && !/^localhost\b/i.test(name));
}

/** −1: the first line is no header. */
function valueColumn(header: readonly string[]): number {
  const any = header.findIndex((name) => valueNames.includes(name));
  return any >= 0 ? any : header.findIndex((name) => kindOf(name) !== undefined);
}

/** The names of columns where they are the last of the comments that a file begins with, as feeds of abuse.ch have it. */
function commentedHeader(text: string, columns: number): string[] | undefined {
  const comments = /^\ufeff?(?:#[^\n]*\n)+/.exec(text)?.[0].trimEnd();
  const last = comments?.slice(comments.lastIndexOf('\n') + 1).replace(/^\ufeff?#\s*/, '');
  const names = last?.includes(',') ? (csvRows(last).next().value as string[] | undefined) : undefined;
  return names?.length === columns && valueColumn(names.map((name) => name.toLowerCase())) >= 0 ? names : undefined;
}

function bundleOf(path: string, text: string, nowMs: number): ReturnType<typeof readStix> {
  try {
    return readStix(JSON.parse(text), nowMs);
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`);
  }
}

function nonEmpty(cells: Cells): Cells {
  return Object.fromEntries(Object.entries(cells).filter(([, text]) => text !== ''));
}

/** CSV whose header names the keys (ip, host, mac, user, domain) and what is told of them. @throws what is wrong with a file */
export function readAssets(files: readonly ListFile[]): ReadList {
  const table = new TableWriter();
  let skipped = 0;
  for (const { path, text } of files) {
    const rows = csvRows(text);
    const header = (rows.next().value ?? []) as string[];
    const kinds = header.map((name) => kindOf(name));
    if (kinds.every((kind) => kind === undefined))
      throw new Error(`${path}: the first line names no key: one of ip, host, mac, user, domain`);
    for (const row of rows) {
      const cells = Object.fromEntries(
        header.flatMap((name, i) => (kinds[i] === undefined && row[i] ? [[name, row[i]]] : [])),
      );
      const place = table.row(cells as Cells);
      const added = kinds.filter(
        (kind, i) => kind !== undefined && row[i] && addKey(table, kind, row[i] as string, place),
      );
      if (added.length === 0) skipped++;
    }
  }
  return { bytes: table.bytes(), entries: table.size, skipped };
}
