/** One subject of the registry: makes sure that it has the schema, however long that takes. */
import type { Logger } from 'pino';
import { type RegistryClient, RegistryError, type SchemaText } from '../../adapters/registries/confluent/client.js';
import { backoffMs, pause } from '../backoff.js';

const firstPauseMs = 1_000;
const longestPauseMs = 60_000;

export type SubjectState = 'waiting' | 'registered' | 'incompatible';

export class Subject {
  state: SubjectState = 'waiting';
  /** Of the schema, once it is known, be it from an earlier run. */
  id: number | null = null;
  /** Rounds that ended without an id. */
  failures = 0;
  /** In a sentence: why it has no id yet. */
  problem = 'the registry has not been asked yet';
  #waiting: (() => void)[] = [];

  constructor(
    readonly name: string,
    private readonly schema: SchemaText,
    private readonly client: RegistryClient,
    /** False: only looked up. */
    private readonly register: boolean,
    private readonly log: Logger,
    /** What comes of it that there is no id. */
    private readonly consequence: (refused: boolean) => string,
  ) {}

  /** Resolves after the round under way, or the next one, whatever comes of it; at once when it is no longer asked. */
  nextRound(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Whoever waits for a round goes on. */
  release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Asks until the registry has the schema, or `signal` is aborted. */
  async keepAsking(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; !signal.aborted; attempt++) {
      const done = await this.#round(signal);
      this.release();
      if (done) return;
      // What is refused is asked again, too: the subject's compatibility may be changed. No jitter below half, so that it is not hot.
      const ms = this.state === 'incompatible' ? longestPauseMs : backoffMs(attempt, firstPauseMs, longestPauseMs);
      await pause(Math.max(ms, firstPauseMs / 2), signal);
    }
  }

  async #round(signal: AbortSignal): Promise<boolean> {
    try {
      this.id = await this.#ask(signal);
      this.state = 'registered';
      this.problem = '';
      this.log.info({ subject: this.name, id: this.id, schema_type: this.schema.type }, 'the registry has the schema');
      return true;
    } catch (error) {
      if (!signal.aborted) this.#failed(error as Error);
      return false;
    }
  }

  async #ask(signal: AbortSignal): Promise<number> {
    const known = await this.client.find(this.name, this.schema, signal);
    if (known !== null) return known;
    if (!this.register)
      throw new RegistryError(
        40403,
        'the registry does not have this schema, and PENSTOCK_SCHEMA_REGISTER is off',
        true,
      );
    const reasons = await this.client.incompatibilities(this.name, this.schema, signal);
    if (reasons.length > 0) throw new RegistryError(409, `not compatible: ${reasons.slice(0, 5).join('; ')}`, false);
    return this.client.register(this.name, this.schema, signal);
  }

  #failed(error: Error): void {
    this.failures++;
    const refused = error instanceof RegistryError && !error.again;
    const problem = error.message;
    const news = problem !== this.problem || refused !== (this.state === 'incompatible');
    this.problem = problem;
    this.state = refused ? 'incompatible' : 'waiting';
    if (!news) return; // counted, not repeated
    const details = { subject: this.name, schema_type: this.schema.type };
    const consequence = this.consequence(refused);
    if (refused) this.log.error(details, `the schema registry refuses the schema: ${problem}; ${consequence}`);
    else this.log.warn(details, `the schema registry: ${problem}; trying again, ${consequence}`);
  }
}
