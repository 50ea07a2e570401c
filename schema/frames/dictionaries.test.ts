/** Frames that need a dictionary, by both readers of this language: with it, without it, with another one, with a damaged one. */
import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CodecError } from '../../native/codecs.js';
import { dictionaryFile, readDictionariesFrom, registerDictionary } from '../../native/dictionaries.js';
import { frameToRecords, isFrame } from '../../native/frames.js';
import { projectRoot } from '../../native/load.js';
import { temporaryDirectory } from '../../test/support/journal.js';
import { FrameError, frameRecords } from './index.js';

const folder = join(projectRoot, 'test/data/frames-with-dictionary');
const file = readdirSync(folder).find((name) => name.endsWith('.zdict')) ?? '';
const dictionary = readFileSync(join(folder, file));
const id = Number.parseInt(file, 16);
const names = ['auth0', 'auth1', 'auth2'];
const frameOf = (name: string) => readFileSync(join(folder, `${name}.frame`));

function recordsOf(name: string): Buffer[] {
  const bytes = readFileSync(join(folder, `${name}.records`));
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] as number;
      size += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    records.push(bytes.subarray(at, at + size));
    at += size;
  }
  return records;
}

test('without the dictionary both readers say which one they lack and where it is', () => {
  const where = new RegExp(`needs the zstd dictionary ${id}, which is not known here: .*${file}`, 's');
  const name = file.replace('.zdict', '');
  for (const each of names) {
    assert.throws(
      () => frameToRecords(frameOf(each)),
      (error: Error) => error instanceof CodecError && where.test(error.message),
    );
    // What a map of the topic's records gives: nothing, or the value of one that was deleted.
    for (const none of [undefined, null as unknown as undefined]) {
      assert.throws(
        () => frameRecords(frameOf(each), { dictionary: () => none }),
        (error: Error) => {
          assert.ok(error instanceof FrameError, String(error));
          assert.ok(
            error.message.includes(`needs the zstd dictionary ${id}`) &&
              error.message.includes(`record ${name} of the topic`),
          );
          return true;
        },
      );
    }
  }
});

test('another dictionary, a damaged one, or none at all under its id is refused', (t) => {
  const other = Buffer.from(dictionary);
  other.writeUInt32LE(id ^ 1, 4);
  const wrong: [Uint8Array, RegExp][] = [
    [other, /was given another one/],
    [Buffer.from('no dictionary'), /was given another one/],
    [new Uint8Array(), /was given another one/],
  ];
  for (const [bytes, message] of wrong)
    assert.throws(() => frameRecords(frameOf('auth0'), { dictionary: () => bytes }), { name: 'FrameError', message });
  // The right id over other bytes: zstd refuses, or the frame's own checksums do.
  const damaged = Buffer.from(dictionary);
  for (let i = 200; i < damaged.length; i++) damaged[i] = (damaged[i] as number) ^ 0x55;
  assert.throws(() => frameRecords(frameOf('auth0'), { dictionary: () => damaged }), FrameError);
  const place = temporaryDirectory(t);
  writeFileSync(join(place, file), other);
  readDictionariesFrom(place);
  assert.throws(() => frameToRecords(frameOf('auth0')), /somebody replaced it/);
  copyFileSync(join(folder, file), join(place, file));
});

for (const name of names) {
  test(`${name}: with the dictionary every reader gives the events, byte for byte`, () => {
    assert.ok(isFrame(frameOf(name)) && frameOf(name).readUInt32LE(12) === id);
    const asked: number[] = [];
    const find = (wanted: number) => {
      asked.push(wanted);
      return dictionary;
    };
    assert.deepEqual(frameRecords(frameOf(name), { dictionary: find }), recordsOf(name));
    assert.deepEqual(asked, [id]);
    assert.equal(registerDictionary(dictionary), id);
    assert.equal(dictionaryFile(id), file);
    assert.deepEqual(frameToRecords(frameOf(name)), recordsOf(name));
  });
}

test('every byte flipped: refused, or what was written', () => {
  const good = frameOf('auth1');
  const records = recordsOf('auth1');
  for (let i = 0; i < good.length; i++) {
    const bad = Buffer.from(good);
    bad[i] = (bad[i] as number) ^ (1 << (i % 8));
    assert.throws(() => frameRecords(bad, { dictionary: () => dictionary }), FrameError, `byte ${i}`);
    assert.throws(() => frameToRecords(bad), CodecError, `byte ${i}`);
  }
  assert.equal(frameRecords(good, { dictionary: () => dictionary }).length, records.length);
});
