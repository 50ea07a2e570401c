import type { Logger } from 'pino';
import type { JournalPosition, Sink } from '../contracts.js';
import { every } from '../every.js';
import type { DeadLetterLimit } from '../journal/dead-letter-space.js';
import type { Journal } from '../journal/journal.js';
import type { JournalBatch } from '../journal/journal-batch.js';
import { listIntervalMs } from '../journal/lane-reader.js';
import type { SegmentPlace } from '../journal/space.js';
import type { CircuitBreaker } from './breaker.js';
import { DeadLetters } from './dead-letters.js';
import { Delivery } from './delivery.js';
import { Removed } from './removed.js';

const reclaimMs = 250;
const drainPollMs = 10;

export interface DeliveriesSettings {
  readonly journal: Journal;
  readonly sinks: readonly Sink[];
  readonly log: Logger;
  /** For each sink's dead letters; default: no limit. */
  readonly deadLetterLimit?: DeadLetterLimit;
  /** How long the journal keeps what a removed sink had not got; default: not at all. */
  readonly removedKeepMs?: number;
  /** The circuit breaker of a sink; missing: none opens. */
  readonly breakerOf?: (sinkId: string) => CircuitBreaker;
  readonly onDelivered?: (sink: Sink, batch: JournalBatch, ackMs: number) => void;
  /** From where on somebody besides the sinks still needs a lane (who counts it); null: all of it. */
  readonly alsoNeeds?: (lane: number) => JournalPosition | null;
}

/** Every sink's delivery, and the deletion of segments that all of them have. */
export class Deliveries {
  readonly #settings: DeliveriesSettings;
  readonly #journal: Journal;
  readonly #log: Logger;
  readonly #alsoNeeds: ((lane: number) => JournalPosition | null) | undefined;
  readonly #deliveries = new Map<string, Delivery>();
  readonly #removed: Removed;
  #onFatal: (error: unknown) => void = () => {};
  #endReclaiming = (): void => {};

  constructor(settings: DeliveriesSettings) {
    this.#settings = settings;
    this.#journal = settings.journal;
    this.#log = settings.log;
    this.#alsoNeeds = settings.alsoNeeds;
    this.#removed = new Removed(settings.journal, settings.log, settings.removedKeepMs ?? 0);
    for (const sink of settings.sinks) this.#deliveries.set(sink.spec.id, this.#make(sink));
    this.#removed.update([...this.#deliveries.keys()]);
  }

  /** Starts all; a sink whose far side is down keeps trying without holding up the others. `onFatal`: no retry can mend it. */
  start(onFatal: (error: unknown) => void): void {
    this.#onFatal = onFatal;
    for (const delivery of this.#deliveries.values()) delivery.start().catch(onFatal);
    this.#endReclaiming = every(reclaimMs, () => this.#reclaim());
  }

  /** One more sink while events flow; `committedBefore`: events of this run committed when it came. It gets what the journal still has for it. */
  add(sink: Sink, committedBefore: number): void {
    const delivery = this.#make(sink, committedBefore);
    this.#deliveries.set(sink.spec.id, delivery);
    this.#removed.update([...this.#deliveries.keys()]);
    delivery.start().catch(this.#onFatal);
  }

  /** Stops a sink's delivery; what it had not got is kept as `removedKeepMs` says. `comesAgain`: another of its name is about to be added. */
  async remove(sinkId: string, deadlineMs: number, comesAgain = false): Promise<void> {
    await this.#deliveries.get(sinkId)?.stop(deadlineMs);
    this.#deliveries.delete(sinkId);
    this.#removed.update([...this.#deliveries.keys()], comesAgain);
  }

  /** Removed sinks that the journal still keeps events for. */
  get removedHeld(): number {
    return this.#removed.count;
  }

  /** Events have priority from now on; called before the first of them is stored. */
  prioritise(): void {
    this.#journal.prioritise();
    for (const delivery of this.#deliveries.values()) delivery.prioritise();
  }

  /** A worker committed a group. */
  notify(): void {
    for (const delivery of this.#deliveries.values()) delivery.notify();
  }

  /** Resolves when every sink has all that is committed, or at the deadline: false. */
  async drain(deadlineMs: number): Promise<boolean> {
    const until = performance.now() + deadlineMs;
    let drainedMs = Number.POSITIVE_INFINITY;
    for (;;) {
      // Readers notice a new segment a little late: drained means drained for longer than that.
      const drained = [...this.#deliveries.values()].every((delivery) => delivery.drained());
      drainedMs = drained ? Math.min(drainedMs, performance.now()) : Number.POSITIVE_INFINITY;
      if (performance.now() - drainedMs > 2 * listIntervalMs) return true;
      if (performance.now() >= until) return false;
      this.notify();
      await new Promise((resolve) => setTimeout(resolve, drainPollMs));
    }
  }

  delivery(sinkId: string): Delivery | undefined {
    return this.#deliveries.get(sinkId);
  }

  /** By sink id. */
  figures(): ReadonlyMap<string, Readonly<Record<string, number>>> {
    return new Map([...this.#deliveries].map(([id, delivery]) => [id, delivery.figures()]));
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#endReclaiming();
    await Promise.all([...this.#deliveries.values()].map((delivery) => delivery.stop(deadlineMs)));
    this.#reclaim();
  }

  /**
   * Gives up the oldest of a full journal: every sink passes over these segments, which are then deleted as delivered ones are. Not
   * what a sink keeps in the journal as its own (the store's young part). Answers the events dropped, by sink.
   */
  drop(segments: readonly SegmentPlace[]): ReadonlyMap<string, number> {
    const dropped = new Map<string, number>();
    for (const { lane, segment } of segments) {
      if ([...this.#deliveries.values()].some((delivery) => delivery.holdsBack(lane, segment))) continue;
      for (const [sink, delivery] of this.#deliveries) {
        const events = delivery.drop(lane, segment);
        if (events > 0) dropped.set(sink, (dropped.get(sink) ?? 0) + events);
      }
    }
    return dropped;
  }

  #reclaim(): void {
    try {
      const removed = this.#removed.holding();
      this.#journal.reclaim((lane) => {
        const needs = [...this.#deliveries.values()].map((delivery) => delivery.needs(lane));
        needs.push(...removed.map((needsOf) => needsOf(lane)));
        return this.#alsoNeeds ? [...needs, this.#alsoNeeds(lane)] : needs;
      });
    } catch (error) {
      this.#log.error({ err: error }, 'cannot delete delivered segments of the journal; trying again');
    }
  }

  #make(sink: Sink, committedBefore = 0): Delivery {
    const { journal, log, onDelivered, breakerOf } = this.#settings;
    const identity = { node: journal.identity.node, boot: journal.boot };
    const deadLetters = new DeadLetters(journal.directory, sink.spec.id, identity, this.#settings.deadLetterLimit);
    const observe = onDelivered && ((batch: JournalBatch, ackMs: number) => onDelivered(sink, batch, ackMs));
    return new Delivery({
      sink,
      journal,
      deadLetters,
      log,
      committedBefore,
      ...(breakerOf && { breaker: breakerOf(sink.spec.id) }),
      ...(observe && { onDelivered: observe }),
    });
  }
}
