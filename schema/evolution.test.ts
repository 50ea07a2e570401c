/** Old readers read new events, and new readers old events: by the schemas as they were published (test/data/schema). */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { projectRoot } from '../native/load.js';
import { encodeLogEvent } from '../native/log-event.js';
import { asEvent, avroSchema, avroType } from '../test/support/avro-reader.js';
import { randomEvent, randomFrom } from './random-event.js';
import { logEventType, readLogEvent } from './reader.js';

const folder = join(projectRoot, 'test/data/schema');
const seed = Number(process.env.PENSTOCK_TEST_SEED ?? 20_240_601);
const published = (extension: string) => {
  const names = readdirSync(folder).filter((name) => name.endsWith(`${extension}.gz`));
  assert.ok(names.length > 0);
  return names.map((name) => ({ name, text: gunzipSync(readFileSync(join(folder, name))).toString('utf8') }));
};
const today = (extension: string) => readFileSync(join(projectRoot, `schema/log_event.${extension}`), 'utf8');

/** What a version to come may add: fields 19,000 numbers away, of every wire type. */
const unknownFields = Buffer.from('c2f33d03616263c0f33d07c9f33d0102030405060708cdf33d01020304', 'hex');

for (const { name, text } of published('.proto')) {
  test(`a reader with ${name} reads what is written now, and what a later version may add`, () => {
    const old = logEventType(text);
    const random = randomFrom(seed);
    for (let i = 0; i < 3000; i++) {
      const { protobuf } = encodeLogEvent(randomEvent(random, i));
      const wanted = readLogEvent(protobuf);
      assert.deepEqual(readLogEvent(protobuf, old), wanted, `event ${i}`);
      assert.deepEqual(readLogEvent(Buffer.concat([protobuf, unknownFields]), old), wanted, `event ${i}`);
    }
  });
  test(`what a writer with ${name} wrote is read now`, () => {
    const old = logEventType(text);
    const random = randomFrom(seed + 1);
    for (let i = 0; i < 500; i++) {
      const { protobuf } = encodeLogEvent(randomEvent(random, i));
      const again = old.encode(old.decode(protobuf)).finish();
      assert.deepEqual(readLogEvent(again), readLogEvent(protobuf), `event ${i}`);
    }
  });
}

for (const { name, text } of published('.avsc')) {
  test(`Avro readers with ${name} and with today's schema read each other's events`, () => {
    const [old, current] = [avroType(JSON.parse(text)), avroType(avroSchema)];
    const [oldReads, currentReads] = [old.createResolver(current), current.createResolver(old)];
    const random = randomFrom(seed + 2);
    for (let i = 0; i < 300; i++) {
      const { avro } = encodeLogEvent(randomEvent(random, i));
      const event = asEvent(current.fromBuffer(avro));
      const read = old.fromBuffer(avro, oldReads);
      assert.deepEqual(asEvent(read), event, `event ${i}`);
      assert.deepEqual(asEvent(current.fromBuffer(old.toBuffer(read), currentReads)), event, `event ${i}`);
    }
  });
}

for (const { name, text } of published('.schema.json')) {
  test(`no property of ${name} has gone or has become another type`, () => {
    const compare = (before: Schema, now: Schema | undefined, path: string): void => {
      assert.ok(now, path);
      assert.deepEqual([now.type, now.items], [before.type, before.items], path);
      for (const [key, value] of Object.entries(before.properties ?? {}))
        compare(value, now.properties?.[key], `${path}.${key}`);
    };
    compare(JSON.parse(text), JSON.parse(today('schema.json')), name);
  });
}

interface Schema {
  readonly type?: unknown;
  readonly items?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
}
