// Writes test/data/frames-refused: frames that lie under right checksums, which every reader must refuse, saying why, without taking the memory
// that they ask for; and test/data/frames-edge: frames that are in order, and as large as an event and a frame may be.
// Run by hand, after `npm run build`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Compressor, compressBound } from '../dist/native/codecs.js';
import { frameOfLines, frameToRecords } from '../dist/native/frames.js';
import { projectRoot } from '../dist/native/load.js';
import { crc32c } from '../dist/schema/frames/crc32c.js';

const headerBytes = 64;
const entryBytes = 16;
const folder = (name) => {
  const path = join(projectRoot, 'test/data', name);
  mkdirSync(path, { recursive: true });
  return path;
};
const refused = folder('frames-refused');
const edge = folder('frames-edge');

const line = (i) =>
  `<38>1 2026-03-01T10:00:0${i % 10}Z web${i % 3} sshd ${100 + i} - - Failed password for root from 10.0.0.${i} port ${1000 + i} ssh2\n`;
const { plain } = frameOfLines(Buffer.from(Array.from({ length: 120 }, (_, i) => line(i)).join('')));
const same = frameOfLines(Buffer.from('<13>1 2026-03-01T10:00:00Z host app 1 - - the same\n'.repeat(2048)));

/** Makes all checksums right again. */
function seal(frame) {
  const sections = frame.readUInt16LE(6);
  let at = headerBytes + entryBytes * sections;
  for (let i = 0; i < sections; i++) {
    const entry = headerBytes + entryBytes * i;
    const bytes = frame.readUInt32LE(entry + 4);
    if (at + bytes > frame.length) break;
    frame.writeUInt32LE(crc32c(frame.subarray(at, at + bytes)), entry + 12);
    at += bytes;
  }
  const entries = frame.subarray(headerBytes, headerBytes + entryBytes * sections);
  frame.writeUInt32LE(crc32c(entries, crc32c(frame.subarray(0, 60))), 60);
}

function lie(name, change, of = plain) {
  const made = change(Buffer.from(of));
  seal(made);
  writeFileSync(join(refused, `${name}.frame`), made);
}
const header = (offset, value) => written('writeUInt32LE', value, offset);

const written = (method, value, offset) => (frame) => {
  frame[method](value, offset);
  return frame;
};

/** The frame with its section 0 as `stored`, which says that it is `plainBytes`. */
function withHead(frame, stored, plainBytes) {
  const sections = frame.readUInt16LE(6);
  const entries = Buffer.from(frame.subarray(0, headerBytes + entryBytes * sections));
  const old = entries.readUInt32LE(headerBytes + 4);
  const made = Buffer.concat([entries, stored, frame.subarray(entries.length + old)]);
  const before = made.readUInt32LE(headerBytes + 8);
  made.writeUInt8(1, headerBytes);
  made.writeUInt32LE(stored.length, headerBytes + 4);
  made.writeUInt32LE(plainBytes, headerBytes + 8);
  made.writeUInt32LE(made.readUInt32LE(36) - before + plainBytes, 36);
  made.writeUInt32LE(made.length, 40);
  return made;
}
function zstd(bytes) {
  const out = Buffer.alloc(compressBound('zstd', bytes.length));
  return out.subarray(0, new Compressor('zstd', 3).compressInto(bytes, 0, bytes.length, out, 0));
}
const bomb = zstd(Buffer.alloc(64 << 20));

lie('a-billion-events', header(16, 1_000_000_000), same.plain);
lie('more-events-than-there-are', header(16, 65_536), same.plain);
lie('fewer-events-than-there-are', header(16, 100), same.plain);
lie('no-events', header(16, 0));
lie('less-decoded-than-there-is', header(28, 100));
lie('more-decoded-than-there-is', header(28, 100_000_000));
lie('a-gigabyte-decoded', header(28, 0x40000000));
lie('more-in-sections-than-may-be', header(36, 0xffffffff));
lie('another-size', header(40, plain.length + 1));
lie('more-columns-than-may-be', header(44, 0xffffffff));
lie('more-columns-than-there-are', header(44, 8000));
lie('more-shapes-than-there-are', header(48, 4000));
lie('another-original', header(24, 0x12345678));
lie('a-dictionary-nobody-has', header(12, 0x0badd1c7));
lie('another-version', written('writeUInt8', 2, 4));
lie('another-layout', written('writeUInt8', 9, 5));
lie('no-sections', written('writeUInt16LE', 0, 6));
lie('more-sections-than-there-are', written('writeUInt16LE', 4096, 6));
lie('another-method', written('writeUInt8', 7, headerBytes));
lie('a-bomb-that-says-so', (frame) => withHead(frame, bomb, 64 << 20));
lie('a-bomb-that-says-little', (frame) => withHead(frame, bomb, 1000));
lie('a-section-that-is-no-zstd', (frame) => withHead(frame, Buffer.alloc(100, 7), 1000));
lie('a-count-without-end', (frame) => {
  const at = headerBytes + entryBytes * frame.readUInt16LE(6);
  Buffer.from('ffffffffffffffff7f', 'hex').copy(frame, at + 1); // of the first column's values
  return frame;
});

/** A frame of one event, whose LogEvent and original are these: column 0 says its shape, which is the only one. */
function single(columns, shape, event, original = Buffer.alloc(0)) {
  const section = Buffer.from([1, 1, 0, 0, 0, ...columns.flat(), ...shape]);
  const made = Buffer.alloc(headerBytes + entryBytes);
  Buffer.from([0x89, 0x46, 0x52, 0x4d, 1, 1, 1]).copy(made);
  const sizes = {
    20: original.length,
    28: event.length,
    32: event.length,
    36: section.length,
    40: made.length + section.length,
  };
  const header = { 16: 1, 24: crc32c(original), 44: 1 + columns.length, 48: 1, 68: section.length, 72: section.length };
  for (const [offset, value] of Object.entries({ ...sizes, ...header })) made.writeUInt32LE(value, Number(offset));
  return Buffer.concat([made, section]);
}
const text = (bytes) => [0, 1, 0, bytes.length, ...bytes];
/** Fields of text by their numbers, each from a column of its own. */
const fields = (...numbers) => [numbers.length, ...numbers.flatMap((number, i) => [number, 0, 0, 1 + i]), 0];
const whole = [1, 0, 10, 0, 1, 0];
const hi = [0x68, 0x69];
const message = [0x2a, 2, ...hi];
const truth = single([text(hi)], fields(5), message);
seal(truth);
if (!frameToRecords(truth)[0].equals(Buffer.from(message))) throw new Error('what is no lie is refused, too');
const oneOf = (values) => [0, 1, 7, 1, 1, 1, 1, values, 0, 2, ...hi, 0, 0, 0];
lie('a-variable-that-nobody-took-all-of', (frame) => frame, single([oneOf(2)], fields(5), message));
const originals = Buffer.from([0x22, 2, ...hi, 0x22, 2, ...hi]);
lie(
  'an-event-of-two-originals',
  (frame) => frame,
  single([text(hi), text(hi)], fields(4, 4), originals, Buffer.from('hihi')),
);
const nothing = {
  'a-group': [0x0c],
  'a-field-without-a-number': [0x00, 0x00],
  'an-end-within-a-field': [0x2a, 9, 0x68],
};
nothing['a-number-of-more-than-64-bits'] = [0x28, ...Array(9).fill(0xff), 2];
for (const [name, event] of Object.entries(nothing))
  lie(`a-whole-event-with-${name}`, (frame) => frame, single([text(event)], whole, event));

const identical = frameOfLines(Buffer.from('<13>1 2026-03-01T10:00:00Z host app 1 - - the same\n'.repeat(65_536)), {
  eventsMax: 65_536,
});
const large = frameOfLines(Buffer.from(`<13>1 2026-03-01T10:00:00Z host app 1 - - ${'x'.repeat(1 << 20)}\n`));
for (const [name, { frame, records }] of Object.entries({ 'identical-65536': identical, 'one-mebibyte': large })) {
  writeFileSync(join(edge, `${name}.frame`), frame);
  console.log(name, records.length, frame.length);
}
