import assert from 'node:assert/strict';
import { test } from 'node:test';
import { YoungestLines } from './youngest-lines.js';

test('of frames as of single events only the youngest are kept, in their order', () => {
  const youngest = new YoungestLines(3);
  youngest.add(10, Buffer.from('a\nb\nc\nd\ne\n'));
  youngest.add(30, Buffer.from('x\n'));
  youngest.add(20, Buffer.from('f\ng\n'));
  assert.equal(Buffer.concat(youngest.take()).toString(), 'f\ng\nx\n');
  assert.deepEqual(youngest.take(), []);
});

test('what is kept is bounded however many come', () => {
  const youngest = new YoungestLines(2);
  for (let i = 0; i < 1000; i++) youngest.add(i, Buffer.from(`${i}a\n${i}b\n${i}c\n`));
  assert.equal(Buffer.concat(youngest.take()).toString(), '999b\n999c\n');
  youngest.add(1, Buffer.from('\n'));
  assert.equal(Buffer.concat(youngest.take()).toString(), '\n');
});
