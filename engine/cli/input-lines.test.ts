/** Lines are cut where the engine cuts them, however they arrive. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputLines } from './input-lines.js';

const input = 'one\r\ntwo\rstill two\n\n\u2028three\u2029\n\r\nv\u00e4 last';
const lines = ['one', 'two\rstill two', '\u2028three\u2029', 'v\u00e4 last'];

test('by LF and CRLF, and by nothing else that is taken for the end of a line', async () => {
  const bytes = Buffer.from(input);
  for (const size of [1, 2, 3, 7, bytes.length]) {
    const pieces = async function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    };
    const got: string[] = [];
    for await (const line of inputLines(pieces())) got.push(line.toString());
    assert.deepEqual(got, lines, `${size} bytes at a time`);
  }
});

test('bytes that are no UTF-8 stay as they are', async () => {
  const bytes = Buffer.from([0xff, 0xfe, 0, 10, 0xc3]);
  const pieces = async function* () {
    yield bytes;
  };
  const got: Buffer[] = [];
  for await (const line of inputLines(pieces())) got.push(line);
  assert.deepEqual(got, [Buffer.from([0xff, 0xfe, 0]), Buffer.from([0xc3])]);
});
