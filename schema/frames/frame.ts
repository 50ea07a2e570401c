/** Events of a frame: all of each, as LogEvents, or some fields of all. */
import type { ReadEvent } from '../reader.js';
import { idNumber } from '../wire-reader.js';
import { refuse } from './bytes.js';
import { crc32c } from './crc32c.js';
import { EventIds } from './event-ids.js';
import { eventOf } from './event-of.js';
import { EventPlan } from './event-plan.js';
import { FieldWriter, originalOf } from './log-event-bytes.js';
import { Numbers, type SmallIds } from './numbers.js';
import { Output } from './output.js';
import { type Column, Reading } from './reading.js';
import {
  type Decompress,
  decodedBytesAllowed,
  defaultDecompress,
  type FindDictionary,
  type FrameHeader,
  limits,
  Sections,
} from './sections.js';
import { type ColumnType, isAttr, isText, readShapes, type Shape, type Slot, slotKinds } from './shapes.js';
import { type Budget, readCount, readTexts } from './texts.js';

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

const originalNumber = 4;

/** One frame, read once from its first event to its last: by `records`, by `events` or by `project`. */
export class Frame {
  readonly header: FrameHeader;
  readonly #columns: readonly Column[];
  readonly #shapes: readonly Shape[];
  /** The shape of each event. */
  readonly #events: Uint16Array;
  #read = false;

  /** @throws FrameError when the bytes are no frame, or hold more than allowed */
  constructor(value: Uint8Array, options: FrameOptions = {}) {
    const bytesMax = decodedBytesAllowed(options.decodedBytesMax);
    const sections = new Sections(value, bytesMax, options.decompress ?? defaultDecompress(), options.dictionary);
    this.header = sections.header;
    this.#columns = readColumns(sections);
    this.#shapes = readShapes(
      sections,
      this.#columns.map(({ type }) => type),
    );
    this.#events = this.#shapesOfEvents();
  }

  /** Every event as a LogEvent, the bytes that the encoding "protobuf" would have given. @throws FrameError */
  *records(): Generator<Buffer> {
    this.#once();
    const texts = this.#texts();
    const out = new Output(this.header.eventBytesMax);
    const sums = new Sums(this.header);
    const writers = this.#shapes.map((shape) => new RecordWriter(new Reading(shape, this.#columns, texts)));
    for (const id of this.#events) {
      texts.clear();
      out.keep();
      (writers[id] as RecordWriter).write(out, sums);
      sums.add(out.size);
      yield out.last();
    }
    sums.check();
  }

  /** Every event as `readLogEvent` would have given it of its record. @throws FrameError */
  events(): ReadEvent[] {
    this.#once();
    const texts = this.#texts();
    const { eventBytesMax } = this.header;
    const out = new Output(eventBytesMax);
    const sums = new Sums(this.header);
    const original = (bytes: Uint8Array) => sums.original(bytes);
    const readers = this.#shapes.map((shape) => {
      const plan = EventPlan.of(shape, this.#columns);
      const reading = new Reading(shape, this.#columns, texts, plan && { hexOf: idNumber });
      return { plan, reading, writer: new RecordWriter(reading) };
    });
    const events: ReadEvent[] = [];
    for (const id of this.#events) {
      const { plan, reading, writer } = readers[id] as (typeof readers)[number];
      texts.keep();
      if (plan) {
        reading.next();
        events.push(plan.read(reading, eventBytesMax, original));
        sums.add(plan.bytes);
      } else {
        out.keep();
        writer.write(out, sums);
        sums.add(out.size);
        events.push(eventOf(out.last()));
      }
    }
    sums.check();
    return events;
  }

  /** For the texts of an event: each may be in it twice, and in what it is composed of. */
  #texts(): Output {
    return new Output(4 * this.header.eventBytesMax + 64);
  }

  /**
   * The fields that `wants` names, of every event: only the columns that hold them are read.
   * @param wants by protobuf number, and for attributes (number 15) by name
   * @param each is given an event's fields in order; those of events that travel whole are not taken apart: field 0 is the LogEvent.
   *   Bytes are views, valid during the call
   */
  project(
    wants: (number: number, attribute: string | undefined) => boolean,
    each: (event: number, number: number, kind: number, value: RawValue, attribute: string | undefined) => void,
  ): void {
    this.projectShared(wants, (event, { number, kind }, reading, i, attribute) =>
      each(event, number, kind, isText(kind) ? reading.bytes(i) : reading.big(i), attribute),
    );
  }

  /** The same, with where the value is read: the i-th slot of a shape. */
  projectShared(
    wants: (number: number, attribute: string | undefined) => boolean,
    each: (event: number, slot: Slot, reading: Reading, i: number, attribute: string | undefined) => void,
  ): void {
    this.#once();
    const texts = this.#texts();
    const wantsOf = this.#shapes.map((shape) => {
      const names = shape.slots.map(({ name }) =>
        name === undefined ? undefined : Buffer.from(name, 'latin1').toString(),
      );
      return {
        names,
        wanted: shape.slots.map((slot, i) => slot.kind === slotKinds.event || wants(slot.number, names[i])),
      };
    });
    // A column that only some shapes need is read for all of them: its values follow each other.
    const needed = new Set(wantsOf.flatMap(({ wanted }, s) => [...neededColumns(this.#shapes[s] as Shape, wanted)]));
    const plans = wantsOf.map(({ names, wanted }, s) => {
      const reading = new Reading(this.#shapes[s] as Shape, this.#columns, texts, {
        columns: (column) => needed.has(column),
        slots: wanted,
      });
      return { reading, names, slots: reading.shape.slots.flatMap((slot, i) => (wanted[i] ? [{ i, slot }] : [])) };
    });
    for (let event = 0; event < this.#events.length; event++) {
      const { reading, names, slots } = plans[this.#events[event] as number] as (typeof plans)[number];
      texts.clear();
      reading.next();
      for (const { i, slot } of slots) each(event, slot, reading, i, names[i]);
    }
  }

  #once(): void {
    if (this.#read) throw new Error('a frame is read once; open it again');
    this.#read = true;
  }

  #shapesOfEvents(): Uint16Array {
    const { events } = this.header;
    const { numbers, count } = this.#columns[0] as Column;
    if (!numbers || count !== events) return refuse('its first column does not say the shapes');
    const ids = Uint16Array.from({ length: events }, () => {
      const id = numbers.next() * numbers.scale;
      return id >= 0 && id < this.#shapes.length ? id : refuse('an event of no shape');
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

/** Writes the events of one shape as LogEvents. */
class RecordWriter {
  readonly #reading: Reading;
  readonly #fields: readonly FieldWriter[];

  constructor(reading: Reading) {
    this.#reading = reading;
    this.#fields = reading.shape.slots.map((slot) => new FieldWriter(slot));
  }

  /** Reads the next one and appends it. */
  write(out: Output, sums: Sums): void {
    const reading = this.#reading;
    const { slots } = reading.shape;
    reading.next();
    for (let i = 0; i < slots.length; i++) {
      const { kind, number } = slots[i] as Slot;
      (this.#fields[i] as FieldWriter).write(out, reading, i);
      if (kind === slotKinds.event) sums.original(originalOf(reading.bytes(i)));
      else if (number === originalNumber && isText(kind) && !isAttr(kind)) sums.original(reading.bytes(i));
    }
  }
}

/** What the events come to, against what the header says. */
class Sums {
  readonly #header: FrameHeader;
  #bytes = 0;
  #originals = 0;
  #crc = 0;

  constructor(header: FrameHeader) {
    this.#header = header;
  }

  /** Bytes of an event's LogEvent. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#header.decodedBytes) refuse('its events are larger than its header says');
  }

  original(bytes: Uint8Array | undefined): void {
    if (!bytes) return;
    this.#originals += bytes.length;
    this.#crc = crc32c(bytes, this.#crc);
  }

  check(): void {
    const { decodedBytes, originalBytes, originalCrc } = this.#header;
    if (this.#bytes !== decodedBytes) refuse('its events are not as large as its header says');
    if (this.#originals !== originalBytes || this.#crc !== originalCrc)
      refuse('the originals are not those it was made of');
  }
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
      columns.push({ type, count, texts, numbers: undefined, ids: undefined });
    } else if (type === 'number') {
      const numbers = new Numbers(sections, count, small);
      small.push(numbers.small);
      columns.push({ type, count, texts: undefined, numbers, ids: undefined });
    } else {
      const ids = new EventIds(head, count);
      small.push(undefined);
      columns.push({ type, count, texts: undefined, numbers: undefined, ids });
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
