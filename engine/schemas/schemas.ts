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
import { KnownIds } from './known-ids.js';
import { Subject } from './subject.js';
import { WriterSchemas } from './writer-schemas.js';

export class Schemas {
  readonly #stop = new AbortController();
  readonly #subjects = new Map<string, Subject>();
  readonly #client: RegistryClient | null;
  readonly #schema: SchemaText;
  readonly #known: KnownIds | null;
  /** Of what senders send; null: there is no registry. */
  readonly writers: WriterSchemas | null;
  /** Value of the record header "schema". */
  readonly fingerprint: string;
  /** What values begin with, from the end of `start` on; −1: with no id. */
  prefixId = -1;
  #start: 'before' | 'waits' | 'over' = 'before';

  constructor(
    private readonly settings: Settings,
    private readonly log: Logger,
  ) {
    const form = formOf(settings.encoding);
    const { registries, prefix } = settings.schemas;
    // OCSF is for no registry: configuration has checked that there is none.
    this.#schema = registrySchema(form === 'ocsf' ? 'json' : form);
    this.fingerprint = schemaFingerprint(form);
    this.#client = registries.length > 0 ? makeClient(settings.schemas) : null;
    this.writers = this.#client
      ? new WriterSchemas(this.#client, settings.dataDir, registries, this.#stop.signal, log)
      : null;
    this.#known = prefix ? new KnownIds(settings.dataDir, registries) : null;
  }

  /**
   * Resolves when every subject is registered, or the first round took too long: then it is tried on, and nothing waits for it. Only
   * what values are to begin with is waited for, where no earlier run came to know it.
   * @throws OperatingError when the registry answers that a schema may not follow the one it has
   */
  async start(): Promise<void> {
    const rounds = this.take(this.settings.sinks);
    if (this.#known && rounds.length > 0 && !this.#knowsAll()) {
      this.#start = 'waits';
      this.log.info('waiting for the schema registry: no earlier run came to know the id that values begin with');
      await Promise.all(rounds);
      while (!this.#refused() && !this.#knowsAll() && !this.#stop.signal.aborted)
        await Promise.race([...this.#subjects.values()].filter(({ id }) => id === null).map((one) => one.nextRound()));
    } else {
      await withinTime(Promise.all(rounds), this.settings.schemas.timeoutMs);
    }
    const refused = this.#refused();
    if (refused) throw refusal(refused);
    this.#start = 'over';
    if (this.#known) this.prefixId = this.#theId();
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
        const subject = new Subject(name, this.#schema, client, register, this.log, (refused) => this.#then(refused));
        subject.id = this.#known?.get(name, this.#schema) ?? null;
        this.#subjects.set(name, subject);
        const first = subject.nextRound();
        void subject.keepAsking(this.#stop.signal).then(() => this.#registered(subject));
        return first;
      });
  }

  /** What the start waits for; empty: for nothing here. */
  get waitsFor(): string {
    const subject = this.#start === 'waits' ? [...this.#subjects.values()].find(({ id }) => id === null) : undefined;
    return subject ? `the id of the schema of ${subject.name}, which values begin with: ${subject.problem}` : '';
  }

  #then(refused: boolean): string {
    if (this.#start === 'over') return refused ? 'events are delivered without its consent' : 'events are not held up';
    if (refused) return 'without its consent nothing is started';
    return this.#start === 'waits' ? 'the start waits for it' : 'events are not held up';
  }

  stop(): void {
    this.#stop.abort();
    for (const subject of this.#subjects.values()) subject.release();
  }

  readings(): SchemaReadings {
    const subjects = [...this.#subjects.values()];
    return {
      fingerprint: this.fingerprint,
      subjects: subjects.map(({ name, state, failures }) => ({ name, state, failures })),
    };
  }

  #knowsAll(): boolean {
    return [...this.#subjects.values()].every(({ id }) => id !== null);
  }

  #refused(): Subject | undefined {
    return [...this.#subjects.values()].find(({ state }) => state === 'incompatible');
  }

  #theId(): number {
    const [first, ...others] = [...this.#subjects.values()];
    const other = others.find(({ id }) => id !== first?.id);
    if (!other || !first) return first?.id ?? -1;
    throw new OperatingError(
      'SCHEMA_IDS_DIFFER',
      `the registry knows the schema of ${first.name} as ${first.id}, and that of ${other.name} as ${other.id}: values begin with one id`,
      'give the topics one subject (PENSTOCK_SCHEMA_SUBJECT=events-value), or use PENSTOCK_SCHEMA_ID=header',
    );
  }

  #registered({ name, id }: Subject): void {
    if (this.#known === null || id === null) return;
    try {
      this.#known.set(name, this.#schema, id);
    } catch (error) {
      this.log.warn({ err: error }, 'the id of the schema could not be kept: the next start needs the registry');
    }
    if (this.prefixId !== -1 && id !== this.prefixId)
      this.log.error(
        { subject: name, id, used: this.prefixId },
        'the registry has another id for the schema than values begin with: restart to use it',
      );
  }
}

function refusal({ name, problem }: Subject): OperatingError {
  return new OperatingError(
    'SCHEMA_REFUSED',
    `the registry refuses the schema of ${name}: ${problem}`,
    'use another subject (PENSTOCK_SCHEMA_SUBJECT) or topic, set the compatibility of this one to NONE, or go without PENSTOCK_SCHEMA_REGISTRY',
  );
}

async function withinTime(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
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
