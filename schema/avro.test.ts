/** Encoding avro, read by avsc with the published schema: the same events as in protobuf. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeLogEvent, logEventToJson } from '../native/log-event.js';
import { asEvent, avroSchema, avroType } from '../test/support/avro-reader.js';
import { randomEvent, randomFrom } from './random-event.js';
import { readLogEvent } from './reader.js';

const events = 3000; // more than there are fields
const seed = Number(process.env.PENSTOCK_TEST_SEED ?? 20_240_601);

const type = avroType(avroSchema);

test('avsc reads what the native encoder wrote', () => {
  const random = randomFrom(seed);
  for (let i = 0; i < events; i++) {
    const { protobuf, avro: bytes } = encodeLogEvent(randomEvent(random, i));
    const wanted = readLogEvent(protobuf);
    (wanted.attrs as Map<string, unknown>).delete('__proto__'); // avsc's maps are objects, which lose it
    assert.deepEqual(asEvent(type.fromBuffer(bytes)), wanted, `seed ${seed}, event ${i}`);
  }
});

test('the native decoder reads it back', () => {
  const random = randomFrom(seed + 1);
  for (let i = 0; i < events; i++) {
    const encoded = encodeLogEvent(randomEvent(random, i));
    assert.equal(logEventToJson(encoded.avro), encoded.json.toString(), `event ${i}`);
  }
});

test('damaged bytes are refused or are another event, and never more', () => {
  const random = randomFrom(seed + 2);
  for (let i = 0; i < events; i++) {
    const bytes = Buffer.from(encodeLogEvent(randomEvent(random, i)).avro);
    const cut = bytes.subarray(0, Math.floor(random() * bytes.length));
    assert.equal(logEventToJson(cut), undefined);
    for (let n = 0; n < 4; n++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    const json = logEventToJson(bytes);
    if (json !== undefined) JSON.parse(json);
  }
});

test('a reader with an older schema reads new events, and one with a newer schema old events', () => {
  const older = structuredClone(avroSchema);
  older.fields = older.fields.filter(({ name }: { name: string }) => name !== 'dns' && name !== 'user');
  const newer = structuredClone(avroSchema);
  newer.fields.unshift({ name: 'a_new_group', type: ['null', 'string'], default: null });
  const random = randomFrom(seed + 3);
  for (const other of [older, newer]) {
    const reader = avroType(other);
    const resolver = reader.createResolver(type);
    for (let i = 0; i < 300; i++) {
      const { protobuf, avro: bytes } = encodeLogEvent(randomEvent(random, i));
      const wanted = readLogEvent(protobuf);
      (wanted.attrs as Map<string, unknown>).delete('__proto__');
      if (other === older)
        for (const name of wanted.fields.keys())
          if (/^(dns|user)\./.test(name)) (wanted.fields as Map<string, unknown>).delete(name);
      assert.deepEqual(asEvent(reader.fromBuffer(bytes, resolver)), wanted, `event ${i}`);
    }
  }
});
