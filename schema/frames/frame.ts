/** Events of a frame: all of each, as LogEvents, or some fields of all. */
import { crc32c, Output, refuse } from './bytes.js';
import { EventIds } from './event-ids.js';
import { originalOf, writeField } from './log-event-bytes.js';
import { Numbers, type SmallIds } from './numbers.js';
import {
  type Decompress,
  defaultDecompress,
  type FindDictionary,
  type FrameHeader,
  limits,
  Sections,
} from './sections.js';
import { type ColumnType, isAttr, type Piece, readShapes, type Shape, type Slot, slotKinds } from './shapes.js';
import { type Budget, readCount, readTexts } from './texts.js';
import { writtenStructuredData, writtenTime } from './written.js';

export interface FrameOptions {
  /** Most that all events may take as LogEvents; default 64 MiB. */
  readonly decodedBytesMax?: number;
  /** Default: Node's own zstd, where it has one, else that of Penstock's addon. */
  readonly decompress?: Decompress;
  /** Gives the dictionary of an id, for frames that need one. */
  readonly dictionary?: FindDictionary;
}

/** A value as its column has it: bytes, an integer, the bits of a double. */
export type RawValue = Buffer | bigint;

interface Column {
  readonly type: ColumnType;
  readonly count: number;
  readonly next: () => RawValue;
}

const defaultBytesMax = 64 << 20;
const originalNumber = 4;

/** One frame, read once from its first event to its last: by `records` or by `project`. */
export class Frame {
  readonly header: FrameHeader;
  readonly #columns: readonly Column[];
  readonly #shapes: readonly Shape[];
  /** The shape of each event. */
  readonly #events: Uint16Array;
  readonly #original: Output;
  #read = false;

  /** @throws FrameError when the bytes are no frame, or hold more than allowed */
  constructor(value: Uint8Array, options: FrameOptions = {}) {
    const bytesMax = Math.min(options.decodedBytesMax ?? defaultBytesMax, limits.decodedBytes);
    const sections = new Sections(value, bytesMax, options.decompress ?? defaultDecompress(), options.dictionary);
    this.header = sections.header;
    this.#columns = readColumns(sections);
    this.#shapes = readShapes(
      sections,
      this.#columns.map(({ type }) => type),
    );
    this.#events = this.#shapesOfEvents();
    this.#original = new Output(this.header.eventBytesMax);
  }

  /** Every event as a LogEvent, the bytes that the encoding "protobuf" would have given. @throws FrameError */
  *records(): Generator<Buffer> {
    this.#once();
    const out = new Output(this.header.eventBytesMax);
    let bytes = 0;
    let originals = 0;
    let crc = 0;
    for (const id of this.#events) {
      const shape = this.#shapes[id] as Shape;
      const values = this.#values(shape, () => true);
      out.clear();
      for (const [i, slot] of shape.slots.entries()) {
        const value = values[i] as RawValue;
        writeField(out, slot, value);
        const original =
          slot.kind === slotKinds.event
            ? originalOf(value as Buffer)
            : slot.number === originalNumberOf(slot)
              ? value
              : undefined;
        if (!(original instanceof Buffer)) continue;
        originals += original.length;
        crc = crc32c(original, crc);
      }
      bytes += out.size;
      if (bytes > this.header.decodedBytes) refuse('its events are larger than its header says');
      yield Buffer.from(out.slice());
    }
    if (bytes !== this.header.decodedBytes) refuse('its events are not as large as its header says');
    if (originals !== this.header.originalBytes || crc !== this.header.originalCrc)
      refuse('the originals are not those it was made of');
  }

  /**
   * The fields that `wants` names, of every event: only the columns that hold them are read.
   * @param wants by protobuf number, and for attributes (number 15) by name
   * @param each is given an event's fields in order; those of events that travel whole are not taken apart: field 0 is the LogEvent
   */
  project(
    wants: (number: number, attribute: string | undefined) => boolean,
    each: (event: number, number: number, kind: number, value: RawValue, attribute: string | undefined) => void,
  ): void {
    this.#once();
    const plans = this.#shapes.map((shape) => {
      const names = shape.slots.map(({ name }) => name?.toString());
      const wanted = shape.slots.map((slot, i) => slot.kind === slotKinds.event || wants(slot.number, names[i]));
      return { shape, names, wanted, columns: neededColumns(shape, wanted) };
    });
    // A column that only some shapes need is read for all of them: its values follow each other.
    const needed = new Set(plans.flatMap(({ columns }) => [...columns]));
    for (const [event, id] of this.#events.entries()) {
      const { shape, names, wanted } = plans[id] as (typeof plans)[number];
      const values = this.#values(shape, (column) => needed.has(column), wanted);
      for (const [i, slot] of shape.slots.entries())
        if (wanted[i]) each(event, slot.number, slot.kind, values[i] as RawValue, names[i]);
    }
  }

  #once(): void {
    if (this.#read) throw new Error('a frame is read once; open it again');
    this.#read = true;
  }

  /** Values of one event by slot; those of columns that are not `needed` are left out. */
  #values(shape: Shape, needed: (column: number) => boolean, wanted?: readonly boolean[]): (RawValue | undefined)[] {
    const next = (column: number) => (needed(column) ? (this.#columns[column] as Column).next() : undefined);
    const values = shape.slots.map((slot) => (slot.column < 0 ? undefined : next(slot.column)));
    const texts = shape.pieces.map((piece) =>
      piece.kind === 'column' ? (next(piece.column) as Buffer | undefined) : undefined,
    );
    for (const [i, slot] of shape.slots.entries()) {
      if (slot.column >= 0 || (wanted && !wanted[i])) continue;
      const out = this.#original;
      out.clear();
      for (let p = slot.first; p < slot.first + slot.count; p++)
        out.append(texts[p] ?? pieceText(shape.pieces[p] as Piece, values));
      values[i] = Buffer.from(out.slice());
    }
    return values;
  }

  #shapesOfEvents(): Uint16Array {
    const { events } = this.header;
    const first = this.#columns[0] as Column;
    if (first.type !== 'number' || first.count !== events) refuse('its first column does not say the shapes');
    const ids = Uint16Array.from({ length: events }, () => {
      const id = first.next() as bigint;
      return id >= 0n && id < BigInt(this.#shapes.length) ? Number(id) : refuse('an event of no shape');
    });
    const wanted = new Array<number>(this.#columns.length).fill(0);
    wanted[0] = events;
    const uses = new Array<number>(this.#shapes.length).fill(0);
    for (const id of ids) uses[id] = (uses[id] as number) + 1;
    for (const [s, { slots, pieces }] of this.#shapes.entries()) {
      const take = (column: number) => {
        wanted[column] = (wanted[column] as number) + (uses[s] as number);
      };
      for (const { column } of slots) if (column >= 0) take(column);
      for (const piece of pieces) if (piece.kind === 'column') take(piece.column);
    }
    if (this.#columns.some(({ count }, c) => count !== wanted[c]))
      refuse('columns have another number of values than its events take');
    return ids;
  }
}

function originalNumberOf(slot: Slot): number {
  return isAttr(slot.kind) ? -1 : originalNumber;
}

function readColumns(sections: Sections): Column[] {
  const { header, head } = sections;
  const budget: Budget = {
    columns: limits.columns,
    values: 16 * header.decodedBytes,
    eventBytesMax: header.eventBytesMax,
  };
  const small: (SmallIds | undefined)[] = [];
  const columns: Column[] = [];
  for (let c = 0; c < header.columns; c++) {
    const type = (['text', 'number', 'id'] as const)[head.byte(2)] as ColumnType;
    const count = readCount(head, budget);
    if (type === 'text') {
      const texts = readTexts(sections, count, small, budget);
      small.push(texts.small);
      columns.push({ type, count, next: () => texts.next() });
    } else if (type === 'number') {
      const numbers = new Numbers(sections, count, small);
      small.push(numbers.small);
      columns.push({ type, count, next: () => numbers.next() });
    } else {
      const ids = new EventIds(head, count);
      small.push(undefined);
      columns.push({ type, count, next: () => ids.next() });
    }
  }
  return columns;
}

/** Columns that the wanted fields of a shape are made of. */
function neededColumns(shape: Shape, wanted: readonly boolean[]): Set<number> {
  const columns = new Set<number>();
  for (const [i, slot] of shape.slots.entries()) {
    if (!wanted[i]) continue;
    if (slot.column >= 0) columns.add(slot.column);
    for (const piece of shape.pieces.slice(slot.first, slot.first + slot.count)) {
      if (piece.kind === 'column') columns.add(piece.column);
      else if (piece.kind !== 'literal') columns.add((shape.slots[piece.slot] as Slot).column);
    }
  }
  return columns;
}

function pieceText(piece: Piece, values: readonly (RawValue | undefined)[]): Buffer {
  if (piece.kind === 'literal') return piece.text;
  if (piece.kind === 'column') return refuse('a piece without a value');
  const value = values[piece.slot] as RawValue;
  if (piece.kind === 'structured data') return writtenStructuredData(value as Buffer);
  if (piece.kind === 'slot') return value instanceof Buffer ? value : Buffer.from(value.toString(), 'latin1');
  return writtenTime(value as bigint, piece);
}
