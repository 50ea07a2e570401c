/**
 * Brings dead letters to a sink of their own, as PENSTOCK_DEAD_LETTER asks: what one sink refused is a journal, delivered like any
 * other, with a cursor of its own and nothing twice. They stay where they are, too.
 */
import type { Logger } from 'pino';
import type { Sink } from '../contracts.js';
import { every } from '../every.js';
import { deadLetterDirectory, deadLetterSinks } from '../journal/dead-letter.js';
import { Journal } from '../journal/journal.js';
import type { CircuitBreaker } from './breaker.js';
import { Deliveries } from './deliveries.js';

const lookMs = 1000;
const segmentBytes = 64 * 2 ** 20;

export interface ForwarderSettings {
  /** The journal whose sinks may have dead letters. */
  readonly directory: string;
  /** Makes the sink that gets what another one refused. */
  readonly makeSink: (id: string) => Sink;
  readonly breakerOf: (sinkId: string) => CircuitBreaker;
  readonly log: Logger;
}

export class DeadLetterForwarder {
  readonly #settings: ForwarderSettings;
  readonly #running = new Map<
    string,
    { readonly journal: Journal; readonly deliveries: Deliveries; readonly id: string }
  >();
  #end = (): void => {};

  constructor(settings: ForwarderSettings) {
    this.#settings = settings;
  }

  start(): void {
    this.#look();
    this.#end = every(lookMs, () => this.#look());
  }

  /** Of what a sink refused: forwarded by this run, in events. */
  forwarded(sinkId: string): number {
    const running = this.#running.get(sinkId);
    return running?.deliveries.figures().get(running.id)?.delivered_events_total ?? 0;
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#end();
    await Promise.all(
      [...this.#running.values()].map(async ({ journal, deliveries }) => {
        await deliveries.stop(deadlineMs);
        journal.close();
      }),
    );
    this.#running.clear();
  }

  /** The first dead letter of a sink makes its directory. */
  #look(): void {
    const { directory, log } = this.#settings;
    try {
      for (const sinkId of deadLetterSinks(directory)) if (!this.#running.has(sinkId)) this.#begin(sinkId);
    } catch (error) {
      log.error({ err: error }, 'dead letters cannot be forwarded; trying again');
    }
  }

  #begin(sinkId: string): void {
    const { directory, makeSink, breakerOf, log } = this.#settings;
    const id = `dead-letter.${sinkId}`;
    const sink = makeSink(id); // first: what it throws leaves no journal locked
    const journal = new Journal({ directory: deadLetterDirectory(directory, sinkId), segmentBytes, bytesMax: 0 });
    const deliveries = new Deliveries({ journal, sinks: [sink], log, breakerOf, alsoNeeds: () => null });
    this.#running.set(sinkId, { journal, deliveries, id });
    deliveries.start((error) => log.fatal({ err: error, sink: id }, 'dead letters cannot be forwarded as configured'));
  }
}
