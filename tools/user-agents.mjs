// engine/formats/user-agent/data/lists.json from regexes.yaml of uap-core: node tools/user-agents.mjs REGEXES.yaml
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';

const [source] = process.argv.slice(2);
const lists = parse(readFileSync(source, 'utf8'));
const rows = [
  ...lists.user_agent_parsers.map((row) => [
    'browser',
    row.regex,
    row.family_replacement,
    row.v1_replacement,
    row.v2_replacement,
    row.v3_replacement,
  ]),
  ...lists.os_parsers.map((row) => [
    'system',
    row.regex,
    row.os_replacement,
    row.os_v1_replacement,
    row.os_v2_replacement,
    row.os_v3_replacement,
  ]),
  ...lists.device_parsers.map((row) => [
    'device',
    row.regex_flag === 'i' ? `(?i)${row.regex}` : row.regex,
    row.device_replacement,
  ]),
];
const lines = rows.map((row) => JSON.stringify(row.map((part) => (part === undefined ? '' : String(part)))));
writeFileSync('engine/formats/user-agent/data/lists.json', `[\n${lines.join(',\n')}\n]\n`);
