/** Collects the raw text of every option: environment, then the YAML file, then the default. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { ConfigProblem } from '../errors.js';
import type { OptionSpec } from './option.js';
import { plainYaml } from './plain-yaml.js';
import { didYouMean } from './suggest.js';

export interface RawOption {
  readonly option: OptionSpec;
  /** null: the default. */
  readonly text: string | null;
  /** 'environment', 'default', or the file's path and line. */
  readonly origin: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const prefix = 'PENSTOCK_';
const configFlag = 'PENSTOCK_CONFIG';
const configBytesMax = 1 << 20;

/** Every option of the table in order. An empty environment variable counts as unset. */
export function gather(
  options: readonly OptionSpec[],
  env: Environment,
  cwd: string,
  problems: ConfigProblem[],
): RawOption[] {
  const names = new Set(options.map((option) => option.name));
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith(prefix) && !names.has(name)) problems.push(unknown(name, value ?? '', 'environment', names));
  }
  const file = env[configFlag] ? readConfigFile(env[configFlag], cwd, names, problems) : new Map<string, FileEntry>();
  return options.map((option) => {
    const text = env[option.name];
    if (text !== undefined && text !== '') return { option, text: text.trim(), origin: 'environment' };
    const inFile = file.get(option.name);
    return { option, text: inFile?.text ?? null, origin: inFile?.origin ?? 'default' };
  });
}

function unknown(name: string, value: string, origin: string, names: Set<string>): ConfigProblem {
  const looksSecret = /PASS|SECRET|TOKEN|KEY/i.test(name);
  const written = name.toUpperCase().replaceAll('-', '_');
  return {
    flag: name,
    value: looksSecret ? '***' : value,
    allowed: `there is no such flag${didYouMean(written.startsWith(prefix) ? written : prefix + written, names)}`,
    origin,
  };
}

interface FileEntry {
  readonly text: string;
  readonly origin: string;
}
type FileEntries = Map<string, FileEntry>;

function readConfigFile(name: string, cwd: string, names: Set<string>, problems: ConfigProblem[]): FileEntries {
  const path = resolve(cwd, name);
  const entries: FileEntries = new Map();
  const wrong = (value: string, allowed: string, origin = 'environment', flag = configFlag) =>
    problems.push({ flag, value, allowed, origin });
  let source: string;
  try {
    source = readFileSync(path, 'utf8');
  } catch (error) {
    wrong(name, `a YAML file that can be read; ${(error as Error).message}`);
    return entries;
  }
  if (source.length > configBytesMax) {
    wrong(name, `a YAML file of at most ${configBytesMax} bytes`);
    return entries;
  }
  const lineOf = (offset: number) => source.slice(0, offset).split('\n').length;
  const document = parseDocument(source, { uniqueKeys: true });
  let isYaml = document.contents !== null;
  for (const error of document.errors) {
    const line = `${path}:${lineOf(error.pos[0])}`;
    if (error.code === 'DUPLICATE_KEY') {
      const key = /[^\s:]*/.exec(source.slice(error.pos[0]))?.[0] ?? '';
      wrong(name, `a file that gives each setting once; ${key} is given before`, line);
    } else {
      wrong(name, `valid YAML: ${(error.message.split('\n')[0] ?? '').replace(/( at line.*)?:$/, '')}`, line);
      isYaml = false;
    }
  }
  if (!isYaml) return entries;
  const plain = plainYaml(document);
  if (typeof plain === 'string') {
    wrong(name, `valid YAML: ${plain}`, path);
    return entries;
  }
  const parsed = plain.value;
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    wrong(name, 'a YAML mapping of flags to values', path);
    return entries;
  }
  for (const [key, value] of Object.entries(parsed)) {
    const at = source.search(new RegExp(`^[ \\t]*["']?${key.replace(/[^\w]/g, '\\$&')}["']?[ \\t]*:`, 'm'));
    const origin = at < 0 ? path : `${path}:${lineOf(at)}`;
    if (!names.has(key)) problems.push(unknown(key, String(value), origin, names));
    else if (key === configFlag) wrong(String(value), 'a file cannot name another file', origin);
    else if (value !== null) {
      const text = textOf(value);
      if (text === undefined) wrong(JSON.stringify(value), 'a single value or a list of them', origin, key);
      else if (text !== '') entries.set(key, { text, origin });
    }
  }
  return entries;
}

function textOf(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    const parts = value.map(textOf);
    return parts.includes(undefined) ? undefined : parts.join(',');
  }
  return typeof value === 'object' ? undefined : String(value).trim();
}
