/** The building blocks a step can name, and their options (native/src/packs/block_set.cc takes them). */
import { expandGrok, GrokError } from './grok/expand.js';
import { standardLibrary } from './grok/library.js';
import { TranslateError, translate } from './grok/translate.js';
import type { Take } from './pack-file.js';
import type { Path, Reader } from './reader.js';
import { userAgentNames, userAgentRows } from './user-agent/lists.js';

interface BlockOption {
  readonly kind: 'texts' | 'enum' | 'number';
  readonly values?: readonly string[];
  /** How many bytes each text has. */
  readonly bytes?: readonly [least: number, most: number];
  /** How many texts. */
  readonly most?: number;
  readonly required?: boolean;
}

/** Options by block. A block without any is written `cef: {}`; those without a table are patterns: a text. */
export const blockOptions = {
  kv: {
    pairs: { kind: 'texts', bytes: [1, 8], most: 4 },
    values: { kind: 'texts', bytes: [1, 8], most: 4 },
    quotes: { kind: 'texts' },
    escapes: { kind: 'enum', values: ['backslash', 'text', 'doubled', 'none'] },
    spaces: { kind: 'enum', values: ['in_values'] },
    bare: { kind: 'enum', values: ['keep'] },
  },
  logfmt: {},
  audit: { arguments: { kind: 'enum', values: ['joined'] } },
  cef: { labels: { kind: 'enum', values: ['add', 'keep', 'replace'] } },
  leef: {},
  structured_data: {},
  csv: {
    columns: { kind: 'texts', required: true },
    delimiter: { kind: 'texts', bytes: [1, 1] },
    quote: { kind: 'texts', bytes: [0, 1] },
    least: { kind: 'number' },
  },
  w3c: { columns: { kind: 'texts' }, delimiter: { kind: 'texts', bytes: [1, 1] } },
  zeek: {},
  url: { host: { kind: 'enum', values: ['allowed'] } },
  query: {},
  user_agent: {},
  xml: { named_element: { kind: 'texts' }, named_attribute: { kind: 'texts' } },
  dissect: null,
  regex: null,
  grok: null,
} as const satisfies Record<string, Record<string, BlockOption> | null>;

/** What `url` finds, as in native/src/packs/block_set.cc. */
const urlNames = ['scheme', 'username', 'password', 'domain', 'port', 'path', 'extension', 'query', 'fragment'].map(
  (name) => `url.${name}`,
);

export type BlockName = keyof typeof blockOptions;

export function isBlock(name: string): name is BlockName {
  return name in blockOptions;
}

export function readBlock(reader: Reader, block: BlockName, value: unknown, path: Path): Take | undefined {
  const options: Record<string, BlockOption> | null = blockOptions[block];
  if (options === null) return readPattern(reader, block, reader.text(value, path, 'must be a pattern'), path);
  const raw = reader.object(value, path, Object.keys(options)) ?? {};
  for (const [name, { required }] of Object.entries(options))
    if (required && raw[name] === undefined) reader.problem(path, `must say ${name}`);
  const params = Object.entries(raw).flatMap(([name, item]) => {
    const option = options[name];
    const at = [...path, name];
    if (option === undefined) return [];
    if (option.values)
      return [`${name}=${reader.oneOf(item as string, at, option.values, option.values[0] as string)}`];
    if (option.kind === 'number' && !Number.isSafeInteger(item)) reader.problem(at, 'must be a whole number', item);
    const key = name === 'columns' ? 'column' : name;
    const texts = reader.texts(item, at);
    if (texts.length > (option.most ?? texts.length)) reader.problem(at, `must be at most ${option.most} texts`, item);
    return texts.map((text) => `${key}=${sized(reader, text, option, at)}`);
  });
  if (block === 'csv') checkLeast(reader, raw, path);
  if (block === 'user_agent') return { kind: 'block', block, params: userAgentRows(), names: userAgentNames };
  if (block === 'url') return { kind: 'block', block, params, names: urlNames };
  const columns =
    raw.columns === undefined || block === 'w3c'
      ? []
      : reader.texts(raw.columns, [...path, 'columns']).filter((name) => name !== '');
  return { kind: 'block', block, params, names: columns };
}

function checkLeast(reader: Reader, { columns, least }: Record<string, unknown>, path: Path): void {
  const most = Array.isArray(columns) ? columns.length : 1;
  if (least !== undefined && !(Number(least) >= 1 && Number(least) <= most))
    reader.problem([...path, 'least'], `must be from 1 to the number of columns, ${most}`, least);
}

function sized(reader: Reader, text: string, { bytes }: BlockOption, path: Path): string {
  const [least, most] = bytes ?? [0, Number.POSITIVE_INFINITY];
  const size = Buffer.byteLength(text);
  const range = least === most ? 'one byte' : `${least} to ${most} bytes`;
  if (size < least || size > most) reader.problem(path, `must have ${range}`, text === '' ? "''" : text);
  return text;
}

function readPattern(reader: Reader, block: BlockName, pattern: string, path: Path): Take | undefined {
  if (pattern === '') return undefined;
  if (block === 'dissect') {
    const names = [...pattern.matchAll(/%\{([^}]*)\}/g)].map(([, key]) =>
      (key as string).replace(/^[+&*?]|->$|\/\d+(->)?$/g, ''),
    );
    return { kind: 'block', block, params: [pattern], names: names.filter((name) => name !== ''), pattern };
  }
  const expanded = expand(reader, block, pattern, path);
  if (expanded === undefined) return undefined;
  const params = [expanded.source, ...expanded.captures.map(({ group, name }) => `${group}=${name}`)];
  return { kind: 'block', block, params, names: expanded.captures.map(({ name }) => name), pattern };
}

interface Expanded {
  readonly source: string;
  readonly captures: readonly { readonly group: number; readonly name: string }[];
}

function expand(reader: Reader, block: BlockName, pattern: string, path: Path): Expanded | undefined {
  try {
    if (block === 'grok') return expandGrok(pattern, standardLibrary());
    const { source, groups } = translate(pattern);
    return { source, captures: groups };
  } catch (error) {
    if (!(error instanceof GrokError || error instanceof TranslateError)) throw error;
    reader.problem(path, error.message, pattern);
    return undefined;
  }
}
