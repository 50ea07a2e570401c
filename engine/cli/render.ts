/** Query results as text. Events hold what attackers wrote: control characters never reach the terminal. */
import { printable, printableJson } from '../telemetry/printable.js';
import type { Row, StreamedResult } from './store-query.js';

export { printable, printableJson };

export type ResultFormat = 'table' | 'json' | 'csv';

const columnWidthMin = 8;
const gap = '  ';
/** So many rows decide how wide the columns of a table are. */
const tableRowsMeasured = 10_000;

/** The result as text, piece by piece, newline at the end. `width`: columns of the terminal; Infinity: do not shorten. */
export function render(result: StreamedResult, format: ResultFormat, width: number): AsyncGenerator<string> {
  if (format === 'json') return renderJson(result);
  if (format === 'csv') return renderCsv(result, Number.isFinite(width));
  return result.names.length * (columnWidthMin + gap.length) > width
    ? renderRecords(result, width)
    : renderTable(result, width);
}

async function* renderTable({ names, types, pieces }: StreamedResult, width: number): AsyncGenerator<string> {
  const heads = names.map(printable);
  // Texts are shortened first: a shortened number or time says something else.
  const texts = types.map((type) => /CHAR|JSON/.test(type));
  const right = types.map((type) => /INT|DOUBLE|DECIMAL|FLOAT/.test(type));
  const wanted = heads.map(length);
  let widths: number[] = [];
  const line = (texts: readonly string[]): string =>
    `${texts
      .map((text, i) => pad(text, widths[i] ?? 0, right[i] ?? false, width))
      .join(gap)
      .trimEnd()}\n`;
  const head = (): string => {
    widths = fit(fit(wanted, width, texts), width);
    return `${line(heads)}${widths.map((w) => '─'.repeat(w)).join(gap)}\n`;
  };
  let first: string[][] | null = [];
  let rows = 0;
  for await (const piece of pieces) {
    const cells = piece.map((row) => row.map(cellText));
    rows += cells.length;
    if (first === null) {
      yield cells.map(line).join('');
      continue;
    }
    for (const row of cells) {
      first.push(row);
      row.forEach((text, i) => {
        wanted[i] = Math.max(wanted[i] ?? 0, length(text));
      });
    }
    if (rows < tableRowsMeasured) continue;
    yield head();
    yield first.map(line).join('');
    first = null;
  }
  if (first !== null) yield `${head()}${first.map(line).join('')}`;
  yield `${counted(rows)}\n`;
}

/** One block per row, empty fields left out: for results with more columns than the terminal can show. */
async function* renderRecords({ names, pieces }: StreamedResult, width: number): AsyncGenerator<string> {
  let rows = 0;
  for await (const piece of pieces) {
    for (const row of piece) {
      rows++;
      const shown = names
        .map((name, k) => [printable(name), cellText(row[k])] as const)
        .filter(([, text]) => text !== '' && text !== '{}');
      const nameWidth = Math.max(0, ...shown.map(([name]) => length(name)));
      const title = `── ${rows} `;
      const lines = shown.map(
        ([name, text]) => `${pad(name, nameWidth, false, width)}${gap}${shorten(text, width - nameWidth - gap.length)}`,
      );
      yield `${[title + '─'.repeat(Math.max(0, Math.min(width, 72) - title.length)), ...lines].join('\n')}\n`;
    }
  }
  yield `${counted(rows)}\n`;
}

async function* renderJson({ names, types, pieces }: StreamedResult): AsyncGenerator<string> {
  const keys = names.map((name) => JSON.stringify(name));
  for await (const piece of pieces) {
    const lines = piece.map(
      (row) => `{${keys.map((key, i) => `${key}:${jsonText(row[i], types[i] ?? '')}`).join()}}\n`,
    );
    yield printableJson(lines.join(''));
  }
}

function jsonText(value: unknown, type: string): string {
  if (typeof value !== 'string') return JSON.stringify(value ?? null);
  if (type === 'JSON') return oneLine(value); // as it is: parsed, its numbers would lose digits
  if (/^TIMESTAMP/.test(type)) return JSON.stringify(rfc3339(value));
  if (/INT$/.test(type) && Number.isSafeInteger(Number(value))) return String(Number(value));
  return JSON.stringify(value);
}

/** JSON may have line ends between its tokens only. */
function oneLine(json: string): string {
  return json.replaceAll(/[\r\n]+/g, ' ');
}

/** DuckDB writes `2026-03-01 10:59:00.5`, of TIMESTAMP WITH TIME ZONE with `+00` behind it (the session is in UTC). */
function rfc3339(value: string): string {
  return `${value.replace(' ', 'T').replace(/\+00$/, '')}Z`;
}

/** What is no terminal gets the texts as they are: CSV has no escapes. */
async function* renderCsv({ names, pieces }: StreamedResult, toTerminal: boolean): AsyncGenerator<string> {
  const field = (value: unknown): string => {
    const plain =
      value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
    const text = toTerminal ? printable(plain) : plain;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const line = (row: Row): string => `${row.map(field).join(',')}\r\n`;
  yield line(names);
  for await (const piece of pieces) yield piece.map(line).join('');
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return printable(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

/** Shrinks the widest of the columns that may shrink until all columns fit, or no more can be done. */
function fit(
  wanted: readonly number[],
  width: number,
  mayShrink: readonly boolean[] = wanted.map(() => true),
): number[] {
  const widths = [...wanted];
  const room = width - gap.length * (widths.length - 1);
  for (let over = sum(widths) - room; over > 0; over = sum(widths) - room) {
    const shrinkable = widths.filter((_, i) => mayShrink[i]);
    const widest = Math.max(0, ...shrinkable);
    if (widest <= columnWidthMin) break;
    const second = Math.max(columnWidthMin, ...shrinkable.filter((w) => w < widest));
    const among = shrinkable.filter((w) => w === widest).length;
    const cut = Math.max(1, Math.min(widest - second, Math.ceil(over / among)));
    widths.forEach((w, i) => {
      if (mayShrink[i] && w === widest) widths[i] = w - cut;
    });
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

function length(text: string): number {
  return Array.from(text).length;
}

function shorten(text: string, width: number): string {
  if (length(text) <= width) return text;
  return `${Array.from(text)
    .slice(0, Math.max(0, width - 1))
    .join('')}…`;
}

/** A text wider than its column is shortened where there is a terminal, whose lines end at `lineWidth`. */
function pad(text: string, width: number, right: boolean, lineWidth: number): string {
  const shown = Number.isFinite(lineWidth) ? shorten(text, width) : text;
  const spaces = ' '.repeat(Math.max(0, width - length(shown)));
  return right ? spaces + shown : shown + spaces;
}

function counted(rows: number): string {
  return rows === 1 ? '(1 row)' : `(${rows} rows)`;
}
