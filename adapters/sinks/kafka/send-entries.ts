import type { JournalPosition } from '../../../engine/contracts.js';
import type { SendEntry } from './send-log.js';

/** The entries of a send log by lane and position; several of one position are parts, by `first`. */
export class SendEntries {
  readonly #lanes = new Map<number, Map<string, SendEntry[]>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }
  /** One entry, or those of the parts of a batch, in order. */
  find(position: JournalPosition): readonly SendEntry[] {
    return this.#lanes.get(position.lane)?.get(key(position)) ?? [];
  }
  filter(wanted: (entry: SendEntry) => boolean): SendEntry[] {
    const found: SendEntry[] = [];
    for (const lane of this.#lanes.values())
      for (const parts of lane.values()) for (const entry of parts) if (wanted(entry)) found.push(entry);
    return found;
  }
  /** A later entry replaces those that share records with it. */
  add(entry: SendEntry): void {
    let lane = this.#lanes.get(entry.position.lane);
    if (lane === undefined) {
      lane = new Map();
      this.#lanes.set(entry.position.lane, lane);
    }
    const name = key(entry.position);
    const before = lane.get(name) ?? [];
    const parts = [...before.filter((other) => !overlap(other, entry)), entry].sort((a, b) => a.first - b.first);
    lane.set(name, parts);
    this.#size += parts.length - before.length;
  }
  /** Forgets every entry of the lane before `position`. */
  forget(position: JournalPosition): void {
    const lane = this.#lanes.get(position.lane);
    if (lane === undefined) return;
    for (const [name, parts] of lane) {
      // Entries are mostly in journal order: what was sent again after a change of identity may come later.
      if (!isBefore(parts[0]!.position, position)) continue;
      lane.delete(name);
      this.#size -= parts.length;
    }
  }
}

function overlap(a: SendEntry, b: SendEntry): boolean {
  return a.first < b.first + b.count && b.first < a.first + a.count;
}
function key(position: JournalPosition): string {
  return `${position.segment}:${position.offset}`;
}
/** True when `a` lies before `b` in the same lane. */
export function isBefore(a: JournalPosition, b: JournalPosition): boolean {
  return a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset);
}
