/** Encoding msgpack, read by @msgpack/msgpack: the same object as the encoding json, with times and bytes as what they are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, decodeTimestampToTimeSpec, ExtensionCodec } from '@msgpack/msgpack';
import { encodeLogEvent, logEventToJson, type PlainEvent } from '../native/log-event.js';
import { randomEvent, randomFrom } from './random-event.js';

const events = 3000;
const seed = Number(process.env.PENSTOCK_TEST_SEED ?? 20_240_601);

class Time {
  constructor(readonly ns: bigint) {}
}
const extensionCodec = new ExtensionCodec();
extensionCodec.register({
  type: -1,
  encode: () => null,
  decode: (data) => {
    const { sec, nsec } = decodeTimestampToTimeSpec(data);
    return new Time(BigInt(sec) * 1_000_000_000n + BigInt(nsec));
  },
});
const read = (bytes: Uint8Array) => decode(bytes, { extensionCodec, useBigInt64: true });

test('@msgpack/msgpack reads the object that the encoding json writes', () => {
  const random = randomFrom(seed);
  for (let i = 0; i < events; i++) {
    const event = withoutProto(randomEvent(random, i));
    const { json, msgpack } = encodeLogEvent(event);
    assert.deepEqual(inJson(read(msgpack)), JSON.parse(json.toString()), `seed ${seed}, event ${i}`);
  }
});

test('the original comes byte by byte, times to the nanosecond, from 1677 to 2262', () => {
  for (const ns of [
    0n,
    -1n,
    1n,
    1_700_000_000_000_000_000n,
    2n ** 32n * 1_000_000_000n,
    2n ** 63n - 1n,
    -(2n ** 63n),
  ]) {
    const original = Uint8Array.from([0, 255, 10, 128]);
    const { msgpack, json } = encodeLogEvent({
      createdNs: 1n,
      timestampNs: ns,
      id: [1, 2, 3, 4, 5],
      original,
      problems: [],
      fields: [],
      attrs: [],
    });
    const value = read(msgpack) as { '@timestamp': Time; event: { original: Uint8Array; id: Uint8Array } };
    assert.equal(value['@timestamp'].ns, ns);
    assert.deepEqual(Buffer.from(value.event.original), Buffer.from(original));
    assert.equal(value.event.id.length, 18);
    assert.equal(logEventToJson(msgpack), json.toString());
  }
});

test('the native decoder reads it back', () => {
  const random = randomFrom(seed + 1);
  for (let i = 0; i < events; i++) {
    const { msgpack, json } = encodeLogEvent(randomEvent(random, i));
    assert.deepEqual(JSON.parse(logEventToJson(msgpack) ?? ''), JSON.parse(json.toString()), `event ${i}`);
  }
});

test('damaged bytes are refused or are another object, and never more', () => {
  const random = randomFrom(seed + 2);
  for (let i = 0; i < events; i++) {
    const bytes = Buffer.from(encodeLogEvent(randomEvent(random, i)).msgpack);
    assert.equal(logEventToJson(bytes.subarray(0, Math.floor(random() * bytes.length))), undefined);
    for (let n = 0; n < 4; n++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    const json = logEventToJson(bytes);
    if (json !== undefined) JSON.parse(json);
  }
});

test('JSON within an event is taken apart; what fits no number is text', () => {
  const json =
    ' { "a" : [ 1 , -2.5e3 , "\\u00e9\\ud83d\\ude00\\ud83d\\n" , [ ] , { } , null , true , false ] , "" : 18446744073709551615 } ';
  const of = (text: string) => {
    const event: PlainEvent = {
      createdNs: 1n,
      id: [1, 2, 3, 4, 5],
      problems: [],
      fields: [],
      attrs: [['x', 'json', text]],
    };
    return (read(encodeLogEvent(event).msgpack) as { x: unknown }).x;
  };
  assert.deepEqual(of(json), {
    a: [1, -2500, 'é😀\ufffd\n', [], {}, null, true, false],
    '': 18446744073709551615n,
  });
  assert.equal(of('18446744073709551616'), '18446744073709551616');
  assert.equal(of('1e999'), '1e999');
  assert.equal(of('-9223372036854775808'), -(2n ** 63n));
  assert.ok(Object.is(of('-0'), -0));
  assert.equal(of('"not closed'), '"not closed');
  assert.equal(of('[1,]'), '[1,]');
  assert.equal(of('['.repeat(600)), '['.repeat(600));
});

/** The reader refuses a key `__proto__`, which would be lost. */
const withoutProto = (event: PlainEvent): PlainEvent => ({
  ...event,
  attrs: event.attrs.filter(([name]) => name !== '__proto__'),
});

function inJson(value: unknown, key = ''): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Time) return rfc3339(value.ns);
  if (value instanceof Uint8Array) return key === 'id' ? Buffer.from(value).toString('hex') : text.decode(value);
  if (Array.isArray(value)) return value.map((one) => inJson(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inJson(inner, name)]));
}

const text = new TextDecoder('utf-8', { ignoreBOM: true });

function rfc3339(ns: bigint): string {
  const fraction = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = new Date(Number((ns - fraction) / 1_000_000n)).toISOString().slice(0, 19);
  const digits = fraction
    .toString()
    .padStart(9, '0')
    .replace(/(000){1,3}$/, '');
  return `${seconds}${digits === '' ? '' : `.${digits}`}Z`;
}
