import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ListenerSpec } from '../../../engine/contracts.js';
import { settingsOf } from './options.js';

const limits = { messageBytesMax: 65536 };
const settings = (values: ListenerSpec['options']) => settingsOf({ options: values } as ListenerSpec, limits);

test('limits that contradict each other are reconciled upwards', () => {
  const { bodiesBytesMax, requestTimeoutMs } = settings({ body_bytes_max: 2 ** 29, headers_timeout_ms: 90_000 });
  assert.deepEqual([bodiesBytesMax, requestTimeoutMs], [2 ** 29, 90_000]);
  assert.equal(settings({ token: '' }).token, null);
  assert.equal(settings({}).frameBytesMax, 65536);
});
