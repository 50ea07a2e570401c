/** Reads a YAML node as one shape or another; every mistake is noted with its place, and reading goes on. */
import { Document, isNode, parseDocument } from 'yaml';
import { plainYaml } from '../config/plain-yaml.js';
import { didYouMean } from '../config/suggest.js';
import type { PackProblem } from './pack-file.js';

export type Path = readonly (string | number)[];

const fileBytesMax = 1 << 20;

export class Reader {
  readonly problems: PackProblem[] = [];
  readonly document: Document;

  /** `prefix`: where in the pack what is read stands, when it is not the pack itself. What is too large is not parsed. */
  constructor(
    readonly file: string,
    readonly source: string,
    readonly prefix: Path = [],
  ) {
    this.document = source.length > fileBytesMax ? new Document() : parseDocument(source, { uniqueKeys: true });
  }

  problem(path: Path, allowed: string, value?: unknown): void {
    const shown = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
    const here = path.slice(this.prefix.length);
    this.problems.push({ file: this.file, line: this.#line(here), path: pathText(here), value: shown, allowed });
  }

  /** The whole document as an object; undefined where it is too large, no YAML, or none. */
  root(known: readonly string[]): Record<string, unknown> | undefined {
    if (this.source.length > fileBytesMax) {
      this.problem(this.prefix, 'must be at most 1 MiB');
      return undefined;
    }
    for (const error of this.document.errors) {
      const line = this.source.slice(0, error.pos[0]).split('\n').length;
      const allowed = `must be valid YAML: ${(error.message.split('\n')[0] ?? '').replace(/:$/, '')}`;
      this.problems.push({ file: this.file, line, path: pathText([]), value: '', allowed });
    }
    if (this.document.errors.length > 0) return undefined;
    const plain = plainYaml(this.document);
    if (typeof plain === 'object') return this.object(plain.value, this.prefix, known);
    this.problem(this.prefix, `must be valid YAML: ${plain}`);
    return undefined;
  }

  /** An object with no other keys than those listed. */
  object(value: unknown, path: Path, known?: readonly string[]): Record<string, unknown> | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.problem(path, 'must be a mapping', value ?? null);
      return undefined;
    }
    const object = value as Record<string, unknown>;
    for (const key of known ? Object.keys(object) : [])
      if (!known?.includes(key))
        this.problem(
          [...path, key],
          `there is no such key${didYouMean(key, known ?? [])}; allowed: ${known?.join(', ')}`,
        );
    return object;
  }

  list(value: unknown, path: Path): readonly unknown[] {
    if (Array.isArray(value)) return value;
    this.problem(path, 'must be a list', value ?? null);
    return [];
  }

  text(value: unknown, path: Path, allowed = 'must be a text'): string {
    if (typeof value === 'string' && value !== '') return value;
    this.problem(path, allowed, value ?? null);
    return '';
  }

  /** true or false; false when it is not said. */
  flag(value: unknown, path: Path): boolean {
    if (value !== undefined && typeof value !== 'boolean') this.problem(path, 'must be true or false', value);
    return value === true;
  }

  /** A text, or a list of at least one. Numbers count as their text. */
  texts(value: unknown, path: Path): string[] {
    const items = Array.isArray(value) ? value : [value];
    if (items.length === 0) this.problem(path, 'must be a text or a list of texts, not an empty one');
    return items.flatMap((item, i) => {
      if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean') return [String(item)];
      this.problem(Array.isArray(value) ? [...path, i] : path, 'must be a text or a list of texts', item ?? null);
      return [];
    });
  }

  oneOf<T extends string>(value: unknown, path: Path, values: readonly T[], fallback: T): T {
    if (value === undefined) return fallback;
    if (values.includes(value as T)) return value as T;
    this.problem(path, `must be one of ${values.join(', ')}`, value);
    return fallback;
  }

  #line(path: Path): number {
    for (let depth = path.length; depth >= 0; depth--) {
      const node = depth === 0 ? this.document.contents : this.document.getIn(path.slice(0, depth), true);
      const offset = isNode(node) ? node.range?.[0] : undefined;
      if (offset !== undefined) return this.source.slice(0, offset).split('\n').length;
    }
    return 1;
  }
}

export function pathText(path: Path): string {
  if (path.length === 0) return 'the file';
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('');
}
