/** Some fields of every event of a frame, by ECS name. */

import { jsonOrText } from '../field-value.js';
import { ecsFields } from '../generated/ecs-fields.js';
import type { FieldValue, ReadEvent } from '../reader.js';
import { eventOf } from './event-of.js';
import { Frame, type FrameOptions } from './frame.js';
import type { Reading } from './reading.js';
import { isText, slotKinds } from './shapes.js';

const byName = new Map(ecsFields.map((field) => [field[0], field]));
const attrsNumber = 15;
const eventOriginal = 'event.original';
const eventId = 'event.id';

/** What a field of an event is; undefined: the event has none. Repeated fields are arrays. */
export type FrameField = FieldValue | Uint8Array | readonly FieldValue[] | undefined;

/**
 * The named fields of every event: `fields[name][event]`, as `readLogEvent` of `penstock/log-event` gives them: texts are strings, dates ns since
 * 1970 as bigint, integers bigint or number, JSON parsed, event.id 36 hex digits, event.original its bytes. Only the columns of these fields are read, so two fields cost a fraction of all.
 * @param names ECS names, or names of attributes
 * @throws FrameError
 */
export function frameFields(
  value: Uint8Array,
  names: readonly string[],
  options?: FrameOptions,
): { readonly [name: string]: FrameField[] } {
  const frame = new Frame(value, options);
  const { events } = frame.header;
  const columns = new Map(names.map((name) => [name, new Array<FrameField>(events).fill(undefined)]));
  const byNumber = new Map<number, string>();
  /** A field goes before an attribute of its name, which a sender may have sent beside it. */
  const attributes = new Map(columns);
  for (const name of names) {
    const known = byName.get(name);
    if (!known) continue;
    byNumber.set(known[1], name);
    attributes.set(name, new Array<FrameField>(events).fill(undefined));
  }
  frame.projectShared(
    (number, attribute) => (number === attrsNumber ? columns.has(attribute as string) : byNumber.has(number)),
    (event, { number, kind }, reading, i, attribute) => {
      if (kind === slotKinds.event) {
        const read = eventOf(Buffer.from(reading.bytes(i)));
        for (const [name, column] of columns) column[event] = fieldOf(read, name);
        return;
      }
      if (number === attrsNumber) {
        const column = attributes.get(attribute as string) as FrameField[];
        column[event] = attributeValue(kind, reading, i);
        return;
      }
      const name = byNumber.get(number) as string;
      const column = columns.get(name) as FrameField[];
      const [, , shape, repeated] = byName.get(name) as (typeof ecsFields)[number];
      const one = fieldValue(name === eventId ? 'id' : shape, kind, reading, i);
      column[event] = repeated ? [...((column[event] as FieldValue[] | undefined) ?? []), one as FieldValue] : one;
    },
  );
  for (const name of byNumber.values()) {
    const [column, sent] = [columns.get(name) as FrameField[], attributes.get(name) as FrameField[]];
    for (let event = 0; event < events; event++) if (column[event] === undefined) column[event] = sent[event];
  }
  return Object.fromEntries(columns);
}

function fieldValue(shape: string, kind: number, reading: Reading, i: number): FrameField {
  if (shape === 'id') return reading.bytes(i).toString('hex');
  if (shape === 'json') return jsonOrText(text(reading, i));
  if (isText(kind)) return shape === 'bytes' ? Buffer.from(reading.bytes(i)) : text(reading, i);
  if (shape === 'bool') return reading.big(i) !== 0n;
  return shape === 'double' ? double(reading.big(i)) : reading.big(i);
}

function attributeValue(kind: number, reading: Reading, i: number): FrameField {
  if (kind === slotKinds.attrJson) return jsonOrText(text(reading, i));
  if (isText(kind)) return text(reading, i);
  if (kind === slotKinds.attrBool) return reading.big(i) !== 0n;
  if (kind === slotKinds.attrNull) return null;
  return kind === slotKinds.attrDouble ? double(reading.big(i)) : reading.big(i);
}

function text(reading: Reading, i: number): string {
  return reading.shared[i]?.text ?? reading.bytes(i).toString();
}

function double(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigInt64(0, bits);
  return view.getFloat64(0);
}

/** Of an event that travels whole. */
function fieldOf(read: ReadEvent, name: string): FrameField {
  if (name === eventOriginal) return read.original;
  if (name === '@timestamp') return read.timestampNs;
  if (name === 'event.created') return read.createdNs;
  if (name === eventId) return read.id;
  return read.fields.get(name) ?? read.attrs.get(name);
}
