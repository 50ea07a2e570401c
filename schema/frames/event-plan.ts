/** How the values of a shape become an event as `readLogEvent` gives it, without its LogEvent being written. */
import { jsonOrText } from '../field-value.js';
import type { FieldValue, ReadEvent } from '../reader.js';
import { attrsNumber, idNumber, knownField, spansNumber } from '../wire-reader.js';
import { refuse } from './bytes.js';
import type { Column, Reading } from './reading.js';
import { isAttr, isText, type Shape, type Slot, slotKinds } from './shapes.js';
import { isAscii, ValueSize } from './value-size.js';

/** What a value is in the event. */
type Place = 'timestamp' | 'created' | 'id' | 'original' | 'field' | 'repeated' | 'attribute' | 'unknown';
type Form = 'ascii' | 'text' | 'json' | 'int' | 'flag' | 'double' | 'null';

interface Target {
  readonly place: Place;
  readonly form: Form;
  readonly name: string;
}

class Step {
  readonly place: Place;
  readonly form: Form;
  readonly name: string;
  readonly size: ValueSize;

  constructor({ place, form, name }: Target, slot: Slot) {
    this.place = place;
    this.form = form;
    this.name = name;
    this.size = new ValueSize(slot);
  }
}

export class EventPlan {
  /** Of the event read last: what its LogEvent takes. */
  bytes = 0;
  readonly #steps: readonly Step[];

  private constructor(steps: readonly Step[]) {
    this.#steps = steps;
  }

  /** undefined: its events are read of their LogEvents. */
  static of(shape: Shape, columns: readonly Column[]): EventPlan | undefined {
    const steps: Step[] = [];
    for (const slot of shape.slots) {
      const target = targetOf(slot, () => isAscii(slot, shape, columns));
      if (!target) return undefined;
      steps.push(new Step(target, slot));
    }
    return new EventPlan(steps);
  }

  /** The event that was read last; `original` is told event.original. */
  read(reading: Reading, bytesMax: number, original: (bytes: Buffer) => void): ReadEvent {
    const steps = this.#steps;
    const event = new PlainEvent();
    const texts = new EventTexts(reading);
    let bytes = 0;
    for (let i = 0; i < steps.length; i++) {
      const { place, name, form, size } = steps[i] as Step;
      bytes += size.of(reading, i);
      if (bytes > bytesMax) refuse('an event is larger than its header says');
      if (place === 'field') event.fields.set(name, fieldOf(texts, form, i));
      else if (place === 'attribute') event.attrs.set(name, fieldOf(texts, form, i));
      else if (place === 'timestamp') event.timestampNs = reading.big(i);
      else if (place === 'created') event.createdNs = reading.big(i);
      else if (place === 'id') event.id = reading.hex[i] ?? reading.bytes(i).toString('hex');
      else if (place === 'original') {
        event.original = reading.bytes(i);
        original(event.original);
      } else if (place === 'repeated') {
        const before = event.fields.get(name) as FieldValue[] | undefined;
        if (before) before.push(fieldOf(texts, form, i));
        else event.fields.set(name, [fieldOf(texts, form, i)]);
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

/** The texts of one event: those that are ASCII are parts of one string, which is made when the first is asked for. */
class EventTexts {
  readonly reading: Reading;
  #all: string | undefined;

  constructor(reading: Reading) {
    this.reading = reading;
  }

  ascii(i: number): string {
    const { shared, from, to, out } = this.reading;
    const known = shared[i];
    if (known) return known.text;
    this.#all ??= out.bytes.toString('latin1', out.start, out.end);
    return this.#all.slice(from[i], to[i]);
  }

  text(i: number): string {
    const known = this.reading.shared[i];
    if (known) return known.text;
    const { out, from, to } = this.reading;
    const end = out.start + (to[i] as number);
    const begin = out.start + (from[i] as number);
    let all = 0;
    for (let at = begin; at < end; at++) all |= out.bytes[at] as number;
    return all < 128 ? this.ascii(i) : out.bytes.toString('utf8', begin, end);
  }
}

/** undefined: only the reader of LogEvents knows. */
function targetOf(slot: Slot, ascii: () => boolean): Target | undefined {
  const { kind, number } = slot;
  if (kind === slotKinds.event || number === spansNumber) return undefined;
  if (isAttr(kind))
    return {
      place: 'attribute',
      form: attrForm(kind, ascii),
      name: Buffer.from(slot.name as string, 'latin1').toString(),
    };
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

function fieldOf(texts: EventTexts, form: Form, i: number): FieldValue {
  if (form === 'ascii') return texts.ascii(i);
  if (form === 'int') return texts.reading.big(i);
  if (form === 'text') return texts.text(i);
  if (form === 'json') return jsonOrText(texts.text(i));
  if (form === 'flag') return texts.reading.big(i) !== 0n;
  if (form === 'null') return null;
  scratch.setBigInt64(0, texts.reading.big(i));
  return scratch.getFloat64(0);
}
