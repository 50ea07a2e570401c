/** The schemas of what is delivered: their fingerprint, and their places in a registry when one is configured. */
import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { RegistryClient, type SchemaText } from '../../adapters/registries/confluent/client.js';
import type { SchemaSettings } from '../config/schemas.js';
import type { Settings } from '../config/settings.js';
import type { SinkSpec } from '../contracts.js';
import { OperatingError } from '../errors.js';
import type { SchemaReadings } from '../readings.js';
import { sinkTypeOf } from '../sinks.js';
import { formOf, registrySchema, schemaFingerprint } from './forms.js';
import { Subject } from './subject.js';

export class Schemas {
  readonly #stop = new AbortController();
  readonly #subjects = new Map<string, Subject>();
  readonly #client: RegistryClient | null;
  readonly #schema: SchemaText;
  /** Value of the record header "schema". */
  readonly fingerprint: string;

  constructor(
    private readonly settings: Settings,
    private readonly log: Logger,
  ) {
    const form = formOf(settings.encoding);
    this.#schema = registrySchema(form);
    this.fingerprint = schemaFingerprint(form);
    this.#client = settings.schemas.registries.length > 0 ? makeClient(settings.schemas) : null;
  }

  /**
   * Resolves when every subject is registered, or the first round took too long: then it is tried on, and nothing waits for it.
   * @throws OperatingError when the registry answers that a schema may not follow the one it has
   */
  async start(): Promise<void> {
    const rounds = this.take(this.settings.sinks);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.settings.schemas.timeoutMs);
    });
    await Promise.race([Promise.all(rounds), late]);
    clearTimeout(timer);
    const refused = [...this.#subjects.values()].find(({ state }) => state === 'incompatible');
    if (!refused) return;
    throw new OperatingError(
      'SCHEMA_REFUSED',
      `the registry refuses the schema of ${refused.name}: ${refused.problem}`,
      'use another subject (PENSTOCK_SCHEMA_SUBJECT) or topic, set the compatibility of this one to NONE, or go without PENSTOCK_SCHEMA_REGISTRY',
    );
  }

  /** Registers what the sinks' topics need and is not known yet. Answers a promise for each new subject's first round. */
  take(sinks: readonly SinkSpec[]): Promise<void>[] {
    const client = this.#client;
    if (client === null) return [];
    const { subject: pattern, register } = this.settings.schemas;
    const topics = sinks.flatMap((spec) => sinkTypeOf(spec).topics?.(spec) ?? []);
    const names = new Set(topics.map((topic) => pattern.replaceAll('{topic}', topic)));
    return [...names]
      .filter((name) => !this.#subjects.has(name))
      .map((name) => {
        const subject = new Subject(name, this.#schema, client, register, this.log);
        this.#subjects.set(name, subject);
        return new Promise<void>((resolve) => void subject.keepAsking(this.#stop.signal, resolve).then(resolve));
      });
  }

  stop(): void {
    this.#stop.abort();
  }

  readings(): SchemaReadings {
    const subjects = [...this.#subjects.values()];
    return {
      fingerprint: this.fingerprint,
      subjects: subjects.map(({ name, state, failures }) => ({ name, state, failures })),
    };
  }
}

function makeClient({ registries, user, password, caFile, timeoutMs }: SchemaSettings): RegistryClient {
  return new RegistryClient({ urls: registries, user, password, ca: readCa(caFile), timeoutMs });
}

function readCa(file: string | null): string | null {
  if (file === null) return null;
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const message = `PENSTOCK_SCHEMA_REGISTRY_CA=${file} cannot be read: ${(cause as Error).message}`;
    throw new OperatingError('SCHEMA_REGISTRY_CA', message, 'name a PEM file that the process may read', { cause });
  }
}
