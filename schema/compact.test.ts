/** The encoding "compact" says what "records" says: event by event, over generated events and recorded traffic. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { createKernelBench } from '../bench/lib/kernel-bench.js';
import { projectRoot } from '../native/load.js';
import { decodeLogEvents, encodeLogEvent, logEventToJson, type PlainEvent } from '../native/log-event.js';
import { batchHeaderBytes } from '../native/pipeline.js';
import { randomEvent, randomFrom } from './random-event.js';
import { logEventType, readLogEvent } from './reader.js';

const seed = Number(process.env.PENSTOCK_TEST_SEED ?? 20_240_601);

/** Every text of the event in its original, in an order of its own, with other bytes between. */
function withSlices(event: PlainEvent, random: () => number): PlainEvent {
  const texts = [event.message ?? '', ...[...event.fields, ...event.attrs].map(([, , value]) => value)].filter(
    (value): value is string => typeof value === 'string' && random() < 0.9,
  );
  const parts = texts.map((text) => ({ text, order: random() })).sort((a, b) => a.order - b.order);
  const between = () => ' <>"\u00e9\n'.slice(0, Math.floor(random() * 6));
  return { ...event, original: Buffer.from(parts.map(({ text }) => text + between()).join('')) };
}

test('generated events: decoded, both encodings give the same event', () => {
  const random = randomFrom(seed);
  let smaller = 0;
  for (let i = 0; i < 4000; i++) {
    const event = withSlices(randomEvent(random, i), random);
    const { protobuf, compact, json, sizeAsComputed } = encodeLogEvent(event);
    assert.ok(sizeAsComputed, `seed ${seed}, event ${i}: size`);
    assert.equal(logEventToJson(compact), json.toString(), `seed ${seed}, event ${i}`);
    if (i % 4 === 0)
      assert.deepEqual(readLogEvent(compact), readLogEvent(protobuf), `seed ${seed}, event ${i}: reader`);
    if (compact.length < protobuf.length) smaller++;
  }
  assert.ok(smaller > 2000, `${smaller} of 4000 are smaller`);
});

test('what another protobuf library wrote again is the same event', () => {
  const random = randomFrom(seed + 1);
  const type = logEventType();
  for (let i = 0; i < 500; i++) {
    const { compact, json } = encodeLogEvent(withSlices(randomEvent(random, i), random));
    const again = type.encode(type.decode(compact)).finish();
    assert.deepEqual(JSON.parse(logEventToJson(again)!), JSON.parse(json.toString()), `seed ${seed}, event ${i}`);
  }
});

test('more values than there are spans for', () => {
  const texts = Array.from({ length: 1000 }, (_, i) => `value-${i}`);
  const { compact, json } = encodeLogEvent({
    createdNs: 1n,
    id: [1, 2, 3, 4, 5],
    original: Buffer.from(['zz', ...texts].join(' ')),
    message: 'zz',
    problems: [],
    fields: texts.slice(0, 600).map((text) => ['tags', 'string', text]),
    attrs: texts.slice(400).map((text) => [`x.${text}`, 'string', text]),
  });
  assert.equal(logEventToJson(compact), json.toString());
  assert.deepEqual(readLogEvent(compact).fields.get('tags'), texts.slice(0, 600));
});

test('an event without its original is encoded as records are', () => {
  const { original: _, ...event } = randomEvent(randomFrom(seed), 7);
  const { protobuf, compact } = encodeLogEvent(event);
  assert.deepEqual(compact, protobuf);
});

// The repository's own, and a larger collection where there is one beside it.
const own = join(projectRoot, 'test/data/conformance');
const samples = join(projectRoot, '../shared/data');
const folders = [
  ...['auparse', 'crowdsec', 'filebeat', 'sc4s'].map((name) => join(own, name)),
  ...['syslog', 'bench', 'linux-audit', 'cef-leef', 'access-logs', 'app-logs', 'misc-logs', 'json']
    .map((name) => join(samples, name))
    .filter((folder) => existsSync(folder)),
];

for (const folder of folders) {
  test(`${basename(folder)}: line by line, both encodings give the same event`, (t) => {
    let events = 0;
    for (const file of filesOf(folder)) {
      const lines = readFileSync(file).subarray(0, 1 << 18);
      for (const json of [false, true]) events += sameEvents(lines, json, file);
    }
    t.diagnostic(`${events} events`);
    assert.ok(events > 100);
  });
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function sameEvents(lines: Buffer, json: boolean, about: string): number {
  const kernels = createKernelBench(lines, json);
  const [records, compact] = [false, true].map((compact) => {
    const batch = new Uint8Array(4096 + kernels.frame() * 400 + lines.length * 20);
    const size = kernels.fill(batch, compact, true);
    const decoded = decodeLogEvents(batch.subarray(batchHeaderBytes, size), 1 << 30);
    assert.deepEqual([decoded.errors, decoded.events], [0, kernels.parse()], about);
    return decoded;
  });
  assert.equal(compact!.events, records!.events, about);
  if (!compact!.json.equals(records!.json)) {
    const [a, b] = [records!, compact!].map((decoded) => decoded.json.toString().split('\n'));
    a!.forEach((line, i) => {
      assert.equal(b![i], line, `${about}, event ${i}`);
    });
  }
  return records!.events;
}

test('hostile spans are refused, unknown ones skipped', () => {
  const type = logEventType();
  const original = Buffer.from('<165>1 - h\u00e9llo [a b="c"] 0123');
  const priority = 10 * 2 + 1;
  const [message, host, pid, data, attr] = [10, 12, 16, 36, 30] as const; // field numbers * 2
  const decode = (spans: readonly number[], more: object = {}) => {
    const value = { event_created: 1, event_id: Buffer.alloc(18), event_original: original, spans, ...more };
    const bytes = type.encode(type.fromObject(value)).finish();
    const text = logEventToJson(bytes);
    if (text === undefined) assert.throws(() => readLogEvent(bytes), /not a LogEvent/);
    else readLogEvent(bytes);
    return text === undefined ? undefined : JSON.parse(text);
  };
  const hostOf = (spans: readonly number[]) => decode(spans)?.host?.hostname;

  assert.equal(hostOf([host, 9, 6]), 'h\u00e9llo');
  assert.equal(
    decode([host, 9, 6, message, 2 ** 32 - 6, 6]).message,
    'h\u00e9llo',
    'the same text twice, by a gap modulo 2^32',
  );
  assert.equal(hostOf([host, original.length, 0]), '', 'empty, at the end');
  assert.deepEqual(decode([priority, 1, 3]).log, {
    level: 'notice',
    syslog: { facility: { code: 20 }, priority: 165, severity: { code: 5 } },
  });
  assert.deepEqual(decode([data + 1, 16, 9]).log.syslog.structured_data, { a: { b: 'c' } });
  assert.equal(decode([9999 * 2, 0, 1]).host, undefined, 'a field of a newer writer');
  assert.equal(decode([host + 1, 0, 1]).host, undefined, 'a form of a newer writer');
  assert.equal(decode([attr, 16, 9], { attrs: { x: { s_span: 0 } } }).x, '[a b="c"]');

  for (const [why, spans, more] of [
    ['not three numbers', [host, 1]],
    ['beyond the end', [host, 9, 1000]],
    ['begins beyond the end', [host, original.length + 1, 0]],
    ['begins before the start', [host, 2 ** 32 - 1, 1]],
    ['the longest', [host, 1, 2 ** 32 - 1]],
    ['an unknown field beyond the end', [9999 * 2, 1000, 1]],
    ['within a character', [host, 11, 3]],
    ['ends within a character', [host, 9, 2]],
    ['no number', [pid, 0, 3]],
    ['a number that is not canonical', [pid, 26, 4]],
    ['an empty number', [pid, 26, 0]],
    ['a priority above 191', [priority, 28, 3]],
    ['structured data that is none', [data + 1, 16, 8]],
    ['structured data twice', [data + 1, 16, 9, data + 1, 2 ** 32 - 9, 9]],
    ['no original', [host, 0, 1], { event_original: undefined }],
    ['an attribute without its span', [], { attrs: { x: { s_span: 0 } } }],
    ['an attribute beyond the spans', [attr, 16, 9], { attrs: { x: { json_span: 1 } } }],
    ['an attribute within a character', [attr, 11, 3], { attrs: { x: { s_span: 0 } } }],
  ] as const) {
    assert.equal(decode(spans, more), undefined, why);
  }
});
