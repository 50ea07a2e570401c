/**
 * Listeners of a run have a number, the slot, that chunks in the rings carry and counters are kept under. A slot is used again
 * only when no ring can hold a chunk of its former listener.
 */
import { ringPositions } from './ring/rings.js';

interface Released {
  readonly slot: number;
  /** How far each ring was published then. */
  readonly published: readonly number[];
}

export class ListenerSlots {
  readonly #rings: readonly SharedArrayBuffer[];
  readonly #fresh: number[];
  readonly #released: Released[] = [];

  constructor(count: number, rings: readonly SharedArrayBuffer[]) {
    this.#rings = rings;
    this.#fresh = Array.from({ length: count }, (_, slot) => slot);
  }

  /** Slots that nobody uses, never used ones first, for as many listeners; undefined when there are not enough now. */
  take(count: number): number[] | undefined {
    const released = this.#rings.map((ring) => ringPositions(ring)[0]);
    const drained = ({ published }: Released) => published.every((at, ring) => (released[ring] as number) >= at);
    const free = [...this.#fresh, ...this.#released.filter(drained).map(({ slot }) => slot)].slice(0, count);
    if (free.length < count) return undefined;
    for (const slot of free) this.#remove(slot);
    return free;
  }

  /** Its listener is closed, and what it read is in the rings. */
  release(slot: number): void {
    this.#released.push({ slot, published: this.#rings.map((ring) => ringPositions(ring)[1]) });
  }

  #remove(slot: number): void {
    const fresh = this.#fresh.indexOf(slot);
    if (fresh >= 0) this.#fresh.splice(fresh, 1);
    else {
      const released = this.#released.findIndex((entry) => entry.slot === slot);
      this.#released.splice(released, 1);
    }
  }
}
