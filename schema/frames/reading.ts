/** How the events of one shape are read: which columns have their next values, and what is composed of them. */
import { refuse } from './bytes.js';
import type { Value } from './log-event-bytes.js';
import type { ColumnType, Piece, Shape, Slot } from './shapes.js';
import { timeWriter, writtenStructuredData } from './written.js';

export interface Column {
  readonly type: ColumnType;
  readonly count: number;
  /** Texts a character a byte. */
  readonly next: () => Value;
  /** Whether all its texts are ASCII. */
  readonly ascii: () => boolean;
}

interface Source {
  readonly i: number;
  readonly next: () => Value;
}

export class Reading {
  /** Of the event read last, by slot; of what is not read, nothing. */
  readonly values: (Value | undefined)[];
  readonly #texts: (string | undefined)[];
  readonly #slots: Source[] = [];
  readonly #pieces: Source[] = [];
  readonly #composed: { readonly i: number; readonly slot: Slot }[] = [];
  readonly #times: (((ns: bigint) => string) | undefined)[];

  /** `most` bytes a value; `wanted`: what to compose, by slot; default: all. */
  constructor(
    readonly shape: Shape,
    columns: readonly Column[],
    readonly most: number,
    needed: (column: number) => boolean,
    wanted?: readonly boolean[],
  ) {
    this.values = new Array(shape.slots.length).fill(undefined);
    this.#texts = new Array(shape.pieces.length).fill(undefined);
    for (const [i, slot] of shape.slots.entries()) {
      if (slot.column < 0) {
        if (!wanted || wanted[i]) this.#composed.push({ i, slot });
      } else if (needed(slot.column)) this.#slots.push({ i, next: (columns[slot.column] as Column).next });
    }
    for (const [i, piece] of shape.pieces.entries())
      if (piece.kind === 'column' && needed(piece.column))
        this.#pieces.push({ i, next: (columns[piece.column] as Column).next });
    this.#times = shape.pieces.map((piece) =>
      piece.kind === 'rfc3339' || piece.kind === 'rfc3164' ? timeWriter(piece) : undefined,
    );
  }

  /** The next event. */
  next(): void {
    for (const { i, next } of this.#slots) this.values[i] = next();
    for (const { i, next } of this.#pieces) this.#texts[i] = next() as string;
    for (const { i, slot } of this.#composed) this.values[i] = this.#compose(slot);
  }

  #compose({ first, count }: Slot): string {
    let text = '';
    for (let p = first; p < first + count; p++) {
      const more = this.#texts[p] ?? this.#pieceText(p);
      if (text.length + more.length > this.most) refuse('an event is larger than its header says');
      text += more;
    }
    return text;
  }

  #pieceText(p: number): string {
    const piece = this.shape.pieces[p] as Piece;
    if (piece.kind === 'literal') return piece.text;
    if (piece.kind === 'column') return refuse('a piece without a value');
    const value = this.values[piece.slot] as Value;
    if (piece.kind === 'structured data') return writtenStructuredData(value as string);
    if (piece.kind === 'slot') return typeof value === 'string' ? value : value.toString();
    return (this.#times[p] as (ns: bigint) => string)(value as bigint);
  }
}
