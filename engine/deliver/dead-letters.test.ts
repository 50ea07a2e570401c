import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory, textBatch } from '../../test/support/journal.js';
import type { StoredBatch } from '../contracts.js';
import { readDeadLetters } from '../journal/dead-letter.js';
import { deletedDeadLetters } from '../journal/dead-letter-space.js';
import { listSegments, segmentPath } from '../journal/segments.js';
import { DeadLetters } from './dead-letters.js';

const identity = { node: 1, boot: 1 };
const bytesMax = 64 * 1024;
const padding = 'x'.repeat(500);

/** Number `from` and those after it, each refused as a batch of its own. */
function refuse(letters: DeadLetters, from: number, count: number): void {
  for (let i = from; i < from + count; i++) {
    const position = { lane: 0, segment: 1, offset: i };
    const batch: StoredBatch = { ...textBatch(`${i} ${padding}`), position, next: position, route: 0, partition: -1 };
    letters.add([{ batch, code: 'MESSAGE_TOO_LARGE', message: 'too large' }]);
  }
}

function kept(journal: string): number[] {
  return [...readDeadLetters(journal, 'a')].map(({ record }) => Number.parseInt(String(record.value), 10));
}

test('beyond the limit the oldest are deleted and counted, over restarts, and none twice', (t) => {
  const journal = temporaryDirectory(t);
  let letters = new DeadLetters(journal, 'a', identity, { bytesMax, whenFull: 'drop_oldest' });
  refuse(letters, 0, 200);
  assert.ok(letters.space().bytes <= bytesMax, `${letters.space().bytes} bytes`);
  const first = letters.space().deletedEvents;
  assert.ok(first > 50);
  assert.equal(letters.events, 200);
  letters.close();
  letters = new DeadLetters(journal, 'a', { node: 1, boot: 2 }, { bytesMax, whenFull: 'drop_oldest' });
  assert.equal(letters.space().deletedEvents, first);
  refuse(letters, 200, 100);
  letters.close();
  const left = kept(journal);
  assert.equal(letters.space().deletedEvents + left.length, 300);
  assert.deepEqual(
    left,
    Array.from({ length: left.length }, (_, i) => 300 - left.length + i),
  );
  assert.equal(deletedDeadLetters(`${journal}/dead-letter/a`), letters.space().deletedEvents);
});

test('or no more is taken until there is room', (t) => {
  const journal = temporaryDirectory(t);
  const letters = new DeadLetters(journal, 'a', identity, { bytesMax, whenFull: 'block' });
  t.after(() => letters.close());
  assert.throws(() => refuse(letters, 0, 200), /PENSTOCK_DEAD_LETTER_BYTES_MAX/);
  const taken = kept(journal).length;
  assert.ok(taken > 20 && taken < 200);
  assert.equal(letters.events, taken);
  assert.equal(letters.space().deletedEvents, 0);
  assert.ok(letters.space().bytes <= bytesMax);
  const directory = `${journal}/dead-letter/a`;
  const [oldest = 0] = listSegments(directory, 0);
  rmSync(segmentPath(directory, 0, oldest));
  refuse(letters, 1000, 1);
  assert.equal(kept(journal).at(-1), 1000);
});

test('a disk that does not tell is no reason to stop: the figures are the last ones', (t) => {
  const journal = temporaryDirectory(t);
  const letters = new DeadLetters(journal, 'a', identity, { bytesMax, whenFull: 'block' });
  refuse(letters, 0, 3);
  const { bytes } = letters.space();
  assert.ok(bytes > 1500);
  letters.close();
  rmSync(`${journal}/dead-letter`, { recursive: true });
  writeFileSync(`${journal}/dead-letter`, 'no directory');
  assert.equal(letters.space().bytes, bytes);
});
