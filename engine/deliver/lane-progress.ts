import type { JournalPosition } from '../contracts.js';
import type { JournalBatch } from '../journal/journal-batch.js';
import type { LaneReader } from '../journal/lane-reader.js';

export interface InFlight {
  readonly batch: JournalBatch;
  done: boolean;
  /** Tries that failed. */
  attempts: number;
  /** The cursor no longer waits for it, and it is not tried again: dropped, unless the sink takes it after all. */
  abandoned: boolean;
}

/** One lane of one sink: what was read ahead, what is in flight, and how far everything before is done. */
export class LaneProgress {
  #ahead: JournalBatch[] = [];
  #next = 0;
  readonly #inFlight: InFlight[] = [];
  /** Those before it are done: taking each out of a long list costs as much as the list is long. */
  #oldest = 0;

  constructor(readonly reader: LaneReader) {}

  /** The next batch, left in place; null: none now. Reads when nothing is left of the last read. */
  peek(): JournalBatch | null {
    if (this.#next >= this.#ahead.length) {
      this.#ahead = this.reader.read();
      this.#next = 0;
    }
    return this.#ahead[this.#next] ?? null;
  }

  /** Takes the batch that `peek` showed. */
  take(batch: JournalBatch): InFlight {
    this.#next++;
    const entry = { batch, done: false, attempts: 0, abandoned: false };
    this.#inFlight.push(entry);
    return entry;
  }

  /** Marks one as done; answers the position before which everything is done, when that moved, and the events it moved over. */
  finish(entry: InFlight): { position: JournalPosition; events: number } | null {
    entry.done = true;
    let position: JournalPosition | null = null;
    let events = 0;
    for (let oldest = this.#inFlight[this.#oldest]; oldest?.done; oldest = this.#inFlight[++this.#oldest]) {
      position = oldest.batch.next;
      events += oldest.batch.events;
    }
    if (this.#oldest * 64 >= this.#inFlight.length) {
      this.#inFlight.splice(0, this.#oldest);
      this.#oldest = 0;
    }
    return position === null ? null : { position, events };
  }

  /** What is in flight of segments up to this one. */
  inFlightThrough(segment: number): InFlight[] {
    return this.#inFlight.filter(({ batch, done }) => !done && batch.position.segment <= segment);
  }

  /** Everything before it was taken. */
  get position(): JournalPosition {
    return this.#ahead[this.#next]?.position ?? this.reader.position;
  }

  /** Nothing is in flight, and nothing read ahead. */
  get idle(): boolean {
    return this.inFlight === 0 && this.#next >= this.#ahead.length;
  }

  get inFlight(): number {
    return this.#inFlight.length - this.#oldest;
  }
}
