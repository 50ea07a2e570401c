/** Columns of the store's events: common ECS fields under their dotted names. What is in none is in the JSON column `attrs`. */

import { storeRows } from '../../../native/journal.js';

export type ColumnType = 'TIMESTAMP' | 'VARCHAR' | 'BIGINT' | 'DOUBLE';

export const columns: readonly (readonly [name: string, type: ColumnType])[] = [
  ['@timestamp', 'TIMESTAMP'],
  ['event.created', 'TIMESTAMP'],
  ['event.id', 'VARCHAR'],
  ['event.original', 'VARCHAR'],
  ['message', 'VARCHAR'],
  ['event.kind', 'VARCHAR'],
  ['event.category', 'VARCHAR'],
  ['event.type', 'VARCHAR'],
  ['event.action', 'VARCHAR'],
  ['event.outcome', 'VARCHAR'],
  ['event.code', 'VARCHAR'],
  ['event.dataset', 'VARCHAR'],
  ['event.module', 'VARCHAR'],
  ['event.provider', 'VARCHAR'],
  ['event.severity', 'BIGINT'],
  ['error.message', 'VARCHAR'],
  ['log.level', 'VARCHAR'],
  ['log.source.address', 'VARCHAR'],
  ['log.syslog.priority', 'BIGINT'],
  ['log.syslog.facility.code', 'BIGINT'],
  ['log.syslog.severity.code', 'BIGINT'],
  ['log.syslog.msgid', 'VARCHAR'],
  ['host.hostname', 'VARCHAR'],
  ['host.name', 'VARCHAR'],
  ['host.ip', 'VARCHAR'],
  ['process.name', 'VARCHAR'],
  ['process.pid', 'BIGINT'],
  ['process.executable', 'VARCHAR'],
  ['process.command_line', 'VARCHAR'],
  ['user.name', 'VARCHAR'],
  ['user.domain', 'VARCHAR'],
  ['user.id', 'VARCHAR'],
  ['source.ip', 'VARCHAR'],
  ['source.port', 'BIGINT'],
  ['source.address', 'VARCHAR'],
  ['source.user.name', 'VARCHAR'],
  ['destination.ip', 'VARCHAR'],
  ['destination.port', 'BIGINT'],
  ['destination.address', 'VARCHAR'],
  ['network.transport', 'VARCHAR'],
  ['network.protocol', 'VARCHAR'],
  ['network.bytes', 'BIGINT'],
  ['http.request.method', 'VARCHAR'],
  ['http.response.status_code', 'BIGINT'],
  ['url.original', 'VARCHAR'],
  ['url.path', 'VARCHAR'],
  ['user_agent.original', 'VARCHAR'],
  ['file.path', 'VARCHAR'],
  ['rule.name', 'VARCHAR'],
  ['tags', 'VARCHAR'],
];

const columnNames = columns.map(([name]) => name);

/** Longest line of JSON a query or compaction takes. */
const lineBytesMax = 16 * 2 ** 20;

/** ECS JSON lines as lines that `selectFromRows` reads. */
export function toRows(jsonLines: Uint8Array): Buffer {
  return storeRows(jsonLines, columnNames);
}

/** SELECT of the columns, `more` columns and `attrs` from files of rows. A value that does not fit its column's type is NULL there. */
export function selectFromRows(paths: readonly string[], more: typeof columns = []): string {
  const all = [...more, ...columns];
  const casts = all.map(([name, type]) => `TRY_CAST(${identifier(name)} AS ${type}) AS ${identifier(name)}`);
  const texts = all.map(([name]) => `${literal(name)}: 'VARCHAR'`);
  const files = paths.map(literal).join(', ');
  return `SELECT ${casts.join(', ')}, attrs FROM read_json([${files}], format='newline_delimited',
    columns={${texts.join(', ')}, 'attrs': 'JSON'}, maximum_object_size=${lineBytesMax})`;
}

/** An empty relation of the columns, for a store without events. */
export function selectNothing(more: readonly (readonly [name: string, type: ColumnType])[] = []): string {
  const typed = [...more, ...columns].map(([name, type]) => `NULL::${type} AS ${identifier(name)}`);
  return `SELECT ${typed.join(', ')}, NULL::JSON AS attrs WHERE false`;
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
