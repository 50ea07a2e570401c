import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import type { SinkSpec, StoredBatch } from '../../../engine/contracts.js';
import { sink } from './sink.js';

test('takes every batch at once and counts it', async () => {
  const spec = { id: 'null', url: 'null:', scheme: 'null', authority: '', path: '', options: {} };
  const running = sink.create(spec, { log: pino({ level: 'silent' }), stateDir: '' });
  await running.start();
  const position = { lane: 0, segment: 0, offset: 0 };
  const batch: StoredBatch = {
    position,
    next: position,
    route: 0,
    partition: -1,
    count: 1,
    events: 1,
    bytes: Buffer.alloc(0),
  };
  await Promise.all([running.deliver(batch), running.deliver(batch)]);
  running.forget(position);
  assert.deepEqual(running.figures(), { batches_total: 2 });
  assert.equal(running.health().ready, true);
  await running.stop(0);
});

test('asks for the journal only when told to', () => {
  const spec = { id: 'null', url: 'null:', scheme: 'null', authority: '', path: '' };
  const needs = sink.needsJournal as (spec: SinkSpec) => boolean;
  assert.equal(needs({ ...spec, options: {} }), false);
  assert.equal(needs({ ...spec, options: { journal: true } }), true);
});
