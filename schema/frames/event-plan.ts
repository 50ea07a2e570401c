/** How the values of a shape become an event as `readLogEvent` gives it, without its LogEvent being written. */
import { jsonOrText } from '../field-value.js';
import { type FieldValue, type ReadEvent, readLogEvent } from '../reader.js';
import { attrsNumber, idNumber, knownField, spansNumber } from '../wire-reader.js';
import { refuse } from './bytes.js';
import { HexIds } from './hex-ids.js';
import { utf8, type Value } from './log-event-bytes.js';
import type { Column } from './reading.js';
import { isAttr, isText, type Shape, type Slot, slotKinds } from './shapes.js';
import { isAscii, sizeOf, tagSize, textSize } from './value-size.js';

/** What a value is in the event. */
type Place = 'timestamp' | 'created' | 'id' | 'original' | 'field' | 'repeated' | 'attribute' | 'unknown';
type Form = 'ascii' | 'text' | 'json' | 'int' | 'flag' | 'double' | 'null';

interface Step extends Target {
  readonly slot: Slot;
  /** Bytes of a field's tag. */
  readonly tagBytes: number;
}

interface Target {
  readonly place: Place;
  readonly form: Form;
  readonly name: string;
}

export class EventPlan {
  /** Of the event read last: what its LogEvent takes. */
  bytes = 0;
  readonly #steps: readonly Step[];
  readonly #ids = new HexIds();

  private constructor(steps: readonly Step[]) {
    this.#steps = steps;
  }

  /** undefined: its events are read of their LogEvents. */
  static of(shape: Shape, columns: readonly Column[]): EventPlan | undefined {
    const steps: Step[] = [];
    for (const slot of shape.slots) {
      const target = targetOf(slot, () => isAscii(slot, shape, columns));
      if (!target) return undefined;
      steps.push({ ...target, slot, tagBytes: tagSize(slot) });
    }
    return new EventPlan(steps);
  }

  /** The event of a LogEvent. @throws FrameError */
  static whole(record: Buffer): ReadEvent {
    try {
      return readLogEvent(record);
    } catch (error) {
      return refuse(`an event of it is ${(error as Error).message}`);
    }
  }

  /** `values` by slot; `original` is told event.original. */
  read(values: readonly (Value | undefined)[], bytesMax: number, original: (bytes: Buffer) => void): ReadEvent {
    const steps = this.#steps;
    const event = new PlainEvent();
    let bytes = 0;
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i] as Step;
      const value = values[i] as Value;
      bytes +=
        step.place !== 'attribute' && typeof value === 'string'
          ? step.tagBytes + textSize(value)
          : sizeOf(step.slot, value);
      if (bytes > bytesMax) refuse('an event is larger than its header says');
      if (step.place === 'field') event.fields.set(step.name, fieldOf(step, value));
      else if (step.place === 'attribute') event.attrs.set(step.name, fieldOf(step, value));
      else if (step.place === 'timestamp') event.timestampNs = value as bigint;
      else if (step.place === 'created') event.createdNs = value as bigint;
      else if (step.place === 'id') event.id = this.#ids.hex(value as string);
      else if (step.place === 'original') {
        event.original = Buffer.from(value as string, 'latin1');
        original(event.original);
      } else if (step.place === 'repeated') {
        const before = event.fields.get(step.name) as FieldValue[] | undefined;
        if (before) before.push(fieldOf(step, value));
        else event.fields.set(step.name, [fieldOf(step, value)]);
      }
    }
    this.bytes = bytes;
    const { timestampNs, createdNs, id, original: line, fields, attrs } = event;
    return { timestampNs: timestampNs ?? createdNs, createdNs, id, original: line, fields, attrs };
  }
}

class PlainEvent {
  timestampNs: bigint | undefined = undefined;
  createdNs = 0n;
  id = '';
  original: Buffer | undefined = undefined;
  readonly fields = new Map<string, FieldValue | FieldValue[]>();
  readonly attrs = new Map<string, FieldValue>();
}

/** undefined: only the reader of LogEvents knows. */
function targetOf(slot: Slot, ascii: () => boolean): Target | undefined {
  const { kind, number } = slot;
  if (kind === slotKinds.event || number === spansNumber) return undefined;
  if (isAttr(kind)) return { place: 'attribute', form: attrForm(kind, ascii), name: utf8(slot.name as string) };
  if (number === attrsNumber) return undefined;
  const field = knownField(number);
  const wire = isText(kind) ? 2 : kind === slotKinds.fixed64 ? 1 : 0;
  const unknown: Target = { place: 'unknown', form: 'null', name: '' };
  if (!field) return unknown;
  const { name, shape, repeated } = field;
  if (field.wire !== wire) return repeated ? undefined : unknown;
  if (shape === 'bytes') return { place: number === idNumber ? 'id' : 'original', form: 'text', name };
  if (number === 1 || number === 2) return { place: number === 1 ? 'timestamp' : 'created', form: 'int', name };
  const place = repeated ? 'repeated' : 'field';
  if (shape === 'json') return { place, form: 'json', name };
  if (wire === 2) return { place, form: ascii() ? 'ascii' : 'text', name };
  // A flag is written as 0 or 1, whatever its column has.
  if (kind === slotKinds.bool && shape === 'int') return undefined;
  return { place, form: shape === 'bool' ? 'flag' : shape === 'double' ? 'double' : 'int', name };
}

function attrForm(kind: number, ascii: () => boolean): Form {
  if (kind === slotKinds.attrString) return ascii() ? 'ascii' : 'text';
  if (kind === slotKinds.attrInt) return 'int';
  if (kind === slotKinds.attrDouble) return 'double';
  if (kind === slotKinds.attrBool) return 'flag';
  return kind === slotKinds.attrNull ? 'null' : 'json';
}

const scratch = new DataView(new ArrayBuffer(8));

function fieldOf({ form }: Target, value: Value): FieldValue {
  if (form === 'ascii' || form === 'int') return value;
  if (form === 'text') return utf8(value as string);
  if (form === 'json') return jsonOrText(utf8(value as string));
  if (form === 'flag') return value !== 0n;
  if (form === 'null') return null;
  scratch.setBigInt64(0, value as bigint);
  return scratch.getFloat64(0);
}
