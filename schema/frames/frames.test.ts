/** The reader for consumers against frames made by the engine: the golden ones, fresh ones of real lines, damaged ones. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { frameOfLines, frameToRecords } from '../../native/frames.js';
import { projectRoot } from '../../native/load.js';
import { readLogEvent } from '../reader.js';
import { ByteReader } from './bytes.js';
import { crc32c } from './crc32c.js';
import { Frame, FrameError, type FrameOptions, frameEvents, frameFields, frameRecords, isFrame } from './index.js';
import { nativeRecords } from './native-records.js';

/** In TypeScript alone, as where no addon is built. */
const typescriptRecords = (value: Uint8Array, options?: FrameOptions) => [...new Frame(value, options).records()];
const typescriptEvents = (value: Uint8Array, options?: FrameOptions) => new Frame(value, options).events();

const golden = join(projectRoot, 'test/data/frames');
const names = readdirSync(golden).flatMap((file) => (file.endsWith('.frame') ? [file.slice(0, -6)] : []));
const frameOf = (name: string) => readFileSync(join(golden, `${name}.frame`));

function goldenRecords(name: string): Buffer[] {
  const reader = new ByteReader(readFileSync(join(golden, `${name}.records`)));
  const records: Buffer[] = [];
  while (reader.left > 0) records.push(reader.text());
  return records;
}

for (const name of names) {
  test(`golden frame ${name}: all readers give its records`, () => {
    const records = goldenRecords(name);
    assert.ok(records.length >= 100);
    assert.deepEqual(frameToRecords(frameOf(name)), records);
    const events = records.map((record) => readLogEvent(record));
    assert.deepEqual(nativeRecords(frameOf(name)), records);
    for (const read of [frameRecords, typescriptRecords]) assert.deepEqual(read(frameOf(name)), records);
    for (const read of [frameEvents, typescriptEvents]) assert.deepEqual(read(frameOf(name)), events);
  });

  test(`golden frame ${name}: fields alone are those of the records`, () => {
    const wanted = [
      '@timestamp',
      'message',
      'event.original',
      'host.name',
      'source.ip',
      'log.syslog.priority',
      'ts',
      'uid',
      'tags',
    ];
    const fields = frameFields(frameOf(name), wanted);
    for (const [i, record] of goldenRecords(name).entries()) {
      const event = readLogEvent(record);
      assert.equal(fields['@timestamp']?.[i], event.timestampNs);
      assert.deepEqual(fields['event.original']?.[i] ?? undefined, event.original && Buffer.from(event.original));
      for (const field of wanted.slice(3)) {
        const expected = event.fields.get(field) ?? event.attrs.get(field);
        assert.equal(String(fields[field]?.[i]), String(expected), `${field} of event ${i}`);
      }
      assert.equal(fields.message?.[i], event.fields.get('message'));
    }
  });
}

test('fields alone are what readLogEvent gives, whatever they are', () => {
  const lines = [
    { tags: ['x', 'y'], nested: { list: [1, [2]], none: {} }, count: 7, share: 0.5, on: true, off: null, big: 2 ** 60 },
    { log: { syslog: { structured_data: { 'a@1': { b: 'c' } } } }, source: { port: 80 }, text: '{"not": parsed}' },
    {
      '@timestamp': 'nonsense',
      event: { id: 'mine' },
      log: { source: { address: 'there' } },
      source: { port: 'none' },
    },
  ];
  const json = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const { frame, records } = frameOfLines(Buffer.from(json.repeat(20)), { json: true });
  const events = records.map((record) => readLogEvent(record));
  const names = [...new Set(events.flatMap(({ fields, attrs }) => [...fields.keys(), ...attrs.keys()]))];
  assert.ok(['nested.list', 'tags', 'off', '@timestamp', 'event.id'].every((name) => names.includes(name)));
  const fields = frameFields(frame, [...names, 'event.created']);
  for (const [i, event] of events.entries()) {
    const own = new Map<string, bigint | string>([
      ['@timestamp', event.timestampNs],
      ['event.id', event.id],
      ['event.created', event.createdNs],
    ]);
    for (const name of Object.keys(fields))
      assert.deepEqual(fields[name]?.[i], own.get(name) ?? event.fields.get(name) ?? event.attrs.get(name), name);
  }
});

test('frames of real lines are their records', () => {
  const samples = join(projectRoot, 'bench/data');
  for (const file of readdirSync(samples).filter((name) => /\.(log|ndjson)$/.test(name))) {
    const lines = readFileSync(join(samples, file));
    for (let at = 0, frames = 0; at < lines.length && frames < 3; frames++) {
      const made = frameOfLines(lines.subarray(at), { json: file.endsWith('.ndjson'), eventsMax: 800 });
      if (made.records.length === 0) break;
      for (const read of [frameRecords, typescriptRecords]) {
        assert.deepEqual(read(made.frame), made.records, file);
        assert.deepEqual(read(made.plain), made.records, file);
      }
      const events = made.records.map((record) => readLogEvent(record));
      for (const read of [frameEvents, typescriptEvents]) assert.deepEqual(read(made.frame), events, file);
      at += made.consumed;
    }
  }
});

test('texts beyond ASCII are the same wherever they stand', () => {
  const lines = [
    { message: 'plain', user: { name: 'eve' }, custom: { count: 300, share: 0.5, tags: ['a'] } },
    { message: 'Zugriff für Jörg', user: { name: 'eve' } },
    { message: 'plain', user: { name: 'Zoë' } },
    { message: 'plain', custom: { größe: 1 } },
    { message: 'plain', custom: { path: '/home/ж', tags: ['日本', '😀'] } },
    { message: '', custom: { count: -70_000 } },
  ];
  const many = Array.from({ length: 60 }, () => lines).flat();
  const { frame, records } = frameOfLines(Buffer.from(many.map((line) => `${JSON.stringify(line)}\n`).join('')), {
    json: true,
  });
  const events = records.map((record) => readLogEvent(record));
  assert.equal(events[1]?.fields.get('message') ?? '', 'Zugriff für Jörg');
  assert.equal(events[2]?.fields.get('user.name'), 'Zoë');
  assert.equal(events[3]?.attrs.get('custom.größe'), 1n);
  assert.deepEqual(events[4]?.attrs.get('custom.tags'), ['日本', '😀']);
  for (const read of [frameEvents, typescriptEvents]) assert.deepEqual(read(frame), events);
});

test('every flipped byte and every cut is refused', () => {
  const { frame } = frameOfLines(frameLines(120));
  assert.ok(isFrame(frame));
  for (let i = 0; i < frame.length; i++) {
    const bad = Buffer.from(frame);
    bad[i] = (bad[i] as number) ^ (1 << (i % 8));
    assert.throws(() => frameRecords(bad), FrameError);
    assert.throws(() => frameEvents(bad), FrameError);
    if (i % 5 === 0) assert.throws(() => frameRecords(frame.subarray(0, i)), FrameError);
  }
});

test('lies under right checksums are refused or give events, and nothing else', () => {
  let seed = 20260301;
  const below = (n: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * n);
  };
  const { plain } = frameOfLines(frameLines(120));
  let refused = 0;
  for (let round = 0; round < 1500; round++) {
    const bad = Buffer.from(plain);
    for (let flips = 1 + below(3); flips > 0; flips--) bad[64 + below(bad.length - 64)] = below(256);
    seal(bad);
    const records = orRefused(() => typescriptRecords(bad, { decodedBytesMax: 4 << 20 }));
    if (records) assert.ok(records.reduce((sum, record) => sum + record.length, 0) <= 4 << 20);
    else refused++;
    // What records would have been is refused too where they would not be events.
    const events = orRefused(() => typescriptEvents(bad, { decodedBytesMax: 4 << 20 }));
    if (events)
      assert.deepEqual(
        events,
        (records as Buffer[]).map((record) => readLogEvent(record)),
        `round ${round}`,
      );
    else if (records) assert.throws(() => records.map((record) => readLogEvent(record)), /not a LogEvent/);
    // Who reads does not matter.
    assert.deepEqual(nativeRecords(bad, { decodedBytesMax: 4 << 20 }), records, `round ${round}`);
    assert.deepEqual(
      orRefused(() => frameEvents(bad, { decodedBytesMax: 4 << 20 })),
      events,
      `round ${round}`,
    );
  }
  assert.ok(refused > 500, `${refused}`);
});

test('a frame that holds more than the reader allows is refused before it is decompressed', () => {
  const line = `<13>1 2026-03-01T10:00:00Z host app - - - ${'x'.repeat(60_000)}\n`;
  const { frame } = frameOfLines(Buffer.from(line.repeat(500)));
  assert.ok(frame.length < 20_000);
  assert.throws(() => frameRecords(frame, { decodedBytesMax: 1 << 20 }), /more than this reader's limit/);
});

function orRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    assert.ok(error instanceof FrameError, String((error as Error).stack));
    return undefined;
  }
}

function frameLines(count: number): Buffer {
  return readFileSync(join(golden, '../../../bench/data/linux_auth.log')).subarray(0, 160 * count);
}

/** Makes all checksums right again. */
function seal(frame: Buffer): void {
  const sections = frame.readUInt16LE(6);
  let at = 64 + 16 * sections;
  for (let i = 0; i < sections; i++) {
    const entry = 64 + 16 * i;
    const bytes = frame.readUInt32LE(entry + 4);
    if (at + bytes > frame.length) break;
    frame.writeUInt32LE(crc32c(frame.subarray(at, at + bytes)), entry + 12);
    at += bytes;
  }
  frame.writeUInt32LE(crc32c(frame.subarray(64, 64 + 16 * sections), crc32c(frame.subarray(0, 60))), 60);
}
