import type { JournalPosition } from '../contracts.js';
import { earlierOf } from '../journal/cursor.js';
import { EventCounter } from '../journal/event-counter.js';
import { laneOf, priorityLane } from '../journal/segments.js';

export interface SinkPlace {
  readonly lane: number;
  /** Null: the beginning of the lane. */
  readonly position: JournalPosition | null;
}

interface LaneCount {
  /** Counts up to what the sink has taken. */
  readonly taken: EventCounter;
  /** Counts up to what is committed. */
  readonly there: EventCounter;
}

/** Entries of one lane that one check looks at: a large backlog is counted in many small steps. */
const entriesPerCheck = 2000;

/** Counts on the disk, apart from the delivery's own counters, what one sink has taken from the journal and what it has yet to take. */
export class SinkCount {
  readonly #lanes = new Map<number, LaneCount>();
  readonly #earlier = new Map<number, JournalPosition>();
  #opening = 0;
  /** Whether all that earlier runs left is counted. */
  #opened = false;

  /**
   * @param places where the sink begins in this run
   * @param passed events before them, since the sink's cursor was made
   * @param earlier the place in a lane behind what earlier runs left
   * @param committedBefore events of this run before it, for a sink that came later
   */
  constructor(
    private readonly journal: string,
    places: readonly SinkPlace[],
    private readonly passed: number,
    earlier: (lane: number) => JournalPosition | null,
    readonly committedBefore = 0,
  ) {
    for (const { lane, position } of places) {
      this.#add(lane, position);
      const end = earlier(lane);
      if (end !== null) this.#earlier.set(lane, end);
    }
  }

  /** Goes on counting, up to where the sink is; true when nothing is left to count. */
  advance(places: readonly SinkPlace[]): boolean {
    for (const { lane } of places) if (!this.#lanes.has(lane)) this.#add(lane, null);
    if (!this.#opened) {
      const left = [...this.#lanes].filter(
        ([lane, { there }]) => !there.advance(this.#earlier.get(lane) ?? there.position, entriesPerCheck),
      );
      if (left.length > 0) return false;
      this.#opened = true;
      this.#opening = sum(this.#lanes, ({ there }) => there);
    }
    let done = true;
    for (const { lane, position } of places) {
      const count = this.#lanes.get(lane);
      if (count === undefined) continue;
      if (!count.there.advance(null, entriesPerCheck)) done = false;
      if (position !== null && !count.taken.advance(position, entriesPerCheck)) done = false;
    }
    return done;
  }

  /** Events that earlier runs left for this sink; null: not yet counted. */
  get opening(): number | null {
    return this.#opened ? this.#opening : null;
  }

  /** Events the sink has taken from the journal in this run, the opening's included. */
  get taken(): number {
    return sum(this.#lanes, ({ taken }) => taken);
  }

  /** Events committed in this run, since the sink is there. */
  get committed(): number {
    return sum(this.#lanes, ({ there }) => there) - this.#opening;
  }

  /** Events that wait in the journal for this sink. */
  get waiting(): number {
    return sum(this.#lanes, ({ there }) => there) - this.taken;
  }

  /** Events journaled since the sink's cursor was made; null: not yet counted. */
  get journaled(): number | null {
    return this.#opened ? this.passed + sum(this.#lanes, ({ there }) => there) : null;
  }

  get damaged(): boolean {
    return [...this.#lanes.values()].some(({ taken, there }) => taken.damagedSegments + there.damagedSegments > 0);
  }

  /** From where on it still has to count; null: from the beginning. */
  needs(lane: number): JournalPosition | null {
    const priority = this.#lanes.get(priorityLane(lane));
    const at = this.#lanes.get(lane)?.taken.position ?? null;
    return earlierOf(at, priority?.taken.position ?? null, priority !== undefined);
  }

  close(): void {
    for (const { taken, there } of this.#lanes.values()) {
      taken.close();
      there.close();
    }
  }

  #add(lane: number, from: JournalPosition | null): void {
    const counter = () => new EventCounter(this.journal, lane, from);
    this.#lanes.set(lane, { taken: counter(), there: counter() });
    // Where a lane's priority batches are counted, the rest is counted without them.
    const [ordinary, priority] = [this.#lanes.get(laneOf(lane)), this.#lanes.get(priorityLane(lane))];
    if (ordinary === undefined || priority === undefined) return;
    ordinary.taken.ordinaryOnly = true;
    ordinary.there.ordinaryOnly = true;
  }
}

function sum(lanes: ReadonlyMap<number, LaneCount>, pick: (count: LaneCount) => EventCounter): number {
  let events = 0;
  for (const count of lanes.values()) events += pick(count).events;
  return events;
}
