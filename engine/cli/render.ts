/** Query results as text. Events hold what attackers wrote: control characters never reach the terminal. */
import { printable, printableJson } from '../telemetry/printable.js';
import type { QueryResult } from './store-query.js';

export { printable, printableJson };

export type ResultFormat = 'table' | 'json' | 'csv';

const columnWidthMin = 8;
const gap = '  ';

/** The whole result as text, newline at the end. `width`: columns of the terminal; Infinity: do not shorten. */
export function render(result: QueryResult, format: ResultFormat, width: number): string {
  if (format === 'json') return renderJson(result);
  if (format === 'csv') return renderCsv(result, Number.isFinite(width));
  return result.names.length * (columnWidthMin + gap.length) > width
    ? renderRecords(result, width)
    : renderTable(result, width);
}

function renderTable({ names, types, rows }: QueryResult, width: number): string {
  const cells = rows.map((row) => row.map(cellText));
  const heads = names.map(printable);
  const wanted = heads.map((head, i) => Math.max(length(head), ...cells.map((row) => length(row[i] ?? ''))));
  // Texts are shortened first: a shortened number or time says something else.
  const texts = types.map((type) => /CHAR|JSON/.test(type));
  const widths = fit(fit(wanted, width, texts), width);
  const right = types.map((type) => /INT|DOUBLE|DECIMAL|FLOAT/.test(type));
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, i) => pad(text, widths[i] ?? 0, right[i] ?? false))
      .join(gap)
      .trimEnd();
  const rule = widths.map((w) => '─'.repeat(w)).join(gap);
  return `${[line(heads), rule, ...cells.map(line), counted(rows.length)].join('\n')}\n`;
}

/** One block per row, empty fields left out: for results with more columns than the terminal can show. */
function renderRecords({ names, rows }: QueryResult, width: number): string {
  const blocks = rows.map((row, i) => {
    const shown = names
      .map((name, k) => [printable(name), cellText(row[k])] as const)
      .filter(([, text]) => text !== '' && text !== '{}');
    const nameWidth = Math.max(0, ...shown.map(([name]) => length(name)));
    const title = `── ${i + 1} `;
    const lines = shown.map(
      ([name, text]) => `${pad(name, nameWidth, false)}${gap}${shorten(text, width - nameWidth - gap.length)}`,
    );
    return [title + '─'.repeat(Math.max(0, Math.min(width, 72) - title.length)), ...lines].join('\n');
  });
  return `${[...blocks, counted(rows.length)].join('\n')}\n`;
}

function renderJson({ names, types, rows }: QueryResult): string {
  const lines = rows.map(
    (row) =>
      `${JSON.stringify(Object.fromEntries(names.map((name, i) => [name, jsonValue(row[i], types[i] ?? '')])))}\n`,
  );
  return printableJson(lines.join(''));
}

function jsonValue(value: unknown, type: string): unknown {
  if (typeof value !== 'string') return value;
  if (/^TIMESTAMP/.test(type)) return `${value.replace(' ', 'T')}Z`;
  if (type === 'JSON') return JSON.parse(value);
  if (/INT$/.test(type) && Number.isSafeInteger(Number(value))) return Number(value);
  return value;
}

/** What is no terminal gets the texts as they are: CSV has no escapes. */
function renderCsv({ names, rows }: QueryResult, toTerminal: boolean): string {
  const field = (value: unknown): string => {
    const plain =
      value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
    const text = toTerminal ? printable(plain) : plain;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [names, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
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

function pad(text: string, width: number, right: boolean): string {
  const shown = shorten(text, width);
  const spaces = ' '.repeat(Math.max(0, width - length(shown)));
  return right ? spaces + shown : shown + spaces;
}

function counted(rows: number): string {
  return rows === 1 ? '(1 row)' : `(${rows} rows)`;
}
