import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sinkTypes, sourceTypes } from '../adapters/index.js';
import { loadSettings } from './config/load.js';
import { createMemory } from './memory.js';
import { workerPlans } from './worker-plans.js';

test('no frame holds more than its readers allow unless told otherwise, however large batches may be', () => {
  const frameBytesMax = (batchBytesMax: string) => {
    const env = {
      PENSTOCK_BATCH_BYTES_MAX: batchBytesMax,
      PENSTOCK_SEGMENT_BYTES: '128MiB',
      PENSTOCK_ENCODING: 'frames',
      PENSTOCK_WORKERS: '1',
    };
    const plans = workerPlans({
      settings: loadSettings(env, '/somewhere', { sourceTypes, sinkTypes }).settings,
      memory: createMemory({ receivers: 1, workers: 1, ringBytes: 1 << 20 }),
      listeners: [],
      identity: { node: 1, boot: 2 },
      partitions: 0,
      schema: { fingerprint: '00000000', prefixId: -1 },
      lane: () => null,
      formats: null,
      enrichment: null,
    });
    return plans.map(({ pipeline }) => pipeline.frameBytesMax);
  };
  assert.deepEqual(frameBytesMax('1MiB'), [1 << 20]);
  assert.deepEqual(frameBytesMax('64MiB'), [64 << 20]);
  assert.deepEqual(frameBytesMax('128MiB'), [64 << 20]);
});
