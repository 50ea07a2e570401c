/** LogEvents as their readers see them: protobuf values and Kafka records → ECS JSON. */
import { loadAddon } from './load.js';

interface LogEventAddon {
  logEventToJson(value: Uint8Array): Buffer | null;
  logRecordsToJson(records: Uint8Array, bytesMax: number): DecodedRecords;
  encodeLogEvent(event: PlainEvent): EncodedEvent;
  ecsFieldNumber(name: string): number;
}

export interface DecodedRecords {
  /** NDJSON: one ECS event a line. */
  readonly json: Buffer;
  /** Bytes of the records read: less than all when `bytesMax` was met; call again with the rest. */
  readonly consumed: number;
  readonly events: number;
  /** Records that hold no LogEvent (skipped); a damaged record ends the input and counts as one. */
  readonly errors: number;
}

/**
 * Decodes consecutive records of a Kafka RecordBatch v2: uncompressed, what follows the 61 bytes of batch header. Values are
 * LogEvents (or, from the encoding "json", JSON objects, which pass). Never throws on hostile bytes: they are counted.
 */
export function decodeLogEvents(records: Uint8Array, bytesMax = 64 << 20): DecodedRecords {
  return loadAddon<LogEventAddon>().logRecordsToJson(records, bytesMax);
}

/** ECS JSON of one record's value; undefined when it is no LogEvent. */
export function logEventToJson(value: Uint8Array): string | undefined {
  return loadAddon<LogEventAddon>().logEventToJson(value)?.toString('utf8').trimEnd();
}

/** The protobuf number by which native code knows an ECS field; 0: it knows none of that name. */
export function ecsFieldNumber(name: string): number {
  return loadAddon<LogEventAddon>().ecsFieldNumber(name);
}

export type ValueKind = 'string' | 'int' | 'double' | 'bool' | 'null' | 'json';
/** Dotted name, kind, value; `int` (and dates, ns since 1970) as bigint, `json` as text. */
export type PlainValue = readonly [name: string, kind: ValueKind, value: string | bigint | number | boolean | null];

/** An event as a test writes it. */
export interface PlainEvent {
  readonly createdNs: bigint;
  readonly timestampNs?: bigint;
  readonly id: readonly [node: number, boot: number, ring: number, chunk: number, index: number];
  readonly original?: Uint8Array;
  readonly message?: string;
  readonly peer?: string;
  readonly problems: readonly (readonly [label: string, offset: number])[];
  readonly fields: readonly PlainValue[];
  readonly attrs: readonly PlainValue[];
}
export interface EncodedEvent {
  readonly protobuf: Buffer;
  readonly compact: Buffer;
  readonly json: Buffer;
  readonly avro: Buffer;
  readonly msgpack: Buffer;
  readonly ocsf: Buffer;
  /** The encoder wrote exactly as many bytes as it had said. */
  readonly sizeAsComputed: boolean;
}

/** The encodings of one event. For tests and tools: events themselves never pass through JavaScript. */
export function encodeLogEvent(event: PlainEvent): EncodedEvent {
  return loadAddon<LogEventAddon>().encodeLogEvent(event);
}
