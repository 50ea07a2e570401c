import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idleMs, type ReadWindow, ReadWindows } from './read-windows.js';

test('a window is used again only when all that was cut from it is released', () => {
  const windows = new ReadWindows(100);
  const first = windows.take(50);
  first.used = 60;
  first.held = 2;
  assert.equal(windows.take(40), first, 'what is left of it serves');
  const second = windows.take(50);
  assert.notEqual(second, first);
  second.used = 80;
  second.held = 1;
  windows.release(first);
  assert.notEqual(windows.take(50), first, 'one batch of it is still held');
  windows.release(first);
  const third = windows.take(50);
  third.used = 100;
  third.held = 1;
  assert.equal(windows.take(50), first, 'now it is free');
  assert.equal(first.used, 0);
});

test('the window in use starts again at its beginning; a large batch has a window of its own', () => {
  const windows = new ReadWindows(100);
  const window = windows.take(100);
  window.used = 100;
  window.held = 1;
  windows.release(window);
  assert.equal(windows.take(100), window);
  assert.equal(window.used, 0);
  const large = windows.take(1000);
  assert.equal(large.bytes.length, 1000);
  large.held = 1;
  large.used = 1000;
  assert.equal(windows.take(100), window);
  windows.release(large);
  window.held = 1;
  window.used = 100;
  assert.notEqual(windows.take(100), large, 'it is not kept');
});

test('what a backlog needed is given back when it is not needed any more', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const windows = new ReadWindows(100);
  const fill = (): ReadWindow => {
    const window = windows.take(100);
    window.used = 100;
    window.held = 1;
    return window;
  };
  for (const window of Array.from({ length: 20 }, fill)) windows.release(window);
  assert.equal(windows.free, 19, 'one is in use');
  // Three at a time are still needed.
  for (let round = 0; round < 4; round++) {
    for (const window of [fill(), fill(), fill()]) windows.release(window);
    t.mock.timers.tick(idleMs);
    assert.ok(windows.free >= 2);
  }
  assert.ok(windows.free <= 3, `${windows.free} are kept for three`);
  t.mock.timers.tick(idleMs);
  t.mock.timers.tick(idleMs);
  assert.equal(windows.free, 0);
  for (const window of [fill(), fill()]) windows.release(window);
  assert.equal(windows.free, 1, 'and it begins anew');
});
