/** Dead letters as rows for SQL: the event's own columns, and why it was refused. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { type ColumnType, toRows } from '../../adapters/sinks/store/columns.js';
import { valueToJsonLine } from '../../adapters/sinks/store/json-lines.js';
import { type DeadLetter, deadLetterSinks, readDeadLetters } from '../journal/dead-letter.js';

/** What the view `dead_letters` has besides the columns of `events`. */
export const deadLetterColumns: readonly (readonly [name: string, type: ColumnType])[] = [
  ['dead_letter.id', 'VARCHAR'],
  ['dead_letter.sink', 'VARCHAR'],
  ['dead_letter.code', 'VARCHAR'],
  ['dead_letter.message', 'VARCHAR'],
  ['dead_letter.time', 'TIMESTAMP'],
  ['dead_letter.position', 'VARCHAR'],
  ['dead_letter.record', 'VARCHAR'],
];

/** Writes every dead letter of a journal as a line of JSON. */
export function writeDeadLetterRows(journal: string, path: string): void {
  const fd = openSync(path, 'w', 0o600);
  try {
    for (const sink of deadLetterSinks(journal))
      for (const letter of readDeadLetters(journal, sink)) writeSync(fd, row(letter));
  } finally {
    closeSync(fd);
  }
}

function row({ id, reason, record }: DeadLetter): string {
  const { sink, code, message, time, position } = reason;
  const event = toRows(valueToJsonLine(record.value, record.timestampMs)).toString();
  const own = {
    'dead_letter.id': id,
    'dead_letter.sink': sink,
    'dead_letter.code': code,
    'dead_letter.message': message,
    'dead_letter.time': time,
    'dead_letter.position': position,
    'dead_letter.record': record.value?.toString('base64') ?? null,
  };
  // Two flat objects as one: the row of the event begins with a brace, and is never empty.
  return `${JSON.stringify(own).slice(0, -1)},${event.slice(1)}`;
}
