/** Ids that a registry gave, kept in the data directory: a process that knows its id needs no registry to start. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SchemaText } from '../../adapters/registries/confluent/client.js';

export class KnownIds {
  readonly #path: string;
  readonly #ids: Map<string, number>;

  /** `registries`: ids of others are of no account. */
  constructor(
    private readonly directory: string,
    private readonly registries: readonly string[],
  ) {
    this.#path = join(directory, 'schema-ids.json');
    this.#ids = new Map(Object.entries(readIds(this.#path)));
  }

  get(subject: string, schema: SchemaText): number | null {
    return this.#ids.get(this.#key(subject, schema)) ?? null;
  }

  /** @throws when the disk does not take it */
  set(subject: string, schema: SchemaText, id: number): void {
    this.#ids.set(this.#key(subject, schema), id);
    mkdirSync(this.directory, { recursive: true });
    writeFileSync(`${this.#path}.new`, `${JSON.stringify(Object.fromEntries(this.#ids), null, 2)}\n`);
    renameSync(`${this.#path}.new`, this.#path);
  }

  #key(subject: string, { type, text }: SchemaText): string {
    const digest = createHash('sha256').update(`${type}\n${text}`).digest('hex').slice(0, 16);
    return `${[...this.registries].sort().join(' ')} ${subject} ${digest}`;
  }
}

/** Nothing of a file that is not there or not one of ours: the registry is asked then. */
function readIds(path: string): Record<string, number> {
  try {
    const ids = JSON.parse(readFileSync(path, 'utf8')) as unknown;
    if (typeof ids !== 'object' || ids === null) return {};
    const good = Object.entries(ids).filter(([, id]) => Number.isInteger(id) && id >= 0 && id <= 0x7fffffff);
    return Object.fromEntries(good);
  } catch {
    return {};
  }
}
