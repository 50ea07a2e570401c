/** Native encoders and decoder against protobufjs, on events of every field. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeLogEvents,
  ecsFieldNumber,
  encodeLogEvent,
  logEventToJson,
  type PlainEvent,
  type PlainValue,
} from '../native/log-event.js';
import { ecsFields } from './generated/ecs-fields.js';
import { randomEvent, randomFrom } from './random-event.js';
import { type FieldValue, logEventType, protoName, type ReadEvent, readLogEvent } from './reader.js';

const events = 3000; // more than there are fields
const seed = Number(process.env.PENSTOCK_TEST_SEED ?? 20_240_601);
const tables = new Map(ecsFields.map(([name, number, shape, repeated]) => [name, { number, shape, repeated }]));

function series(check: (event: PlainEvent, about: string) => void): void {
  const random = randomFrom(seed);
  for (let i = 0; i < events; i++) check(randomEvent(random, i), `seed ${seed}, event ${i}`);
}

test('protobufjs and the reader for consumers read what the native encoder wrote', () => {
  const type = logEventType();
  series((event, about) => {
    const encoded = encodeLogEvent(event);
    assert.ok(encoded.sizeAsComputed, about);
    const wanted = expected(event);
    assert.deepEqual(readLogEvent(encoded.protobuf, type), wanted, about);
    assert.deepEqual(readLogEvent(encoded.protobuf), wanted, about);
  });
});

test('the reader for consumers reads what protobufjs wrote, and passes over what it does not know', () => {
  const type = logEventType();
  const unknown = Buffer.from('82fb0f03616263' + '88fb0f05' + '91fb0f0102030405060708' + '95fb0f01020304', 'hex');
  const random = randomFrom(seed);
  for (let i = 0; i < events / 10; i++) {
    const { protobuf } = encodeLogEvent(randomEvent(random, i * 10));
    const wanted = readLogEvent(protobuf);
    assert.deepEqual(readLogEvent(type.encode(type.decode(protobuf)).finish()), wanted, `seed ${seed}, event ${i}`);
    assert.deepEqual(readLogEvent(Buffer.concat([unknown, protobuf, unknown])), wanted, `seed ${seed}, event ${i}`);
  }
});

test('damaged events are read or refused in words, at every cut and flip', () => {
  const random = randomFrom(seed);
  let refused = 0;
  const read = (bytes: Uint8Array, about: string) => {
    try {
      readLogEvent(bytes);
    } catch (error) {
      assert.match((error as Error).message, /^not a LogEvent: /, about);
      refused++;
    }
  };
  for (let i = 0; i < 20; i++) {
    const { protobuf } = encodeLogEvent(randomEvent(random, i));
    for (let at = 0; at < protobuf.length; at++) {
      read(protobuf.subarray(0, at), `event ${i} cut at ${at}`);
      const flipped = Buffer.from(protobuf);
      flipped[at] = (flipped[at] as number) ^ (1 << (at % 8));
      read(flipped, `event ${i}, byte ${at}`);
    }
  }
  assert.ok(refused > 1000, `${refused}`);
});

test('the native decoder reads what protobufjs wrote', () => {
  const type = logEventType();
  series((event, about) => {
    const { protobuf, json } = encodeLogEvent(event);
    const again = type.encode(type.decode(protobuf)).finish(); // protobufjs packs repeated numbers and orders by number
    assert.deepEqual(parsed(logEventToJson(again)), parsed(json.toString()), about);
    assert.equal(logEventToJson(protobuf), json.toString(), about);
  });
});

test('JSON tells what protobuf tells', () => {
  series((event, about) => {
    const { protobuf, json } = encodeLogEvent(event);
    const read = readLogEvent(protobuf);
    const names = flatten(JSON.parse(json.toString()), new Set([...read.fields.keys(), ...read.attrs.keys()]));
    assert.equal(names.get('event.id'), read.id, about);
    assert.equal(
      names.get('event.original'),
      read.original && new TextDecoder('utf-8', { ignoreBOM: true }).decode(read.original),
      about,
    );
    for (const [name, value] of read.fields)
      assert.deepEqual(names.get(name), inJson(name, value), `${about}: ${name}`);
    for (const [name, value] of read.attrs) {
      const taken = tables.has(name) && (read.fields.has(name) || memberNames.has(name));
      const prefixes = 'attrs.'.repeat(
        1 + Math.max(...[...read.attrs.keys()].map((n) => /^(attrs\.)*/.exec(n)![0].length / 6)),
      );
      assert.deepEqual(names.get(taken ? prefixes + name : name), inJson('', value), `${about}: ${name}`);
    }
  });
});

test('native code and the table agree on every number', () => {
  for (const [name, { number }] of tables) {
    assert.equal(
      ecsFieldNumber(name),
      memberNames.has(name) || name === 'message' || name === 'log.source.address' ? 0 : number,
      name,
    );
  }
});

test('records are read one after the other, and what is damaged is counted', () => {
  const { protobuf } = encodeLogEvent(randomEvent(randomFrom(seed), 0));
  const varint = (n: number): number[] =>
    n < 64 ? [n * 2] : [((n * 2) & 127) | 128, ...unsigned(Math.floor((n * 2) / 128))];
  const unsigned = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...unsigned(Math.floor(n / 128))]);
  const record = (value: Uint8Array) => {
    const body = [0, 0, 0, 1, ...varint(value.length), ...value, 0]; // attributes, deltas, no key, value, no headers
    return [...varint(body.length), ...body];
  };
  const good = record(protobuf);
  const records = Uint8Array.from([...good, ...record(Buffer.from('no event')), ...good, 0x7f]);
  const all = decodeLogEvents(records);
  assert.deepEqual([all.events, all.errors, all.consumed], [2, 2, records.length]);
  const line = `${logEventToJson(protobuf)}\n`;
  assert.equal(all.json.toString(), line + line);
  const part = decodeLogEvents(records, 0);
  assert.deepEqual([part.events, part.errors, part.consumed], [1, 0, good.length]);
});

test('bytes that are no LogEvent are refused', () => {
  for (const bytes of [
    [],
    [0],
    [0x11, 1],
    [0x2a, 1, 0xff],
    [0x1a, 2, 1, 2],
    [0x7b],
    [0x2a, 0xff, 0xff, 0xff, 0xff, 0x0f],
  ]) {
    assert.equal(logEventToJson(Uint8Array.from(bytes)), undefined, `${bytes}`);
  }
});

const memberNames = new Set(['@timestamp', 'event.created', 'event.id', 'event.original']);
const deviations = new Set(['truncated', 'invalid_utf8', 'syslog_no_priority']);
const failures: Record<string, string> = {
  syslog_header: 'syslog: header ends early',
  json_syntax: 'JSON: not well-formed',
  json_cut: 'JSON: the text ends within a string',
  empty: 'empty message',
};

/** What a reader must see of an event, worked out from its description alone. */
function expected(event: PlainEvent): ReadEvent {
  const fields = new Map<string, FieldValue | FieldValue[]>();
  const add = (name: string, value: FieldValue) => {
    if (tables.get(name)!.repeated)
      fields.set(name, [...((fields.get(name) as FieldValue[] | undefined) ?? []), value]);
    else fields.set(name, value);
  };
  if (event.message !== undefined) add('message', event.message);
  if (event.peer !== undefined) add('log.source.address', event.peer);
  for (const value of event.fields) add(value[0], held(value));
  for (const [label, offset] of event.problems) {
    if (deviations.has(label)) add('tags', label);
    if (!failures[label]) continue;
    add('event.kind', 'pipeline_error');
    add('error.message', `${failures[label]} at byte ${offset}`);
  }
  const [node, boot, ring, chunk, index] = event.id;
  const hex = (n: number, bytes: number) => n.toString(16).padStart(bytes * 2, '0');
  return {
    timestampNs: event.timestampNs ?? event.createdNs,
    createdNs: event.createdNs,
    id: hex(node, 4) + hex(boot, 4) + hex(ring, 2) + hex(chunk, 5) + hex(index, 3),
    original: event.original === undefined ? undefined : Buffer.from(event.original),
    fields,
    attrs: new Map(event.attrs.map((value) => [value[0], held(value)])),
  };
}

function held([, kind, value]: PlainValue): FieldValue {
  return kind === 'json' ? JSON.parse(value as string) : (value as FieldValue);
}

/** Integers beyond 2^53 differ in the same way on both sides. */
function parsed(json: string | undefined): unknown {
  return json === undefined ? undefined : JSON.parse(json);
}

/** A value as JSON.parse shows the JSON form of it. */
function inJson(name: string, value: FieldValue | readonly FieldValue[]): unknown {
  if (Array.isArray(value) && tables.get(name)?.repeated)
    return value.map((element) => inJson('', name === '' ? element : single(name, element)));
  return name === ''
    ? typeof value === 'bigint'
      ? Number(value)
      : value
    : inJson('', single(name, value as FieldValue));
}

function single(name: string, value: FieldValue): FieldValue {
  return tables.get(name)?.shape === 'date' ? rfc3339(value as bigint) : value;
}

function rfc3339(ns: bigint): string {
  const fraction = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = new Date(Number((ns - fraction) / 1_000_000n)).toISOString().slice(0, 19);
  const digits = fraction
    .toString()
    .padStart(9, '0')
    .replace(/(000){1,3}$/, '');
  return `${seconds}${digits === '' ? '' : `.${digits}`}Z`;
}

/** Nested objects back to dotted names; stops at the names that are values themselves. */
function flatten(
  object: Record<string, unknown>,
  leaves: ReadonlySet<string>,
  prefix = '',
  out = new Map<string, unknown>(),
) {
  for (const [key, value] of Object.entries(object)) {
    const name = prefix + key;
    if (
      value !== null &&
      typeof value === 'object' &&
      !Array.isArray(value) &&
      !leaves.has(name) &&
      !name.startsWith('attrs.')
    )
      flatten(value as Record<string, unknown>, leaves, `${name}.`, out);
    else out.set(name, value);
  }
  return out;
}

test('every field has a name of its own in the message', () => {
  const type = logEventType();
  for (const [name, number] of ecsFields) assert.equal(type.fields[protoName(name)]?.id, number, name);
  assert.equal(type.fields.attrs?.id, 15);
  assert.equal(type.fields.spans?.id, 2616);
});
