/** Columns of the store's events: common ECS fields under their dotted names. What is in none is in the JSON column `attrs`. */

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

/** Longest line of JSON a query or compaction takes. */
const lineBytesMax = 16 * 2 ** 20;

/** SELECT of the columns and `attrs` from files of ECS JSON lines; nested objects and dotted names both count. */
export function selectFromJsonLines(paths: readonly string[]): string {
  const extracted = columns.map(([name, type], i) => `TRY_CAST(x[${i + 1}] AS ${type}) AS ${identifier(name)}`);
  const places = columns.map(([name]) => literal(jsonPath(name)));
  const files = paths.map(literal).join(', ');
  return `SELECT ${extracted.join(', ')}, json_merge_patch(json, ${literal(removalPatch())}) AS attrs
    FROM (SELECT json, json_extract_string(json, [${places.join(', ')}]) AS x
      FROM read_json_objects([${files}], format='newline_delimited', maximum_object_size=${lineBytesMax}))`;
}

/** An empty relation of the columns, for a store without events. */
export function selectNothing(): string {
  const typed = columns.map(([name, type]) => `NULL::${type} AS ${identifier(name)}`);
  return `SELECT ${typed.join(', ')}, NULL::JSON AS attrs WHERE false`;
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function jsonPath(name: string): string {
  return `$${name
    .split('.')
    .map((part) => `."${part}"`)
    .join('')}`;
}

/** An RFC 7396 patch that takes the columns' fields away. */
function removalPatch(): string {
  const patch: Record<string, unknown> = {};
  for (const [name] of columns) {
    const parts = name.split('.');
    const last = parts.pop() ?? '';
    let at = patch;
    for (const part of parts) {
      at[part] ??= {};
      at = at[part] as Record<string, unknown>;
    }
    at[last] = null;
  }
  return JSON.stringify(patch);
}
