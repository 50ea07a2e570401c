/**
 * Reads LogEvent values, of the encodings "protobuf" and "compact": for consumers in TypeScript (as `penstock/log-event`). With the message
 * type of a schema protobufjs decodes them: for other versions of the schema, and as the independent decoder of the tests.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { type FieldValue, jsonOrText } from './field-value.js';
import { ecsFields } from './generated/ecs-fields.js';
import type { RecordPart } from './record-bytes.js';
import { type ResolvedSpans, resolveSpans, spanText } from './spans.js';
import { AttrSpan, readWire } from './wire-reader.js';

export type { FieldValue } from './field-value.js';

export interface ReadEvent {
  /** ns since 1970. */
  readonly timestampNs: bigint;
  readonly createdNs: bigint;
  /** 36 hex digits; orders events of one ring. */
  readonly id: string;
  readonly original: Uint8Array | undefined;
  /** Everything else that ECS knows, under dotted names. */
  readonly fields: ReadonlyMap<string, FieldValue | readonly FieldValue[]>;
  /** What ECS does not know, under dotted names. */
  readonly attrs: ReadonlyMap<string, FieldValue>;
}

/** The message type, from schema/log_event.proto (or the given text of an older one). */
export function logEventType(proto: string = readFileSync(protoPath(), 'utf8')): protobuf.Type {
  return protobuf.parse(proto, { keepCase: true }).root.lookupType('penstock.v1.LogEvent');
}

/**
 * The event, with its spans resolved: the same whichever the encoding.
 * @param type of another version of the schema; default: this one's, read about fifty times faster. A number is none: `map(readLogEvent)` gives one
 * @throws Error when the bytes are not a LogEvent, or its spans do not fit
 */
export function readLogEvent(value: Uint8Array, type?: protobuf.Type | number): ReadEvent {
  return typeof type === 'object' ? readMessage(value, type) : readRecord(value);
}

/** @param part where the record is within `value`; default: all of it. */
export function readRecord(value: Uint8Array, part?: RecordPart): ReadEvent {
  const { timestampNs, createdNs, id, original, fields, attrs, spans, spanAttrs } = readWire(value, part);
  const resolved = spans.length === 0 ? undefined : resolveSpans(original ?? noBytes, spans, shapeOf);
  if (spanAttrs) resolveAttrs(attrs, resolved?.attrs ?? []);
  return {
    timestampNs: timestampNs ?? createdNs,
    createdNs,
    id,
    original,
    fields: resolved ? withSpans(resolved, fields) : fields,
    attrs,
  };
}

function readMessage(value: Uint8Array, type: protobuf.Type): ReadEvent {
  const message = type.decode(value) as unknown as Record<string, unknown>;
  const original = Object.hasOwn(message, 'event_original') ? (message.event_original as Uint8Array) : undefined;
  const spans = resolveSpans(original ?? noBytes, (message.spans as number[] | undefined) ?? [], shapeOf);
  const fields = new Map<string, FieldValue | readonly FieldValue[]>();
  for (const [key, raw] of Object.entries(message)) {
    const known = names.get(key);
    // protobufjs makes every repeated field an array, also where there is none.
    if (known === undefined || (Array.isArray(raw) && raw.length === 0)) continue;
    const [name, , shape] = known;
    fields.set(name, Array.isArray(raw) ? raw.map((one) => fieldValue(shape, one)) : fieldValue(shape, raw));
  }
  const attrs = Object.entries(message.attrs as Record<string, AttrMessage>);
  return {
    timestampNs: integer(message.timestamp ?? message.event_created),
    createdNs: integer(message.event_created),
    id: Buffer.from((message.event_id as Uint8Array | undefined) ?? noBytes).toString('hex'),
    original,
    fields: withSpans(spans, fields),
    attrs: new Map(attrs.map(([name, value]) => [name, attrValue(value, spans.attrs)])),
  };
}

type Fields = ReadonlyMap<string, FieldValue | readonly FieldValue[]>;

/** Elements that are spans go before those that are written out; of other fields, what is written out counts. */
function withSpans(spans: ResolvedSpans, own: Fields): Fields {
  const fields = new Map<string, FieldValue | readonly FieldValue[]>();
  for (const [number, text] of spans.fields) {
    const [name, , shape, repeated] = byNumber.get(number) as (typeof ecsFields)[number];
    const value = fieldValue(shape, text);
    fields.set(name, repeated ? [...((fields.get(name) as FieldValue[] | undefined) ?? []), value] : value);
  }
  for (const [name, value] of own) {
    const before = repeatedNames.has(name) ? fields.get(name) : undefined;
    fields.set(name, before === undefined ? value : [...(before as FieldValue[]), ...(value as FieldValue[])]);
  }
  return fields;
}

function resolveAttrs(attrs: Map<string, FieldValue>, spans: readonly Uint8Array[]): void {
  for (const [name, value] of attrs) {
    if (!(value instanceof AttrSpan)) continue;
    const text = spanAt(spans, value.index);
    attrs.set(name, value.json ? jsonOrText(text) : text);
  }
}

const noBytes = new Uint8Array(0);

const members = new Set(['@timestamp', 'event.created', 'event.id', 'event.original']);
const names = new Map(ecsFields.filter(([name]) => !members.has(name)).map((field) => [protoName(field[0]), field]));

const repeatedNames = new Set(ecsFields.flatMap(([name, , , repeated]) => (repeated ? [name] : [])));
const byNumber = new Map(ecsFields.filter(([name]) => !members.has(name)).map((field) => [field[1], field]));

function shapeOf(number: number): 'string' | 'json' | 'int' | 'other' | undefined {
  const shape = byNumber.get(number)?.[2];
  if (shape === 'ip') return 'string';
  return shape === undefined || shape === 'string' || shape === 'json' || shape === 'int' ? shape : 'other';
}

/** 'log.syslog.msgid' → 'log_syslog_msgid' */
export function protoName(name: string): string {
  return name.replace(/^@/, '').replaceAll('.', '_');
}

function fieldValue(shape: string, raw: unknown): FieldValue {
  if (shape === 'int' || shape === 'date') return integer(raw);
  return shape === 'json' ? jsonOrText(raw as string) : (raw as FieldValue);
}

/** protobufjs's 64-bit integers print all their digits. */
function integer(raw: unknown): bigint {
  return BigInt(String(raw ?? 0));
}

interface AttrMessage {
  readonly s?: string;
  readonly i?: unknown;
  readonly d?: number;
  readonly b?: boolean;
  readonly json?: string;
  readonly s_span?: number;
  readonly json_span?: number;
}

/** Only what is set is the message's own; its prototype holds the defaults. */
function attrValue(message: AttrMessage, spans: readonly Uint8Array[]): FieldValue {
  const { s, i, d, b, json, s_span, json_span }: AttrMessage = { ...message };
  if (s_span != null) return spanAt(spans, s_span);
  if (json_span != null) return jsonOrText(spanAt(spans, json_span));
  if (i != null) return integer(i);
  return json != null ? jsonOrText(json) : (s ?? d ?? b ?? null);
}

function spanAt(spans: readonly Uint8Array[], index: number): string {
  const bytes = spans[index];
  if (bytes === undefined) throw new Error(`not a LogEvent: an attribute is span ${index} of ${spans.length}`);
  return spanText(bytes);
}

function protoPath(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const path = join(folder, 'schema', 'log_event.proto');
    if (existsSync(path)) return path;
    if (dirname(folder) === folder) throw new Error('schema/log_event.proto is missing');
  }
}
