import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory, textBatch } from '../../test/support/journal.js';
import type { StoredBatch } from '../contracts.js';
import { readDeadLetters } from '../journal/dead-letter.js';
import { deletedDeadLetters } from '../journal/dead-letter-space.js';
import { makeBatch } from '../journal/records.js';
import { rejectionOf } from '../journal/rejected.js';
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

test('events that do not fit a schema: all of a batch in one, each with its own reason, and once', (t) => {
  const journal = temporaryDirectory(t);
  const reasons = Array.from({ length: 500 }, (_, i) => `/user${i}: must be integer`);
  const records = reasons.map((reason, i) => ({
    timestampMs: i,
    key: null,
    value: Buffer.from('the same'),
    headers: [['penstock.dead_letter.message', Buffer.from(reason)] as const],
  }));
  const position = { lane: 0, segment: 1, offset: 7 };
  const counts = { count: records.length, events: records.length };
  const batch: StoredBatch = {
    bytes: makeBatch(records),
    position,
    next: position,
    route: 0x8001,
    partition: 2,
    ...counts,
  };
  const refused = () => rejectionOf(batch).refused ?? [];
  let letters = new DeadLetters(journal, 'a', identity);
  letters.add(refused());
  letters.add(refused());
  letters.close();
  letters = new DeadLetters(journal, 'a', { node: 1, boot: 2 });
  letters.add(refused());
  letters.close();
  const found = [...readDeadLetters(journal, 'a')];
  assert.deepEqual(
    found.map(({ reason }) => reason.message),
    reasons,
  );
  const [first] = found;
  assert.equal(first?.reason.code, 'schema');
  assert.equal(first?.reason.position, '0:1:7');
  assert.equal(first?.route, 1);
  assert.equal(first?.partition, 2);
  assert.deepEqual(first?.record, { timestampMs: 0, key: null, value: Buffer.from('the same'), headers: [] });
});

test('a rejected batch that cannot be taken apart is kept whole', (t) => {
  const journal = temporaryDirectory(t);
  const position = { lane: 0, segment: 1, offset: 7 };
  const counts = { count: 3, events: 3 };
  const batch: StoredBatch = {
    bytes: Buffer.alloc(80, 2),
    position,
    next: position,
    route: 0x8000,
    partition: 0,
    ...counts,
  };
  const letters = new DeadLetters(journal, 'a', identity);
  letters.add(rejectionOf(batch).refused ?? []);
  letters.add(rejectionOf(batch).refused ?? []);
  letters.close();
  const found = [...readDeadLetters(journal, 'a')];
  assert.deepEqual(
    found.map(({ reason, record }) => [reason.form, reason.code, record.value]),
    [['batch', 'schema', batch.bytes]],
  );
});
