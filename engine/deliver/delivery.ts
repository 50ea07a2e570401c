import type { Logger } from 'pino';
import { backoffMs } from '../backoff.js';
import type { Breaker, JournalPosition, Sink } from '../contracts.js';
import { DeliveryError } from '../errors.js';
import { every } from '../every.js';
import type { SinkCursor } from '../journal/cursor.js';
import type { Journal } from '../journal/journal.js';
import type { JournalBatch } from '../journal/journal-batch.js';
import { isRejected, rejectionOf } from '../journal/rejected.js';
import { isPriorityLane, laneOf, listSegments, priorityLane, segmentHeaderBytes } from '../journal/segments.js';
import { wallMs } from '../wall-clock.js';
import type { DeadLetters } from './dead-letters.js';
import type { deliveryFigures } from './figures.js';
import { type InFlight, LaneProgress } from './lane-progress.js';

const retryBaseMs = 100;
const retryMsMax = 10_000;
/** Of what may be in flight, the part that ordinary batches leave to those with priority. */
const priorityShare = 0.25;
/** Each takes some kilobytes besides its bytes: many topics at low rates make batches of an event or two. */
const inFlightBatchesMax = 16_384;

export interface DeliverySettings {
  readonly sink: Sink;
  readonly journal: Journal;
  readonly deadLetters: DeadLetters;
  readonly log: Logger;
  /** After each acknowledged batch, with the time of the acknowledgement (ms since the epoch, fractions included). */
  readonly onDelivered?: (batch: JournalBatch, ackMs: number) => void;
  /** Events committed in this run before the sink was added; 0: it was there from the start. */
  readonly committedBefore?: number;
  readonly breaker?: Breaker & { readonly state: string };
  /** How often to look for new groups when nobody notifies. */
  readonly pollMs?: number;
  /** How often the cursor is saved. */
  readonly checkpointMs?: number;
}

/**
 * Brings the journal to one sink: in order per lane, many batches in flight, bounded by the sink's `inFlightBytesMax`. The
 * cursor follows the oldest batch not yet acknowledged. Each sink has its own Delivery, so a dead one holds up nobody.
 *
 * Priority batches of a lane are a sequence of their own, with a cursor of their own (`priorityLane`): whatever waits, they go first.
 */
export class Delivery {
  readonly #sink: Sink;
  readonly #settings: DeliverySettings;
  readonly #cursor: SinkCursor;
  readonly #lanes = new Map<number, LaneProgress>();
  readonly #forgotten = new Map<number, JournalPosition>();
  readonly #retries = new Set<NodeJS.Timeout>();
  #regular: (() => void)[] = [];
  #state: 'new' | 'starting' | 'running' | 'stopping' = 'new';
  #pumpQueued = false;
  #inFlightBytes = 0;
  #inFlightBatches = 0;
  #turn = 0;
  #batches = 0;
  #events = 0;
  #bytes = 0;
  #failures = 0;
  #takenEvents = 0;
  #inFlightEvents = 0;
  #backlogEvents = 0;
  #droppedEvents = 0;

  constructor(settings: DeliverySettings) {
    this.#settings = settings;
    this.#sink = settings.sink;
    this.#cursor = settings.journal.cursor(settings.sink.spec.id);
  }

  /** Starts the sink, then delivers. Rejects as the sink's start does. */
  async start(): Promise<void> {
    this.#state = 'starting';
    try {
      await this.#sink.start();
    } catch (error) {
      if (this.#state === 'starting') throw error;
    }
    if (this.#state !== 'starting') return; // stopped in the meantime: how its start ended says nothing
    this.#state = 'running';
    const { pollMs = 500, checkpointMs = 250 } = this.#settings;
    const poll = (): void => {
      this.#findLanes();
      this.notify();
    };
    this.#regular = [every(pollMs, poll), every(checkpointMs, () => this.#checkpoint())];
    poll();
  }

  /** There may be new groups. Cheap; calls within one turn of the event loop are one. */
  notify(): void {
    if (this.#pumpQueued || this.#state !== 'running') return;
    this.#pumpQueued = true;
    setImmediate(() => {
      this.#pumpQueued = false;
      if (this.#state === 'running') this.#pump();
    });
  }

  /** From where on this sink still needs the lane, whatever happens to the machine; null: all of it. */
  needs(lane: number): JournalPosition | null {
    const delivered = this.#cursor.durableOfBoth(lane);
    const held = this.#sink.holds?.(lane);
    if (delivered === null || held === null) return null;
    return held !== undefined && before(held, delivered) ? held : delivered;
  }

  /** Whether the sink keeps events of the segment in the journal although they are delivered. */
  holdsBack(lane: number, segment: number): boolean {
    const held = this.#sink.holds?.(lane);
    return held === null || (held !== undefined && held.segment <= segment);
  }

  /** How far it has taken each lane; null: nothing yet. */
  places(): readonly { readonly lane: number; readonly position: JournalPosition | null }[] {
    const { journal } = this.#settings;
    const lanes = journal.lanes().flatMap((lane) => (this.#splits(lane) ? [lane, priorityLane(lane)] : [lane]));
    return lanes.map((lane) => ({ lane, position: this.#lanes.get(lane)?.position ?? this.#begins(lane) }));
  }

  /** Events delivered or dead-lettered since the sink's cursor was made, up to where the cursor is. */
  passed(): number {
    return this.#cursor.lanes().reduce((events, lane) => events + this.#cursor.passed(lane), 0);
  }

  /** Of what the sink was handed and has not settled. */
  get inFlightBytes(): number {
    return this.#inFlightBytes;
  }

  figures(): Readonly<Partial<Record<keyof typeof deliveryFigures, number>>> {
    const space = this.#settings.deadLetters.space();
    return {
      delivered_batches_total: this.#batches,
      delivered_events_total: this.#events,
      delivered_bytes_total: this.#bytes,
      delivery_failures_total: this.#failures,
      dead_lettered_events_total: this.#settings.deadLetters.events,
      dead_letter_bytes: space.bytes,
      dead_letters_deleted_events_total: space.deletedEvents,
      taken_events_total: this.#takenEvents,
      backlog_events_total: this.#backlogEvents,
      committed_before_events: this.#settings.committedBefore ?? 0,
      dropped_events_total: this.#droppedEvents,
      in_flight_events: this.#inFlightEvents,
      in_flight_bytes: this.#inFlightBytes,
    };
  }

  /**
   * Passes over what the lane has up to and with a segment, without delivering it: its place is needed for what is newer. What is in
   * flight of it no longer holds the cursor up; the figures have it in flight until the sink has taken it or failed to. Answers the events
   * given up, with these.
   */
  drop(laneNumber: number, segment: number): number {
    if (this.#state === 'stopping') return 0;
    this.#findLanes();
    let events = 0;
    for (const lane of [laneNumber, priorityLane(laneNumber)]) events += this.#dropOf(lane, segment);
    if (events > 0) this.#cursor.save(true); // at once: space is needed
    return events;
  }

  #dropOf(laneNumber: number, segment: number): number {
    const lane = this.#lanes.get(laneNumber);
    if (lane === undefined) return 0;
    let events = 0;
    for (const entry of lane.inFlightThrough(segment)) {
      entry.abandoned = true;
      events += this.#pass(lane, entry);
    }
    for (;;) {
      const batch = this.#peek(lane);
      if (batch === null && lane.reader.behind && lane.position.segment <= segment) continue;
      if (batch === null || batch.position.segment > segment) break;
      this.#takenEvents += batch.events;
      if (!this.#settings.journal.writtenByThisRun(batch.position)) this.#backlogEvents += batch.events;
      const passed = this.#pass(lane, lane.take(batch));
      this.#droppedEvents += passed;
      events += passed;
      batch.release();
    }
    // The cursor stands at the end of what was passed over: a step further, and the segment may be deleted.
    const next = listSegments(this.#settings.journal.directory, laneNumber).find((number) => number > segment);
    const at = this.#cursor.position(laneNumber);
    if (next !== undefined && lane.position.segment > segment && (at === null || at.segment <= segment))
      this.#cursor.advance({ lane: laneNumber, segment: next, offset: segmentHeaderBytes });
    return events;
  }

  #pass(lane: LaneProgress, entry: InFlight): number {
    const { events, position } = entry.batch;
    this.#cursor.drop(position.lane, events);
    const moved = lane.finish(entry);
    if (moved !== null) this.#cursor.advance(moved.position, moved.events);
    return events;
  }

  /** True when every committed batch is acknowledged (or dead-lettered). */
  drained(): boolean {
    if (this.#state !== 'running') return false;
    const { journal } = this.#settings;
    return (
      journal.lanes().every((lane) => this.#lanes.has(lane)) &&
      [...this.#lanes.values()].every((lane) => lane.inFlight === 0 && this.#peek(lane) === null && !lane.reader.behind)
    );
  }

  /** Waits for what is in flight until the deadline, saves the cursor, closes. */
  async stop(deadlineMs: number): Promise<void> {
    this.#state = 'stopping';
    for (const end of this.#regular) end();
    for (const retry of this.#retries) clearTimeout(retry);
    await this.#sink.stop(deadlineMs);
    await new Promise((resolve) => setImmediate(resolve)); // acknowledgements that the sink settled while stopping
    this.#cursor.close();
    for (const lane of this.#lanes.values()) this.#settings.journal.release(lane.reader);
    this.#settings.deadLetters.close();
  }

  /** Events have priority from now on; called before the first of them is stored. */
  prioritise(): void {
    if (this.#state === 'running') this.#findLanes();
  }

  #findLanes(): void {
    const { journal } = this.#settings;
    for (const lane of journal.lanes()) {
      if (!this.#lanes.has(lane)) this.#addLane(lane);
      if (this.#splits(lane) && !this.#lanes.has(priorityLane(lane))) this.#split(lane);
    }
  }

  /** Once priority batches are delivered apart they always are: where the rest has got to says nothing of them. */
  #splits(lane: number): boolean {
    return this.#settings.journal.priority || this.#cursor.position(priorityLane(lane)) !== null;
  }

  #split(lane: number): void {
    const ordinary = this.#lanes.get(lane);
    if (ordinary !== undefined) ordinary.reader.ordinaryOnly = true;
    if (this.#cursor.position(priorityLane(lane)) === null) {
      const beginning = { lane: priorityLane(lane), segment: 0, offset: segmentHeaderBytes };
      this.#cursor.advance(this.#begins(priorityLane(lane)) ?? beginning);
      this.#cursor.save(); // before either moves: a later start has to know that they are apart
    }
    this.#addLane(priorityLane(lane));
  }

  /** What a lane had before its priority batches were delivered apart has none. */
  #begins(lane: number): JournalPosition | null {
    const position = this.#cursor.position(lane);
    const ofAll = position === null && isPriorityLane(lane) ? this.#cursor.position(laneOf(lane)) : null;
    return position ?? (ofAll && { ...ofAll, lane });
  }

  #addLane(lane: number): void {
    this.#lanes.set(lane, new LaneProgress(this.#settings.journal.reader(lane, this.#cursor.position(lane))));
  }

  /** Hands over batches, those with priority first, until the sink is full or nothing is left. */
  #pump(): void {
    if (!this.#mayTry()) return;
    const all = [...this.#lanes.values()];
    const first = all.filter(({ reader }) => isPriorityLane(reader.lane));
    const rest = first.length === 0 ? all : all.filter((lane) => !first.includes(lane));
    if (this.#pumpLanes(first, 1)) this.#pumpLanes(rest, first.length === 0 ? 1 : 1 - priorityShare);
    if (all.some(({ reader }) => reader.behind)) this.notify();
  }

  /** One batch of each lane in turn. False: nothing more may be handed over now. */
  #pumpLanes(lanes: readonly LaneProgress[], share: number): boolean {
    for (let empty = 0; empty < lanes.length; ) {
      const lane = lanes[this.#turn++ % lanes.length];
      const batch = this.#peek(lane);
      if (lane === undefined || batch === null) {
        empty++;
        continue;
      }
      if (this.#inFlightBytes > 0 && this.#fill(batch.bytes.length) > share) {
        this.#turn--; // this lane is first when there is room
        return false;
      }
      empty = 0;
      this.#inFlightBytes += batch.bytes.length;
      this.#inFlightBatches++;
      this.#takenEvents += batch.events;
      this.#inFlightEvents += batch.events;
      if (!this.#settings.journal.writtenByThisRun(batch.position)) this.#backlogEvents += batch.events;
      this.#deliver(lane, lane.take(batch));
      if (!this.#mayTry()) return false;
    }
    return true;
  }

  /** What is in flight, with one more batch of so many bytes, of what may be. */
  #fill(bytes: number): number {
    return Math.max(
      (this.#inFlightBytes + bytes) / this.#sink.inFlightBytesMax,
      (this.#inFlightBatches + 1) / inFlightBatchesMax,
    );
  }

  /** While the breaker is not closed nothing more is handed over, but for one batch as its probe where none is under way. */
  #mayTry(): boolean {
    const { breaker } = this.#settings;
    return breaker === undefined || breaker.state === 'closed' || (this.#inFlightBytes === 0 && breaker.waitMs() === 0);
  }

  #peek(lane: LaneProgress | undefined): JournalBatch | null {
    try {
      return lane?.peek() ?? null;
    } catch (error) {
      this.#failures++;
      this.#settings.log.error({ err: error, lane: lane?.reader.lane }, 'cannot read the journal; trying again');
      return null;
    }
  }

  #deliver(lane: LaneProgress, entry: InFlight): void {
    const rejected = isRejected(entry.batch);
    const delivering = rejected ? rejecting(entry.batch) : this.#sink.deliver(entry.batch);
    delivering.then(
      () => this.#delivered(lane, entry),
      (error: unknown) => this.#failed(lane, entry, error),
    );
  }

  #delivered(lane: LaneProgress, entry: InFlight): void {
    this.#settings.breaker?.succeeded();
    this.#batches++;
    this.#events += entry.batch.events;
    if (entry.abandoned) this.#cursor.drop(entry.batch.position.lane, -entry.batch.events);
    this.#bytes += entry.batch.bytes.length;
    this.#settings.onDelivered?.(entry.batch, wallMs());
    this.#finish(lane, entry);
  }

  #failed(lane: LaneProgress, entry: InFlight, error: unknown): void {
    if (this.#state === 'stopping') return; // stays in the journal: the next run delivers it
    const rejected = isRejected(entry.batch);
    if (!rejected) this.#failures++;
    if (entry.abandoned) {
      if (!(error instanceof DeliveryError && error.verdict === 'never')) this.#settings.breaker?.failed();
      this.#droppedEvents += entry.batch.events;
      this.#finish(lane, entry);
      return;
    }
    const { log, deadLetters } = this.#settings;
    const sink = this.#sink.spec.id;
    if (error instanceof DeliveryError && error.verdict === 'never') {
      try {
        const refused = error.refused ?? [{ batch: entry.batch, code: error.code, message: error.message }];
        deadLetters.add(refused);
        const events = refused.reduce((sum, { batch }) => sum + batch.events, 0);
        this.#events += entry.batch.events - events;
        log[rejected ? 'debug' : 'error']({ sink, code: error.code, events }, `dead-lettered: ${error.message}`);
        this.#finish(lane, entry);
        return;
      } catch (storing) {
        log.error({ err: storing, sink }, 'cannot store a dead letter; trying again');
      }
    } else {
      log.warn({ err: error, sink }, 'a batch was not delivered; trying again');
      this.#settings.breaker?.failed();
    }
    this.#retryAfter(backoffMs(entry.attempts++, retryBaseMs, retryMsMax), lane, entry);
  }

  #retryAfter(ms: number, lane: LaneProgress, entry: InFlight): void {
    const retry = setTimeout(() => {
      this.#retries.delete(retry);
      const waitMs = this.#settings.breaker?.waitMs() ?? 0;
      if (waitMs > 0) this.#retryAfter(waitMs, lane, entry);
      else this.#deliver(lane, entry);
    }, ms);
    this.#retries.add(retry);
  }

  #finish(lane: LaneProgress, entry: InFlight): void {
    const wasFull = this.#fill(0) >= 0.5;
    this.#inFlightBytes -= entry.batch.bytes.length;
    this.#inFlightBatches--;
    this.#inFlightEvents -= entry.batch.events;
    if (!entry.abandoned) {
      const moved = lane.finish(entry);
      if (moved !== null) this.#cursor.advance(moved.position, moved.events);
    }
    entry.batch.release();
    if (wasFull) this.notify();
  }

  /** What the other sequence of a lane has is no reason to stand still: segments would be kept for nothing. */
  #passOver(lane: LaneProgress): void {
    const { position } = lane;
    if (!lane.idle || position.segment === 0 || !this.#lanes.has(priorityLane(position.lane))) return;
    const at = this.#cursor.position(position.lane);
    if (at === null || before(at, position)) this.#cursor.advance(position);
  }

  /** Saves the cursor; tells the sink what it may forget: only what the disk has. */
  #checkpoint(): void {
    for (const lane of this.#lanes.values()) this.#passOver(lane);
    this.#cursor.save();
    for (const lane of this.#cursor.lanes()) {
      const position = this.#cursor.durable(lane);
      if (position === null || this.#forgotten.get(lane) === position) continue;
      this.#forgotten.set(lane, position);
      this.#sink.forget(position);
    }
  }
}

/** As a sink that refuses it. */
async function rejecting(batch: JournalBatch): Promise<never> {
  throw rejectionOf(batch);
}

function before(a: JournalPosition, b: JournalPosition): boolean {
  return a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset);
}
