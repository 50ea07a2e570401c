/** A directory of packs that changes is noticed, once, when it has stood still. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { watchFormats } from './watch.js';

const everyMs = 5;

test('a pack that is new, written to, replaced and gone', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-formats-'));
  t.after(() => rmSync(directory, { recursive: true }));
  let changes = 0;
  let looks = 0;
  t.after(
    watchFormats(
      () => {
        looks++;
        return directory;
      },
      everyMs,
      () => changes++,
    ),
  );
  while (looks < 2) await delay(everyMs); // the first has ended: what it saw is what changes
  const pack = join(directory, 'door');
  const file = join(pack, 'pack.yaml');
  let expected = 0;
  for (const change of [
    () => {
      mkdirSync(pack);
      writeFileSync(file, 'name: door');
    },
    () => writeFileSync(file, 'name: door # again'),
    () => {
      writeFileSync(`${file}.new`, 'name: door # else');
      renameSync(`${file}.new`, file);
    },
    () => writeFileSync(join(pack, 'steps.yaml'), 'steps: []'),
    () => rmSync(pack, { recursive: true }),
  ]) {
    change();
    expected++;
    while (changes < expected) await delay(everyMs);
    await delay(20 * everyMs);
    assert.equal(changes, expected);
  }
});

test('a directory that is not there is no change; nor is another one', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-formats-'));
  t.after(() => rmSync(directory, { recursive: true }));
  let current: string | null = join(directory, 'a');
  let changes = 0;
  t.after(
    watchFormats(
      () => current,
      everyMs,
      () => changes++,
    ),
  );
  await delay(10 * everyMs);
  mkdirSync(join(directory, 'b'));
  for (const next of [join(directory, 'b'), null, join(directory, 'a'), join(directory, 'b')]) {
    current = next;
    await delay(10 * everyMs);
  }
  assert.equal(changes, 0);
});
