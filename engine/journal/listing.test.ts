import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { namesIn } from './listing.js';

/** Time stamps of the file system move on within it. */
const stampMs = 50;

function directory(t: TestContext): string {
  const path = fs.mkdtempSync(join(tmpdir(), 'penstock-listing-'));
  t.after(() => fs.rmSync(path, { recursive: true, force: true }));
  return path;
}

test('what changes right after a listing is in the next one, whatever the time stamp says', (t) => {
  const path = directory(t);
  for (let i = 0; i < 500; i++) {
    namesIn(path);
    fs.writeFileSync(join(path, String(i)), '');
    assert.equal(namesIn(path).length, i + 1);
  }
});

test('a directory that stands still is read once; every change is seen', async (t) => {
  const path = directory(t);
  const file = (name: string) => join(path, name);
  fs.writeFileSync(file('a'), '');
  await delay(stampMs);
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 3_600_000 });
  const read = t.mock.method(fs, 'readdirSync');
  syncBuiltinESMExports();
  t.after(() => {
    read.mock.restore();
    syncBuiltinESMExports();
  });
  const reads = (): number => read.mock.callCount();
  for (let i = 0; i < 5; i++) assert.deepEqual(namesIn(path), ['a']);
  assert.equal(reads(), 1);
  const changes: readonly (readonly [string, () => void, readonly string[]])[] = [
    ['made', () => fs.writeFileSync(file('b'), ''), ['a', 'b']],
    ['renamed', () => fs.renameSync(file('b'), file('c')), ['a', 'c']],
    ['deleted', () => fs.rmSync(file('a')), ['c']],
    ['gone', () => fs.rmSync(path, { recursive: true }), []],
    ['there again', () => fs.mkdirSync(path), []],
  ];
  for (const [what, change, names] of changes) {
    change();
    assert.deepEqual([...namesIn(path)].sort(), names, what);
    await delay(stampMs);
  }
});
