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
    const plans = this.#shapes.map((shape) => new Reading(shape, this.#columns, () => true));
    for (const id of this.#events) {
      const plan = plans[id] as Reading;
      const { slots } = plan.shape;
      plan.next(this.#original);
      out.clear();
      for (let i = 0; i < slots.length; i++) {
        const slot = slots[i] as Slot;
        const value = plan.values[i] as RawValue;
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
    const wantsOf = this.#shapes.map((shape) => {
      const names = shape.slots.map(({ name }) => name?.toString());
      return {
        names,
        wanted: shape.slots.map((slot, i) => slot.kind === slotKinds.event || wants(slot.number, names[i])),
      };
    });
    // A column that only some shapes need is read for all of them: its values follow each other.
    const needed = new Set(wantsOf.flatMap(({ wanted }, s) => [...neededColumns(this.#shapes[s] as Shape, wanted)]));
    const plans = wantsOf.map(({ names, wanted }, s) => {
      const reading = new Reading(this.#shapes[s] as Shape, this.#columns, (column) => needed.has(column), wanted);
      return { reading, names, slots: reading.shape.slots.flatMap((slot, i) => (wanted[i] ? [{ i, ...slot }] : [])) };
    });
    for (let event = 0; event < this.#events.length; event++) {
      const { reading, names, slots } = plans[this.#events[event] as number] as (typeof plans)[number];
      reading.next(this.#original);
      for (const { i, number, kind } of slots) each(event, number, kind, reading.values[i] as RawValue, names[i]);
    }
  }

  #once(): void {
    if (this.#read) throw new Error('a frame is read once; open it again');
    this.#read = true;
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

/** How the events of one shape are read: which columns have their next values, and what is composed of them. */
class Reading {
  /** Of the event read last, by slot; of what is not read, nothing. */
  readonly values: (RawValue | undefined)[];
  readonly #texts: (Buffer | undefined)[];
  readonly #slots: { readonly i: number; readonly column: Column }[] = [];
  readonly #pieces: { readonly i: number; readonly column: Column }[] = [];
  readonly #composed: { readonly i: number; readonly slot: Slot }[] = [];

  /** `wanted`: what to compose, by slot; default: all. */
  constructor(
    readonly shape: Shape,
    columns: readonly Column[],
    needed: (column: number) => boolean,
    wanted?: readonly boolean[],
  ) {
    this.values = new Array(shape.slots.length).fill(undefined);
    this.#texts = new Array(shape.pieces.length).fill(undefined);
    for (const [i, slot] of shape.slots.entries()) {
      if (slot.column < 0) {
        if (!wanted || wanted[i]) this.#composed.push({ i, slot });
      } else if (needed(slot.column)) this.#slots.push({ i, column: columns[slot.column] as Column });
    }
    for (const [i, piece] of shape.pieces.entries())
      if (piece.kind === 'column' && needed(piece.column))
        this.#pieces.push({ i, column: columns[piece.column] as Column });
  }

  /** The next event; `room` is for what is composed. */
  next(room: Output): void {
    for (const { i, column } of this.#slots) this.values[i] = column.next();
    for (const { i, column } of this.#pieces) this.#texts[i] = column.next() as Buffer;
    for (const { i, slot } of this.#composed) {
      room.clear();
      for (let p = slot.first; p < slot.first + slot.count; p++)
        room.append(this.#texts[p] ?? pieceText(this.shape.pieces[p] as Piece, this.values));
      this.values[i] = Buffer.from(room.slice());
    }
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
