/** Frames that lie under right checksums, and frames as large as they may be: what the native reader and that for consumers make of them. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { CodecError } from '../../native/codecs.js';
import { frameOfLines, frameToRecords } from '../../native/frames.js';
import { projectRoot } from '../../native/load.js';
import { readLogEvent } from '../reader.js';
import { crc32c } from './crc32c.js';
import { Frame, FrameError, frameEvents, frameFields, frameRecords } from './index.js';

const refused = join(projectRoot, 'test/data/frames-refused');
const edge = join(projectRoot, 'test/data/frames-edge');
const read = (folder: string, name: string) => readFileSync(join(folder, name));

/** A bomb of 64 MiB within a reader's limit of 1 MiB may not take even half of that. */
const limit = 1 << 20;
const residentBytesMax = 32 << 20;

test('every lie is refused by both readers, in words, and with the memory that the limit allows', () => {
  const names = readdirSync(refused);
  assert.ok(names.length > 20);
  const before = process.resourceUsage().maxRSS;
  for (const name of names) {
    const frame = read(refused, name);
    for (const [call, kind] of [
      [() => frameToRecords(frame, limit), CodecError],
      [() => frameRecords(frame, { decodedBytesMax: limit }), FrameError],
      [() => frameEvents(frame, { decodedBytesMax: limit }), FrameError],
      [() => [...new Frame(frame, { decodedBytesMax: limit }).records()], FrameError],
      [() => new Frame(frame, { decodedBytesMax: limit }).events(), FrameError],
    ] as const)
      assert.throws(call, (error) => error instanceof kind && error.message.length > 15, `${name}: ${kind.name}`);
  }
  const grown = (process.resourceUsage().maxRSS - before) * 1024;
  assert.ok(grown < residentBytesMax, `${grown} bytes more`);
});

test('with the usual limits, too', () => {
  for (const name of readdirSync(refused)) {
    assert.throws(() => frameToRecords(read(refused, name)), CodecError, name);
    assert.throws(() => frameRecords(read(refused, name)), FrameError, name);
    assert.throws(() => frameEvents(read(refused, name)), FrameError, name);
  }
});

test('as many identical events as a frame holds, and one of a mebibyte', () => {
  for (const [name, count, originals] of [
    ['identical-65536', 65_536, 65_536 * 50],
    ['one-mebibyte', 1, 42 + (1 << 20)],
  ] as const) {
    const frame = read(edge, `${name}.frame`);
    assert.ok(frame.length < 400);
    const records = frameRecords(frame);
    assert.equal(records.length, count);
    assert.ok(Buffer.concat(frameToRecords(frame)).equals(Buffer.concat(records)));
    assert.ok(Buffer.concat([...new Frame(frame).records()]).equals(Buffer.concat(records)));
    for (const events of [frameEvents(frame), new Frame(frame).events()]) {
      assert.equal(events.length, count);
      assert.deepEqual(events.at(-1), readLogEvent(records.at(-1) as Buffer));
    }
    const { 'event.original': found = [] } = frameFields(frame, ['event.original']);
    const bytes = found.reduce<number>((sum, each) => sum + (each as Uint8Array).length, 0);
    assert.equal(bytes, originals, name);
    assert.throws(() => frameRecords(frame, { decodedBytesMax: limit }), /limit/);
  }
});

test('empty, compressed and random events come back byte for byte', () => {
  let seed = 1;
  const noise = Buffer.from(
    Array.from({ length: 60_000 }, () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed >>> 24;
    }),
  );
  const packed = gzipSync(noise);
  const inputs: Readonly<Record<string, Buffer>> = {
    'nothing in them': Buffer.from(
      '<13>\n<0>\n \n<13>1 - - - - - -\n<13>1 - - - - - - \n\r\n<13>Oct 11 22:14:15 h\n'.repeat(40),
    ),
    'gzip, as if it were lines': packed,
    'random bytes': noise,
    base64: Buffer.from(packed.toString('base64').replace(/.{300}/g, '<13>1 - h a - - - $&\n')),
    'one line of base64': Buffer.from(`<13>1 - h a - - - ${packed.toString('base64')}\n`),
    'one byte each': Buffer.from('x\n'.repeat(2000)),
  };
  for (const [name, lines] of Object.entries(inputs)) {
    let events = 0;
    for (let at = 0; at < lines.length; ) {
      const { frame, plain, records, consumed } = frameOfLines(lines.subarray(at));
      if (records.length === 0) break;
      assert.ok(frame.length <= plain.length + 1024, name);
      for (const one of [frame, plain]) {
        assert.deepEqual(frameRecords(one), records, name);
        assert.deepEqual(frameToRecords(one), records, name);
        const wanted = records.map((record) => readLogEvent(record));
        assert.deepEqual(frameEvents(one), wanted, name);
        assert.deepEqual(new Frame(one).events(), wanted, name);
        assert.deepEqual([...new Frame(one).records()], records, name);
      }
      events += records.length;
      at += consumed;
    }
    assert.ok(events > 0, name);
  }
  const objects = Buffer.from('{}\n[]\n""\n{"":""}\n{"a":null}\n'.repeat(100));
  const { frame, records } = frameOfLines(objects, { json: true });
  assert.ok(records.length >= 100);
  assert.deepEqual(frameRecords(frame), records);
  assert.deepEqual(frameToRecords(frame), records);
});

test('an event that travels whole and is none is refused in words by who reads it', () => {
  const frame = frameOfWhole(Buffer.of(0x0c));
  for (const call of [
    () => frameEvents(frame),
    () => new Frame(frame).events(),
    () => frameFields(frame, ['message']),
    () => frameFields(frame, ['@timestamp', 'custom']),
  ])
    assert.throws(call, (error) => error instanceof FrameError && /(not a|no) LogEvent/.test(error.message));
  const event = Buffer.from([0x2a, 2, 0x68, 0x69]);
  assert.deepEqual(frameFields(frameOfWhole(event), ['message']).message, ['hi']);
});

test('a time of more ns than 64 bits hold is the time that is left of them', () => {
  const seconds = [1, 1, 0, 9, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20]; // 2^39
  const timestampAndItsText = [2, 1, 2, 0, 1, 5, 0, 1, 0, 1, 1, 3, 0, 0, 'Z'.charCodeAt(0), 0];
  const frame = frameOfOne(seconds, timestampAndItsText, 9 + 2 + '1970-01-01T00:00:00Z'.length);
  const records = frameToRecords(frame);
  const [event] = new Frame(frame).events();
  assert.equal(event?.timestampNs, BigInt.asIntN(64, 2n ** 39n * 1_000_000_000n));
  const [text] = new Date(Number((event?.timestampNs ?? 0n) / 1_000_000n)).toISOString().split('.');
  assert.match(String(event?.fields.get('message')), new RegExp(`^${text}Z$`));
  assert.deepEqual([...new Frame(frame).records()], records);
});

/** A frame of one event, in the layout of events that travel whole. */
function frameOfWhole(event: Buffer): Buffer {
  return frameOfOne([0, 1, 0, event.length, ...event], [1, 0, 10, 0, 1, 0], event.length);
}

/** A frame of one event of so many bytes, without an original, of one column beside that of shapes. */
function frameOfOne(column: readonly number[], shape: readonly number[], eventBytes: number): Buffer {
  const section = Buffer.from([1, 1, 0, 0, 0, ...column, ...shape]);
  const head = Buffer.alloc(80);
  Buffer.from([0x89, 0x46, 0x52, 0x4d, 1, 1, 1]).copy(head);
  const at = { 16: 1, 28: eventBytes, 32: eventBytes, 36: section.length, 40: 80 + section.length, 44: 2, 48: 1 };
  for (const [offset, value] of Object.entries(at)) head.writeUInt32LE(value, Number(offset));
  for (const offset of [68, 72]) head.writeUInt32LE(section.length, offset);
  head.writeUInt32LE(crc32c(section), 76);
  head.writeUInt32LE(crc32c(Buffer.concat([head.subarray(0, 60), head.subarray(64)])), 60);
  return Buffer.concat([head, section]);
}
