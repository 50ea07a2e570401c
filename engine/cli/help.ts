/** `penstock --help`: commands and every flag, from the option table. */
import type { OptionGroup } from '../config/option.js';
import { optionGroups } from '../config/options.js';
import { formatBounds, formatValue } from '../config/parse-value.js';

export interface Command {
  readonly name: string;
  readonly text: string;
}

const widthDefault = 80;
const indent = '      ';

/** @param width columns of the terminal */
export function helpText(commands: readonly Command[], width: number = widthDefault): string {
  const columns = Math.max(60, Math.min(width, 120));
  const longest = Math.max(...commands.map(({ name }) => name.length));
  return [
    ...wrap(
      'Penstock receives security logs over syslog, NDJSON and HTTP, normalises them to ECS and delivers them to Kafka or a local store.',
      columns,
      '',
    ),
    '',
    'Usage: penstock [COMMAND] [ARGUMENTS]',
    '',
    ...commands.map(({ name, text }) => `  ${name.padEnd(longest)}  ${text}`),
    '',
    ...wrap(
      'COMMAND --help shows its arguments. Settings are environment variables, or lines of a YAML file (PENSTOCK_CONFIG). ' +
        'Exit codes: 0 done, 1 failed, 64 wrong usage, 70 a bug, 78 wrong settings.',
      columns,
      '',
    ),
    ...optionGroups.flatMap((group) => groupText(group, columns)),
    '',
  ].join('\n');
}

function groupText(group: OptionGroup, columns: number): string[] {
  const lines = ['', group.title];
  for (const option of group.options) {
    const value = formatValue(option, option.default);
    lines.push('', ...wrapList(`  ${option.name}${value === '' ? '' : `=${value}`}`, columns));
    const bounds = option.values?.join(', ') ?? formatBounds(option);
    lines.push(...wrap(bounds === '' ? option.text : `${option.text} [${bounds}]`, columns));
  }
  return lines;
}

/** A default that is a list goes on in the next line behind one of its commas. */
function wrapList(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const item of text.split(/(?<=,)/)) {
    if (line !== '' && line.length + item.length > columns) {
      lines.push(line);
      line = indent;
    }
    line += item;
  }
  return [...lines, line];
}

function wrap(text: string, columns: number, margin: string = indent): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && margin.length + line.length + 1 + word.length > columns) {
      lines.push(margin + line);
      line = '';
    }
    line += (line === '' ? '' : ' ') + word;
  }
  return [...lines, margin + line];
}
