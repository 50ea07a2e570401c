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
}

/** Options by block. A block without any is written `cef: {}`; those without a table are patterns: a text. */
export const blockOptions = {
  kv: {
    pairs: { kind: 'texts' },
    values: { kind: 'texts' },
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
    columns: { kind: 'texts' },
    delimiter: { kind: 'texts' },
    quote: { kind: 'texts' },
    least: { kind: 'number' },
  },
  w3c: { columns: { kind: 'texts' }, delimiter: { kind: 'texts' } },
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
  const params = Object.entries(raw).flatMap(([name, item]) => {
    const option = options[name];
    const at = [...path, name];
    if (option === undefined) return [];
    if (option.values)
      return [`${name}=${reader.oneOf(item as string, at, option.values, option.values[0] as string)}`];
    if (option.kind === 'number' && !Number.isSafeInteger(item)) reader.problem(at, 'must be a whole number', item);
    const key = name === 'columns' ? 'column' : name;
    return reader.texts(item, at).map((text) => `${key}=${text}`);
  });
  if (block === 'user_agent') return { kind: 'block', block, params: userAgentRows(), names: userAgentNames };
  if (block === 'url') return { kind: 'block', block, params, names: urlNames };
  const columns =
    raw.columns === undefined || block === 'w3c'
      ? []
      : reader.texts(raw.columns, [...path, 'columns']).filter((name) => name !== '');
  return { kind: 'block', block, params, names: columns };
}

function readPattern(reader: Reader, block: BlockName, pattern: string, path: Path): Take | undefined {
  if (pattern === '') return undefined;
  if (block === 'dissect') {
    const names = [...pattern.matchAll(/%\{([^}]*)\}/g)].map(([, key]) =>
      (key as string).replace(/^[+&*?]|->$|\/\d+(->)?$/g, ''),
    );
    return { kind: 'block', block, params: [pattern], names: names.filter((name) => name !== '') };
  }
  const expanded = expand(reader, block, pattern, path);
  if (expanded === undefined) return undefined;
  const params = [expanded.source, ...expanded.captures.map(({ group, name }) => `${group}=${name}`)];
  return { kind: 'block', block, params, names: expanded.captures.map(({ name }) => name) };
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
