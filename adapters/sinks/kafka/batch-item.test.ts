import assert from 'node:assert';
import { test } from 'node:test';
import type { StoredBatch } from '../../../engine/contracts.js';
import { newItem, noteError } from './batch-item.js';

test('after which errors a batch may be stored all the same', () => {
  const mayBeStored = (code: number) => {
    const item = newItem({} as StoredBatch, { resolve: () => {}, reject: () => {} });
    noteError(item, code);
    return item.maybeStored;
  };
  // Written by a leader that lost its place, or its replicas, or the connection, before it could answer.
  for (const code of [-1, 6, 7, 13, 20, 56]) assert.ok(mayBeStored(code), `${code}`);
  // Refused before anything was written.
  for (const code of [3, 5, 10, 19, 29, 45, 59]) assert.ok(!mayBeStored(code), `${code}`);
});
