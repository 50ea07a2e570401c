/** Some fields of every event of a frame, by ECS name. */
import { ecsFields } from '../generated/ecs-fields.js';
import { type FieldValue, readLogEvent } from '../reader.js';
import { Frame, type FrameOptions } from './frame.js';
import { utf8, type Value } from './log-event-bytes.js';
import { slotKinds } from './shapes.js';

const byName = new Map(ecsFields.map((field) => [field[0], field]));
const attrsNumber = 15;
const eventOriginal = 'event.original';

/** What a field of an event is; undefined: the event has none. Repeated fields are arrays. */
export type FrameField = FieldValue | Uint8Array | readonly FieldValue[] | undefined;

/**
 * The named fields of every event: `fields[name][event]`. Texts are strings, dates ns since 1970 as bigint, integers bigint or number,
 * event.original its bytes. Only the columns of these fields are read, so two fields cost a fraction of all.
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
  for (const name of names) {
    const known = byName.get(name);
    if (known) byNumber.set(known[1], name);
  }
  frame.projectTexts(
    (number, attribute) => (number === attrsNumber ? columns.has(attribute as string) : byNumber.has(number)),
    (event, number, kind, raw, attribute) => {
      if (kind === slotKinds.event) {
        for (const [name, column] of columns) column[event] = fieldOf(Buffer.from(raw as string, 'latin1'), name);
        return;
      }
      const name = number === attrsNumber ? (attribute as string) : (byNumber.get(number) as string);
      const column = columns.get(name) as FrameField[];
      const known = number === attrsNumber ? undefined : byName.get(name);
      const one = known ? fieldValue(known[2], raw) : attributeValue(kind, raw);
      column[event] = known?.[3] ? [...((column[event] as FieldValue[] | undefined) ?? []), one as FieldValue] : one;
    },
  );
  return Object.fromEntries(columns);
}

function fieldValue(shape: string, raw: Value): FrameField {
  if (shape === 'bytes') return Buffer.from(raw as string, 'latin1');
  if (shape === 'bool') return raw !== 0n;
  if (shape === 'double') return double(raw as bigint);
  return typeof raw === 'string' ? utf8(raw) : raw;
}

function attributeValue(kind: number, raw: Value): FrameField {
  if (kind === slotKinds.attrBool) return raw !== 0n;
  if (kind === slotKinds.attrNull) return null;
  if (kind === slotKinds.attrDouble) return double(raw as bigint);
  return typeof raw === 'string' ? utf8(raw) : raw;
}

function double(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigInt64(0, bits);
  return view.getFloat64(0);
}

/** Of an event that travels whole. */
function fieldOf(event: Buffer, name: string): FrameField {
  const read = readLogEvent(event);
  if (name === eventOriginal) return read.original;
  if (name === '@timestamp') return read.timestampNs;
  if (name === 'event.created') return read.createdNs;
  return read.fields.get(name) ?? read.attrs.get(name);
}
