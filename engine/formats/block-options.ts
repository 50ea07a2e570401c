/** The building blocks a step can name, and their options (native/src/packs/block_set.cc takes them). */
import type { Take } from './pack-file.js';
import type { Path, Reader } from './reader.js';

interface BlockOption {
  readonly kind: 'texts' | 'enum';
  readonly values?: readonly string[];
}

/** Options by block. A block without any is written `cef: {}`. */
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
} as const satisfies Record<string, Record<string, BlockOption>>;

export type BlockName = keyof typeof blockOptions;

export function isBlock(name: string): name is BlockName {
  return name in blockOptions;
}

export function readBlock(reader: Reader, block: BlockName, value: unknown, path: Path): Take {
  const options: Record<string, BlockOption> = blockOptions[block];
  const raw = reader.object(value, path, Object.keys(options)) ?? {};
  const params = Object.entries(raw).flatMap(([name, item]) => {
    const option = options[name];
    if (option === undefined) return [];
    if (option.values) {
      const values: readonly string[] = option.values;
      return [`${name}=${reader.oneOf(item as string, [...path, name], values, values[0] as string)}`];
    }
    return reader.texts(item, [...path, name]).map((text) => `${name}=${text}`);
  });
  return { kind: 'block', block, params, names: [] };
}
