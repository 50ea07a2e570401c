import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { MemoryWatch } from './memory-watch.js';

test('intake is held above the ceiling and goes on well below it', () => {
  let bytes = 90;
  const changes: boolean[] = [];
  const watch = new MemoryWatch(
    100,
    pino({ level: 'silent' }),
    (full) => changes.push(full),
    () => bytes,
  );
  for (const rss of [90, 100, 101, 99, 96, 120, 95, 94, 99, 101]) {
    bytes = rss;
    watch.look();
  }
  assert.deepEqual(changes, [true, false, true]);
  assert.deepEqual(watch.figures(), { bytesMax: 100, full: true, holds: 2 });
  watch.stop();
  assert.deepEqual(changes, [true, false, true, false]);
});
