/** How the events of one shape are read: which columns have their next values, and what is composed of them. */
import type { EventIds } from './event-ids.js';
import type { Numbers } from './numbers.js';
import type { Output } from './output.js';
import { constantPiece, literalWriter, pieceWriter, type WritePiece } from './pieces.js';
import type { ColumnType, Shape, Slot } from './shapes.js';
import type { SharedText } from './shared-text.js';
import type { Texts } from './texts.js';

export interface Column {
  readonly type: ColumnType;
  readonly count: number;
  /** Of its type, the one it has. */
  readonly texts: Texts | undefined;
  readonly numbers: Numbers | undefined;
  readonly ids: EventIds | undefined;
}

interface Source<From> {
  readonly i: number;
  readonly from: From;
}

/** What of an event is read; default: all of it, its ids as bytes. */
export interface Wanted {
  /** By slot: its value. */
  readonly slots?: readonly boolean[];
  /** Columns that have to be read for them. */
  readonly columns?: (column: number) => boolean;
  /** Ids as hexadecimal digits, where they are values of this field. */
  readonly hexOf?: number;
}

const idBytes = 18;

/** The values of one event after the other, by slot: texts lie in `out`, from `from` to `to` behind the event's begin, or are shared. */
export class Reading {
  readonly shared: (SharedText | undefined)[];
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly hex: (string | undefined)[];
  /** Before their scale; NaN: `#wide` has it. */
  readonly #plain: Float64Array;
  readonly #wide: bigint[];
  readonly #numberOf: (Numbers | undefined)[];
  readonly #shared: Source<() => SharedText>[] = [];
  readonly #texts: Source<(out: Output) => void>[] = [];
  readonly #numbers: Source<Numbers>[] = [];
  readonly #ids: Source<EventIds>[] = [];
  readonly #hexIds: Source<EventIds>[] = [];
  /** In order; those that are part of nothing are left out, but for those that have a column. */
  readonly #pieces: Source<WritePiece>[] = [];
  readonly #composed: { readonly i: number; readonly slot: Slot }[] = [];
  readonly #pieceEnds: Int32Array;

  constructor(
    readonly shape: Shape,
    columns: readonly Column[],
    readonly out: Output,
    wanted: Wanted = {},
  ) {
    const { slots, pieces } = shape;
    const needed = wanted.columns ?? (() => true);
    this.shared = new Array(slots.length).fill(undefined);
    this.hex = new Array(slots.length).fill(undefined);
    this.from = new Int32Array(slots.length);
    this.to = new Int32Array(slots.length);
    this.#plain = new Float64Array(slots.length);
    this.#wide = new Array(slots.length).fill(0n);
    this.#numberOf = slots.map(({ column }) => (column < 0 ? undefined : columns[column]?.numbers));
    this.#pieceEnds = new Int32Array(pieces.length + 1);
    /** Where something that is composed begins or ends. */
    const borders = new Array<boolean>(pieces.length + 1).fill(false);
    /** Of how many more than the piece before a piece is part. */
    const parts = new Int32Array(pieces.length + 1);
    for (const [i, slot] of slots.entries()) {
      if (slot.column >= 0 && needed(slot.column))
        this.#addColumn(i, columns[slot.column] as Column, slot.number === wanted.hexOf);
      else if (slot.column < 0 && (!wanted.slots || wanted.slots[i])) {
        this.#composed.push({ i, slot });
        borders[slot.first] = true;
        borders[slot.first + slot.count] = true;
        parts[slot.first] = (parts[slot.first] as number) + 1;
        parts[slot.first + slot.count] = (parts[slot.first + slot.count] as number) - 1;
      }
    }
    let uses = 0;
    /** Of the pieces before, what is the same in all events. */
    let constants: Buffer[] = [];
    const writeConstants = (last: number) => {
      if (constants.length > 0) this.#pieces.push({ i: last, from: literalWriter(Buffer.concat(constants)) });
      constants = [];
    };
    for (const [p, piece] of pieces.entries()) {
      uses += parts[p] as number;
      const column = piece.kind === 'column' && needed(piece.column) ? columns[piece.column] : undefined;
      const constant = uses > 0 ? constantPiece(piece, shape, columns) : undefined;
      if (borders[p] || !constant) writeConstants(p - 1);
      if (constant) constants.push(constant);
      else if (column || uses > 0) this.#pieces.push({ i: p, from: pieceWriter(piece, column?.texts, this) });
    }
    writeConstants(pieces.length - 1);
  }

  #addColumn(i: number, { texts, numbers, ids }: Column, hex: boolean): void {
    if (numbers) this.#numbers.push({ i, from: numbers });
    else if (texts?.shared) this.#shared.push({ i, from: texts.shared });
    else if (texts) this.#texts.push({ i, from: texts.write });
    else if (ids && hex) this.#hexIds.push({ i, from: ids });
    else if (ids) this.#ids.push({ i, from: ids });
  }

  /** The next event. */
  next(): void {
    const { out } = this;
    for (const { i, from } of this.#numbers) {
      const value = from.next();
      this.#plain[i] = value;
      if (Number.isNaN(value)) this.#wide[i] = from.wide;
    }
    for (const { i, from } of this.#shared) this.shared[i] = from();
    for (const { i, from } of this.#hexIds) this.hex[i] = from.hex();
    for (const { i, from } of this.#ids) {
      this.from[i] = out.size;
      from.write(out);
      this.to[i] = out.size;
    }
    for (const { i, from } of this.#texts) {
      this.from[i] = out.size;
      from(out);
      this.to[i] = out.size;
    }
    if (this.#pieces.length > 0) this.#compose();
  }

  #compose(): void {
    const { out } = this;
    const ends = this.#pieceEnds;
    let done = 0;
    for (const { i, from } of this.#pieces) {
      const before = out.size;
      for (; done <= i; done++) ends[done] = before;
      from(out);
    }
    for (const end = out.size; done < ends.length; done++) ends[done] = end;
    for (const { i, slot } of this.#composed) {
      this.from[i] = ends[slot.first] as number;
      this.to[i] = ends[slot.first + slot.count] as number;
    }
  }

  /** Bytes of a text. */
  size(i: number): number {
    const shared = this.shared[i];
    if (shared) return shared.bytes.length;
    return this.hex[i] === undefined ? (this.to[i] as number) - (this.from[i] as number) : idBytes;
  }

  /** The bytes of a text: a view. */
  bytes(i: number): Buffer {
    const shared = this.shared[i];
    if (shared) return shared.bytes;
    const { bytes, start } = this.out;
    return bytes.subarray(start + (this.from[i] as number), start + (this.to[i] as number));
  }

  /** A number before its scale where it is exact, else NaN. */
  plain(i: number): number {
    return this.#plain[i] as number;
  }

  scale(i: number): number {
    return (this.#numberOf[i] as Numbers).scale;
  }

  big(i: number): bigint {
    const value = this.#plain[i] as number;
    return Number.isNaN(value) ? (this.#wide[i] as bigint) : (this.#numberOf[i] as Numbers).big(value);
  }
}
