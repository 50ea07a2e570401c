/** Fields as bytes of a LogEvent (schema/README.md). */
import { ByteReader, type Output, refuse } from './bytes.js';
import { isAttr, isText, type Slot, slotKinds } from './shapes.js';

/** Texts and bytes a character a byte; integers; the bits of doubles. */
export type Value = string | bigint;

/** The text of bytes that are a string, a character a byte. */
export function utf8(bytes: string): string {
  for (let i = 0; i < bytes.length; i++) {
    if (bytes.charCodeAt(i) > 127) return Buffer.from(bytes, 'latin1').toString();
  }
  return bytes;
}

const originalTag = 4 * 8 + 2;

export function writeField(out: Output, slot: Slot, value: Value): void {
  const { kind, number } = slot;
  if (kind === slotKinds.event) out.text(value as string);
  else if (isAttr(kind)) writeAttr(out, slot, value);
  else {
    const wire = isText(kind) ? 2 : kind === slotKinds.fixed64 ? 1 : 0;
    out.varint(number * 8 + wire);
    if (wire === 2) writeText(out, value as string);
    else if (wire === 1) out.fixed64(value as bigint);
    else out.varint(kind === slotKinds.bool && value !== 0n ? 1 : (value as bigint));
  }
}

function writeText(out: Output, text: string): void {
  out.varint(text.length);
  out.text(text);
}

export const varintSize = (value: number) => {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
};

/** Numbers of the fields of an attribute's value, by slot kind. */
const attrFields = [1, 2, 3, 4, 5, 6] as const;

/** An entry of `attrs`: {1: name, 2: {1 string, 2 int, 3 double, 4 bool, 5 null, 6 JSON}}. */
function writeAttr(out: Output, { kind, name, number }: Slot, value: Value): void {
  const key = name as string;
  const zigzag =
    kind === slotKinds.attrInt ? BigInt.asUintN(64, ((value as bigint) << 1n) ^ ((value as bigint) >> 63n)) : 0n;
  let size = 2;
  if (isText(kind)) size = 1 + varintSize((value as string).length) + (value as string).length;
  else if (kind === slotKinds.attrInt) size = 1 + zigzagSize(zigzag);
  else if (kind === slotKinds.attrDouble) size = 9;
  out.varint(number * 8 + 2);
  out.varint(1 + varintSize(key.length) + key.length + 1 + varintSize(size) + size);
  out.byte(1 * 8 + 2);
  writeText(out, key);
  out.byte(2 * 8 + 2);
  out.varint(size);
  const field = attrFields[kind - slotKinds.attrString] as number;
  out.byte(field * 8 + (isText(kind) ? 2 : kind === slotKinds.attrDouble ? 1 : 0));
  if (isText(kind)) writeText(out, value as string);
  else if (kind === slotKinds.attrInt) out.varint(zigzag);
  else if (kind === slotKinds.attrDouble) out.fixed64(value as bigint);
  else out.byte(kind === slotKinds.attrBool && value === 0n ? 0 : 1);
}

function zigzagSize(value: bigint): number {
  let size = 1;
  for (let rest = value; rest >= 128n; rest >>= 7n) size++;
  return size;
}

/** event.original of a LogEvent; undefined: it has none. */
export function originalOf(event: Buffer): Buffer | undefined {
  const reader = new ByteReader(event);
  let original: Buffer | undefined;
  while (reader.left > 0) {
    const tag = reader.varint(2 ** 32 - 1);
    const wire = tag & 7;
    if (wire === 2) {
      const bytes = reader.text();
      if (tag === originalTag) original = bytes;
    } else if (wire === 1) reader.bytes(8);
    else if (wire === 5) reader.bytes(4);
    else if (wire === 0) while (reader.byte() >= 128);
    else refuse('an event that is no LogEvent');
  }
  return original;
}
