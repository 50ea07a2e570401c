import type { JournalPosition } from '../../../../engine/contracts.js';
import { isBefore } from '../send-entries.js';

/** Records of one batch that Kafka refused, while everything else of it was committed. */
export interface RefusedRecords {
  readonly position: JournalPosition;
  readonly code: string;
  readonly ranges: readonly (readonly [first: number, count: number])[];
}

/** Kafka keeps at most this much with an offset (offset.metadata.max.bytes). */
const textBytesMax = 4096;

/**
 * How far the transactions of a journal have come, as it is kept beside a committed offset: JSON of at most 4 KiB.
 * `by` tells which process wrote it.
 */
export class DeliveryCursor {
  readonly #lanes = new Map<number, JournalPosition>();
  refused: readonly RefusedRecords[] = [];

  constructor(readonly by: string) {}

  /** Null when the text is not a cursor. */
  static parse(text: string): DeliveryCursor | null {
    try {
      const { by, lanes, refused } = JSON.parse(text) as CursorText;
      const cursor = new DeliveryCursor(by);
      for (const place of lanes) cursor.advance(positionOf(place));
      cursor.refused = refused.map(([place, code, ranges]) => ({ position: positionOf(place), code, ranges }));
      return cursor;
    } catch {
      return null;
    }
  }
  /** What does not fit is left out: refused records first, they may then be lost in a crash before they are dead letters. */
  text(): string {
    const lanes = [...this.#lanes.values()].map(placeOf);
    const refused = this.refused.map(({ position, code, ranges }) => [placeOf(position), code, ranges] as const);
    for (let kept = refused.length; ; kept--) {
      const text = JSON.stringify({ by: this.by, lanes, refused: refused.slice(0, kept) } satisfies CursorText);
      if (text.length <= textBytesMax || kept === 0) return text;
    }
  }

  /** Everything of its lane before `position` is committed. */
  advance(position: JournalPosition): void {
    const known = this.#lanes.get(position.lane);
    if (known === undefined || isBefore(known, position)) this.#lanes.set(position.lane, position);
  }
  covers(position: JournalPosition): boolean {
    const known = this.#lanes.get(position.lane);
    return known !== undefined && isBefore(position, known);
  }
  refusedOf(position: JournalPosition): RefusedRecords | undefined {
    return this.refused.find((one) => String(placeOf(one.position)) === String(placeOf(position)));
  }
  /** The same for another process, or for trying out. */
  copy(by = this.by): DeliveryCursor {
    const copy = new DeliveryCursor(by);
    for (const position of this.#lanes.values()) copy.advance(position);
    copy.refused = this.refused;
    return copy;
  }
}

type Place = readonly [lane: number, segment: number, offset: number];
interface CursorText {
  readonly by: string;
  readonly lanes: readonly Place[];
  readonly refused: readonly (readonly [Place, string, readonly (readonly [number, number])[]])[];
}
function placeOf({ lane, segment, offset }: JournalPosition): Place {
  return [lane, segment, offset];
}
function positionOf([lane, segment, offset]: Place): JournalPosition {
  return { lane, segment, offset };
}
