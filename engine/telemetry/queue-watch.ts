/**
 * How full the queues between the stages are, and whether one is above its high water mark: it is from there on until it is below the low
 * one. What it is about is said once in the log. Full is an answer each stage gives by itself; this tells before it is.
 */
import type { Logger } from 'pino';
import { every } from '../every.js';

const watchMs = 500;

export interface QueueDepth {
  /** In the order in which events pass them. */
  readonly stage: 'ring' | 'batches' | 'journal' | 'in_flight';
  /** Of a sink; '': of all that comes. */
  readonly sink: string;
  readonly depthBytes: number;
  readonly capacityBytes: number;
  /** 0 to 1: of several, the fullest. */
  readonly fill: number;
}

export interface QueueReading extends QueueDepth {
  /** Above the high water mark, and not yet below the low one. */
  readonly high: boolean;
  /** How often it came above the high one. */
  readonly raised: number;
}

export interface QueueWatchSettings {
  readonly depths: () => readonly QueueDepth[];
  /** Percent of the capacity. */
  readonly marks: () => { readonly high: number; readonly low: number };
  readonly log: Logger;
}

/** What a queue's being full comes to, for whoever reads the log. */
const meaning: Readonly<Record<QueueDepth['stage'], string>> = {
  ring: 'workers do not keep up with what is received: when it is full, senders are held back and UDP is lost',
  batches: 'what is finished waits for the journal to take it',
  journal: 'sinks do not keep up: when it is full, PENSTOCK_JOURNAL_WHEN_FULL says what happens',
  in_flight: 'the sink takes less than there is: the journal keeps the rest',
};

export class QueueWatch {
  readonly #settings: QueueWatchSettings;
  readonly #states = new Map<string, { high: boolean; raised: number }>();
  #end = (): void => {};

  constructor(settings: QueueWatchSettings) {
    this.#settings = settings;
  }

  start(): void {
    this.#end = every(watchMs, () => this.check());
  }

  stop(): void {
    this.#end();
  }

  check(): void {
    const { high, low } = this.#settings.marks();
    for (const depth of this.#settings.depths()) {
      const state = this.#state(depth);
      const percent = depth.fill * 100;
      if (state.high ? percent >= low : percent < high) continue;
      state.high = !state.high;
      if (state.high) state.raised++;
      this.#tell(depth, state.high);
    }
  }

  readings(): QueueReading[] {
    return this.#settings.depths().map((depth) => ({ ...depth, ...this.#state(depth) }));
  }

  #state({ stage, sink }: QueueDepth): { high: boolean; raised: number } {
    const name = `${stage} ${sink}`;
    const known = this.#states.get(name);
    const state = known ?? { high: false, raised: 0 };
    if (known === undefined) this.#states.set(name, state);
    return state;
  }

  #tell({ stage, sink, fill }: QueueDepth, high: boolean): void {
    const { log } = this.#settings;
    const where = { stage, ...(sink !== '' && { sink }), percent: Math.round(fill * 100) };
    const name = sink === '' ? stage : `${stage} of ${sink}`;
    if (!high) log.info(where, `${name}: below the low water mark again`);
    else if (stage === 'in_flight') log.info(where, `${name}: above the high water mark; ${meaning[stage]}`);
    else log.warn(where, `${name}: above the high water mark; ${meaning[stage]}`);
  }
}
