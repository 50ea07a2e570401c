/** What values of a slot take in a LogEvent (schema/README.md), as `writeField` writes them. */
import { type Value, varintSize } from './log-event-bytes.js';
import type { Column } from './reading.js';
import { isAttr, isText, type Shape, type Slot, slotKinds } from './shapes.js';

const valueTagBytes = 1;

export function sizeOf(slot: Slot, value: Value): number {
  const { kind } = slot;
  if (isAttr(kind)) return attrSize(slot, value);
  const tag = tagSize(slot);
  if (typeof value === 'string') return tag + textSize(value);
  if (kind === slotKinds.fixed64) return tag + 8;
  return tag + (kind === slotKinds.bool ? 1 : bigVarintSize(value));
}

/** Bytes of the tag of a slot that is no attribute. */
export function tagSize({ number }: Slot): number {
  return varintSize(number * 8);
}

function attrSize({ kind, name }: Slot, value: Value): number {
  let size = valueTagBytes + 1;
  if (typeof value === 'string') size = valueTagBytes + textSize(value);
  else if (kind === slotKinds.attrInt) size = valueTagBytes + bigVarintSize(value < 0n ? -2n * value - 1n : 2n * value);
  else if (kind === slotKinds.attrDouble) size = valueTagBytes + 8;
  const entry = 1 + textSize(name as string) + 1 + varintSize(size) + size;
  return 1 + varintSize(entry) + entry;
}

/** Of a text after its length. */
export function textSize({ length }: string): number {
  return (length < 128 ? 1 : varintSize(length)) + length;
}

/** Of 64 bits, as they are. */
function bigVarintSize(value: bigint): number {
  if (value < 0n) return 10;
  const most = Number(value);
  if (most < 2 ** 52) return varintSize(most);
  let size = 7;
  for (let rest = value >> 49n; rest > 0n; rest >>= 7n) size++;
  return size;
}

/** Whether every value of a slot is ASCII, whatever the event. */
export function isAscii(
  { column, kind, first, count }: Slot,
  { slots, pieces }: Shape,
  columns: readonly Column[],
): boolean {
  if (!isText(kind)) return true;
  if (column >= 0) return (columns[column] as Column).ascii();
  return pieces.slice(first, first + count).every((piece) => {
    if (piece.kind === 'literal') return /^[\0-\x7f]*$/.test(piece.text);
    const from = piece.kind === 'column' ? piece.column : (slots[piece.slot] as Slot).column;
    return (columns[from] as Column).ascii();
  });
}
