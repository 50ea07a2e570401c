import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ListenerSpec } from '../../../engine/contracts.js';
import { optionMistakes, settingsOf } from './options.js';

const limits = { messageBytesMax: 65536 };
const settings = (values: ListenerSpec['options']) => settingsOf({ options: values } as ListenerSpec, limits);

test('limits that contradict each other are reconciled upwards', () => {
  const { bodiesBytesMax, requestTimeoutMs } = settings({ body_bytes_max: 2 ** 29, headers_timeout_ms: 90_000 });
  assert.deepEqual([bodiesBytesMax, requestTimeoutMs], [2 ** 29, 90_000]);
  assert.equal(settings({ token: '' }).token, null);
  assert.equal(settings({}).frameBytesMax, 65536);
});

test('what would not be as it was meant is a mistake', () => {
  const mistakes = (scheme: string, values: ListenerSpec['options']) =>
    optionMistakes({ scheme, options: values } as ListenerSpec);
  assert.deepEqual(mistakes('http', { token: 'a+b' }), []);
  assert.match(mistakes('https', { token: 'a b' }).join(), /no blanks/);
  assert.match(mistakes('http', { client_ca: '/x', key: '/y' }).join(), /^https, or without key and client_ca/);
  assert.deepEqual(mistakes('https', { client_ca: '/x' }), []);
});
