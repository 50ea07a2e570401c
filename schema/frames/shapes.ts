/** Shapes of events (docs/reference/frames.md, shapes). */
import { refuse } from './bytes.js';
import type { Sections } from './sections.js';

export const slotKinds = {
  bytes: 0,
  varint: 1,
  fixed64: 2,
  bool: 3,
  attrString: 4,
  attrInt: 5,
  attrDouble: 6,
  attrBool: 7,
  attrNull: 8,
  attrJson: 9,
  event: 10,
} as const;

export type ColumnType = 'text' | 'number' | 'id';

export interface Slot {
  readonly number: number;
  readonly kind: number;
  /** Of an attribute, a character a byte. */
  readonly name: string | undefined;
  /** −1: its value is `count` pieces from `first` on. */
  readonly column: number;
  readonly first: number;
  readonly count: number;
}

export type Piece =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'column'; readonly column: number }
  | { readonly kind: 'slot'; readonly slot: number }
  | { readonly kind: 'structured data'; readonly slot: number }
  | {
      readonly kind: 'rfc3339' | 'rfc3164';
      readonly slot: number;
      readonly digits: number;
      readonly zone: string;
      readonly offsetSeconds: number;
    };

export interface Shape {
  readonly slots: readonly Slot[];
  readonly pieces: readonly Piece[];
}

const numberMax = 2 ** 29 - 1;
const originalNumber = 4;
const offsetMax = 100_000n;

export const isText = (kind: number) => kind === 0 || kind === 4 || kind === 9 || kind === 10;
const hasOriginal = ({ number, kind }: Slot) => kind === slotKinds.event || (number === originalNumber && isText(kind));
export const isAttr = (kind: number) => kind >= 4 && kind <= 9;

export function readShapes(sections: Sections, columns: readonly ColumnType[]): Shape[] {
  const shapes: Shape[] = [];
  for (let s = 0; s < sections.header.shapes; s++) shapes.push(readShape(sections, columns));
  if (sections.head.left !== 0) refuse('bytes follow its shapes');
  return shapes;
}

function readShape(sections: Sections, columns: readonly ColumnType[]): Shape {
  const { head } = sections;
  const slots: Slot[] = [];
  for (let left = head.varint(head.left); left > 0; left--) slots.push(readSlot(sections, columns));
  if (slots.length === 0) refuse('a shape without fields');
  const pieces: Piece[] = [];
  for (let left = head.varint(2 * slots.length + 1); left > 0; left--) pieces.push(readPiece(sections, columns, slots));
  if (slots.some((slot) => slot.column < 0 && slot.first + slot.count > pieces.length)) refuse('a field of no pieces');
  if (slots.filter(hasOriginal).length > 1) refuse('an event of two originals');
  return { slots, pieces };
}

function readSlot({ head }: Sections, columns: readonly ColumnType[]): Slot {
  const number = head.varint(numberMax);
  const kind = head.byte(10);
  if ((number === 0) !== (kind === slotKinds.event)) refuse('a field of no number');
  if (isAttr(kind) && number !== 15) refuse('an attribute that is none');
  const name = isAttr(kind) ? head.text().toString('latin1') : undefined;
  if (head.byte(1) === 1) {
    if (!isText(kind) || kind === slotKinds.event) refuse('pieces of what is no text');
    return { number, kind, name, column: -1, first: head.varint(65_535), count: head.varint(65_535) };
  }
  const column = head.varint(columns.length - 1);
  const type = columns[column] as ColumnType;
  if (isText(kind) ? type === 'number' || (type === 'id' && kind !== 0) : type !== 'number')
    refuse('a field has a column of another type');
  return { number, kind, name, column, first: 0, count: 0 };
}

function readPiece({ head }: Sections, columns: readonly ColumnType[], slots: readonly Slot[]): Piece {
  const kind = head.byte(5);
  if (kind === 0) return { kind: 'literal', text: head.text().toString('latin1') };
  const number = head.varint(2 ** 32 - 1);
  if (kind === 1) {
    if (columns[number] !== 'text') refuse('a piece of no text');
    return { kind: 'column', column: number };
  }
  const slot = slots[number];
  if (!slot || slot.column < 0) return refuse('a piece of no field');
  const text = isText(slot.kind) && columns[slot.column] === 'text';
  if (kind === 2) {
    if (!text && slot.kind !== slotKinds.varint && slot.kind !== slotKinds.attrInt) refuse('a piece of no text');
    return { kind: 'slot', slot: number };
  }
  if (kind === 5) {
    if (!text) refuse('structured data of no text');
    return { kind: 'structured data', slot: number };
  }
  if (slot.kind !== slotKinds.fixed64) refuse('a time of no number');
  const digits = kind === 3 ? head.byte(9) : 0;
  const zone = kind === 3 ? String.fromCharCode(head.byte()) : '';
  if (kind === 3 && !'Z+-'.includes(zone)) refuse('a time of no zone');
  const offset = head.zigzag();
  if (offset < -offsetMax || offset > offsetMax) refuse('a time of no zone');
  return { kind: kind === 3 ? 'rfc3339' : 'rfc3164', slot: number, digits, zone, offsetSeconds: Number(offset) };
}
