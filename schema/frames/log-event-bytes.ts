/** Fields as bytes of a LogEvent (schema/README.md). */
import { ByteReader, refuse } from './bytes.js';
import type { Output } from './output.js';
import type { Reading } from './reading.js';
import { isAttr, isText, type Slot, slotKinds } from './shapes.js';
import { ValueSize, zigzag } from './value-size.js';

const originalTag = 4 * 8 + 2;

/** Writes one slot of a shape. */
export class FieldWriter {
  readonly #slot: Slot;
  readonly #size: ValueSize;
  readonly #name: Buffer;

  constructor(slot: Slot) {
    this.#slot = slot;
    this.#size = new ValueSize(slot);
    this.#name = Buffer.from(slot.name ?? '', 'latin1');
  }

  /** Of the event read last. */
  write(out: Output, reading: Reading, i: number): void {
    const { kind, number } = this.#slot;
    if (kind === slotKinds.event) writeBytes(out, reading, i);
    else if (isAttr(kind)) this.#writeAttr(out, reading, i);
    else {
      const wire = isText(kind) ? 2 : kind === slotKinds.fixed64 ? 1 : 0;
      out.varint(number * 8 + wire);
      if (wire === 2) writeText(out, reading, i);
      else if (wire === 1) out.fixed64(reading.big(i));
      else if (kind === slotKinds.bool) out.byte(reading.big(i) === 0n ? 0 : 1);
      else out.wideVarint(reading.big(i));
    }
  }

  /** An entry of `attrs`: {1: name, 2: {1 string, 2 int, 3 double, 4 bool, 5 null, 6 JSON}}. */
  #writeAttr(out: Output, reading: Reading, i: number): void {
    const { kind, number } = this.#slot;
    const size = this.#size.attribute(reading, i);
    out.varint(number * 8 + 2);
    out.varint(this.#size.entry(size));
    out.byte(1 * 8 + 2);
    out.varint(this.#name.length);
    out.append(this.#name);
    out.byte(2 * 8 + 2);
    out.varint(size);
    const field = attrFields[kind - slotKinds.attrString] as number;
    out.byte(field * 8 + (isText(kind) ? 2 : kind === slotKinds.attrDouble ? 1 : 0));
    if (isText(kind)) writeText(out, reading, i);
    else if (kind === slotKinds.attrInt) out.wideVarint(zigzag(reading.big(i)));
    else if (kind === slotKinds.attrDouble) out.fixed64(reading.big(i));
    else out.byte(kind === slotKinds.attrBool && reading.big(i) === 0n ? 0 : 1);
  }
}

/** Numbers of the fields of an attribute's value, by slot kind. */
const attrFields = [1, 2, 3, 4, 5, 6] as const;

function writeText(out: Output, reading: Reading, i: number): void {
  out.varint(reading.size(i));
  writeBytes(out, reading, i);
}

function writeBytes(out: Output, reading: Reading, i: number): void {
  const shared = reading.shared[i];
  if (shared) out.append(shared.bytes);
  else
    out.copy(
      reading.out.bytes,
      reading.out.start + (reading.from[i] as number),
      reading.out.start + (reading.to[i] as number),
    );
}

/** event.original of a LogEvent; undefined: it has none. */
export function originalOf(event: Buffer): Buffer | undefined {
  const reader = new ByteReader(event);
  let original: Buffer | undefined;
  while (reader.left > 0) {
    const tag = reader.varint(2 ** 32 - 1);
    const wire = tag & 7;
    if (tag < 8) refuse('an event that is no LogEvent');
    if (wire === 2) {
      const bytes = reader.text();
      if (tag === originalTag) original = bytes;
    } else if (wire === 1) reader.bytes(8);
    else if (wire === 5) reader.bytes(4);
    else if (wire === 0) reader.varint64();
    else refuse('an event that is no LogEvent');
  }
  return original;
}
