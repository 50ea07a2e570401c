/** Comma-separated values as RFC 4180 has them, also with tabs or semicolons; comments begin with #. */

/** The rows of a text; cells without blanks around them. */
export function* csvRows(text: string): Generator<string[]> {
  const separator = separatorOf(text);
  let quote = text.indexOf('"');
  for (let at = text.charCodeAt(0) === 0xfeff ? 1 : 0; at < text.length; ) {
    const lineEnd = text.indexOf('\n', at);
    const end = lineEnd < 0 ? text.length : lineEnd;
    if (quote >= 0 && quote < at) quote = text.indexOf('"', at);
    if (quote < 0 || quote >= end) {
      const line = text.slice(at, end);
      at = end + 1;
      if (line.trim() !== '' && line[0] !== '#') yield line.split(separator).map((cell) => cell.trim());
      continue;
    }
    const quoted = quotedRow(text, at, separator);
    at = quoted.next;
    if (!quoted.cells[0]?.startsWith('#')) yield quoted.cells;
  }
}

function separatorOf(text: string): string {
  const line = text.split('\n', 20).find((one) => one.trim() !== '' && !one.startsWith('#')) ?? '';
  if (line.includes(',')) return ',';
  return line.includes('\t') ? '\t' : ';';
}

function quotedRow(text: string, from: number, separator: string): { cells: string[]; next: number } {
  const cells: string[] = [];
  let cell = '';
  let inside = false;
  let at = from;
  for (; at < text.length; at++) {
    const char = text[at] as string;
    if (inside) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') cell += text[++at];
      else inside = false;
    } else if (char === '"') inside = true;
    else if (char === separator) {
      cells.push(cell.trim());
      cell = '';
    } else if (char === '\n') break;
    else cell += char;
  }
  cells.push(cell.trim());
  return { cells, next: at + 1 };
}
