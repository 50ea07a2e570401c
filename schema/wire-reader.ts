/**
 * Reads a LogEvent from its bytes by a table of its fields (schema/README.md). A message of two thousand fields makes a decoder of any
 * library slow: this one touches only the fields that are there.
 */

import { type FieldValue, jsonOrText } from './field-value.js';
import { ecsFields } from './generated/ecs-fields.js';
import { RecordBytes, type RecordPart } from './record-bytes.js';

/** What the bytes say; spans are not resolved. */
export interface WireEvent {
  timestampNs: bigint | undefined;
  createdNs: bigint;
  /** Hexadecimal. */
  id: string;
  original: Uint8Array | undefined;
  readonly fields: Map<string, FieldValue | FieldValue[]>;
  /** Values may be spans of attributes. */
  readonly attrs: Map<string, FieldValue>;
  readonly spans: number[];
  /** Whether a value is one. */
  spanAttrs: boolean;
}

/** An attribute's value that is the text of a span, or JSON text. */
export class AttrSpan {
  constructor(
    readonly index: number,
    readonly json: boolean,
  ) {}
}

/** A field of the schema. */
export interface Known {
  readonly name: string;
  readonly shape: (typeof ecsFields)[number][2];
  readonly repeated: boolean;
  readonly wire: number;
}

const varintWire = 0;
const fixed64Wire = 1;
const textWire = 2;
export const attrsNumber = 15;
export const spansNumber = 2616;
export const idNumber = 3;

const wires = {
  string: textWire,
  ip: textWire,
  json: textWire,
  bytes: textWire,
  int: varintWire,
  bool: varintWire,
  double: fixed64Wire,
  date: fixed64Wire,
} as const;

/** By number; fields of later schemas are unknown and passed over. */
const known: (Known | undefined)[] = [];
for (const [name, number, shape, repeated] of ecsFields) known[number] = { name, shape, repeated, wire: wires[shape] };

/** The field of a number; undefined: this schema has none. */
export function knownField(number: number): Known | undefined {
  return known[number];
}

/** @throws Error when the bytes are not a LogEvent */
export function readWire(value: Uint8Array, part?: RecordPart): WireEvent {
  const bytes = new RecordBytes(value, part);
  const event: WireEvent = {
    timestampNs: undefined,
    createdNs: 0n,
    id: '',
    original: undefined,
    fields: new Map(),
    attrs: new Map(),
    spans: [],
    spanAttrs: false,
  };
  while (bytes.at < bytes.end) {
    const tag = bytes.varint();
    const wire = tag & 7;
    const number = tag >>> 3;
    if (wire === textWire) {
      const to = bytes.size();
      if (number === attrsNumber) readAttr(bytes, to, event);
      else if (number === spansNumber) while (bytes.at < to) event.spans.push(bytes.varint());
      else readText(bytes, to, number, event);
      bytes.leave(to);
    } else if (number === spansNumber && wire === varintWire) event.spans.push(bytes.varint());
    else readNumber(bytes, wire, number, event);
  }
  return event;
}

function readText(bytes: RecordBytes, to: number, number: number, event: WireEvent): void {
  const field = known[number];
  if (field === undefined) bytes.at = to;
  else if (field.wire === textWire) {
    if (field.shape === 'bytes') {
      if (number === idNumber) event.id = bytes.hex(to);
      else event.original = bytes.slice(to);
      return;
    }
    const text = bytes.text(to);
    put(event, field, field.shape === 'json' ? jsonOrText(text) : text);
  } else if (field.repeated) {
    while (bytes.at < to) put(event, field, numberOf(bytes, field));
  } else bytes.at = to;
}

function readNumber(bytes: RecordBytes, wire: number, number: number, event: WireEvent): void {
  const field = known[number];
  if (field === undefined || field.wire !== wire) bytes.skip(wire);
  else if (number === 1) event.timestampNs = bytes.fixed64();
  else if (number === 2) event.createdNs = bytes.fixed64();
  else put(event, field, numberOf(bytes, field));
}

function numberOf(bytes: RecordBytes, { shape }: Known): FieldValue {
  if (shape === 'int') return bytes.int64();
  if (shape === 'date') return bytes.fixed64();
  return shape === 'double' ? bytes.double() : bytes.int64() !== 0n;
}

function put({ fields }: WireEvent, { name, repeated }: Known, value: FieldValue): void {
  if (!repeated) {
    fields.set(name, value);
    return;
  }
  const before = fields.get(name) as FieldValue[] | undefined;
  if (before) before.push(value);
  else fields.set(name, [value]);
}

/** {1: name, 2: Value}, to byte `to`. */
function readAttr(bytes: RecordBytes, to: number, event: WireEvent): void {
  let name = '';
  let value: FieldValue = null;
  while (bytes.at < to) {
    const tag = bytes.varint();
    if (tag === 10) name = bytes.text(bytes.size());
    else if (tag === 18) value = readValue(bytes, bytes.size());
    else bytes.skip(tag & 7);
  }
  event.attrs.set(name, value);
  if (value instanceof AttrSpan) event.spanAttrs = true;
}

/** {1 string, 2 sint64, 3 double, 4 bool, 5 null, 6 JSON, 7 span, 8 span of JSON}, to byte `to`. */
function readValue(bytes: RecordBytes, to: number): FieldValue {
  let value: FieldValue = null;
  while (bytes.at < to) {
    const tag = bytes.varint();
    if (tag === 10) value = bytes.text(bytes.size());
    else if (tag === 16) value = zigzag(bytes.int64());
    else if (tag === 25) value = bytes.double();
    else if (tag === 32) value = bytes.int64() !== 0n;
    else if (tag === 50) value = jsonOrText(bytes.text(bytes.size()));
    else if (tag === 56 || tag === 64) value = new AttrSpan(bytes.varint(), tag === 64);
    else bytes.skip(tag & 7);
  }
  bytes.leave(to);
  return value;
}

function zigzag(value: bigint): bigint {
  const bits = BigInt.asUintN(64, value);
  return (bits >> 1n) ^ -(bits & 1n);
}
