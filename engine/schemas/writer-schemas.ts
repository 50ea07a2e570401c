/**
 * Schemas of a registry by id, as senders name them (Confluent's wire format). An id has one schema for ever: what was once told is
 * kept, in memory and in the data directory, and no event of a known id waits for the registry.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type RegistryClient, RegistryError } from '../../adapters/registries/confluent/client.js';
import { standAlone } from '../../adapters/registries/confluent/references.js';

const knownMax = 1000;
const textCharsMax = 1024 * 1024;
/** Calls under way: senders of ids that nobody knows do not become a flood for the registry. */
const callsMax = 4;
/** The registry is not asked again for so long after it said that there is no such id, or did not answer. */
const pauseMs = 5_000;

export class WriterSchemas {
  readonly #directory: string;
  readonly #known = new Map<number, string>();
  readonly #calls = new Map<number, Promise<string | null>>();
  /** Ids that the registry did not have, and when it may be asked again (ms, monotonic). */
  readonly #absent = new Map<number, number>();
  #down: { readonly until: number; readonly error: Error } | null = null;
  #kept = 0;

  /** `registries`: ids of others are of no account. */
  constructor(
    private readonly client: RegistryClient,
    dataDir: string,
    registries: readonly string[],
    private readonly signal: AbortSignal,
    private readonly log: Logger,
  ) {
    const of = createHash('sha256')
      .update([...registries].sort().join(' '))
      .digest('hex')
      .slice(0, 16);
    this.#directory = join(dataDir, 'writer-schemas', of);
    this.#read();
  }

  /** Text of the schema; null: the registry has none of this id. Rejects where the registry cannot be asked now. */
  byId(id: number): Promise<string | null> {
    const known = this.#known.get(id);
    if (known !== undefined) return Promise.resolve(known);
    const under = this.#calls.get(id);
    if (under) return under;
    const now = performance.now();
    if ((this.#absent.get(id) ?? 0) > now) return Promise.resolve(null);
    if (this.#down && this.#down.until > now) return Promise.reject(this.#down.error);
    if (this.#calls.size >= callsMax) return Promise.reject(new Error('too many schemas are being asked for'));
    const call = this.#ask(id).finally(() => this.#calls.delete(id));
    this.#calls.set(id, call);
    return call;
  }

  async #ask(id: number): Promise<string | null> {
    try {
      const schema = await this.client.schemaOf(id, this.signal);
      const avro = schema?.type === 'AVRO';
      const text = avro ? await standAlone(this.client, schema, textCharsMax, this.signal) : null;
      this.#down = null;
      if (text !== null && text.length <= textCharsMax) {
        this.#remember(id, text);
        return text;
      }
      if (this.#absent.size >= knownMax) this.#absent.clear();
      this.#absent.set(id, performance.now() + pauseMs);
      return null;
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      this.#down = { until: performance.now() + pauseMs, error };
      this.log.warn({ id }, `the schema registry does not tell a sender's schema: ${error.message}`);
      throw error;
    }
  }

  #remember(id: number, text: string): void {
    for (const oldest of this.#known.keys()) {
      if (this.#known.size < knownMax) break;
      this.#known.delete(oldest);
    }
    this.#known.set(id, text);
    if (this.#kept >= knownMax) return;
    const path = join(this.#directory, `${id}.avsc`);
    try {
      mkdirSync(this.#directory, { recursive: true });
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
      this.#kept++;
    } catch (error) {
      this.log.warn({ err: error }, "a sender's schema could not be kept: after a restart the registry is asked again");
    }
  }

  #read(): void {
    try {
      for (const name of readdirSync(this.#directory)) {
        const id = /^(\d{1,10})\.avsc$/.exec(name)?.[1];
        if (id === undefined || this.#known.size >= knownMax) continue;
        this.#known.set(Number(id), readFileSync(join(this.#directory, name), 'utf8'));
        this.#kept++;
      }
    } catch {
      // No folder yet, or not one of ours: the registry is asked.
    }
  }
}
