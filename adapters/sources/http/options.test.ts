import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ListenerSpec, SourceContext } from '../../../engine/contracts.js';
import { projectRoot } from '../../../native/load.js';
import { options, settingsOf } from './options.js';

const context = { limits: { messageBytesMax: 65536 } } as SourceContext;
const settings = (values: ListenerSpec['options']) => settingsOf({ options: values } as ListenerSpec, context);

test('the manual names every option with its default', () => {
  const manual = readFileSync(join(projectRoot, 'adapters/sources/http/README.md'), 'utf8');
  for (const { name, type, default: value } of options) {
    const row = manual.split('\n').find((line) => line.startsWith('| `') && line.includes(`\`${name}\``));
    const shown = value === null ? 'none' : type === 'bytes' ? `${Number(value) / 2 ** 20} MiB` : String(value);
    assert.equal(row?.split('|')[2]?.trim(), shown, name);
  }
});

test('limits that contradict each other are reconciled upwards', () => {
  const { bodiesBytesMax, requestTimeoutMs } = settings({ body_bytes_max: 2 ** 29, headers_timeout_ms: 90_000 });
  assert.deepEqual([bodiesBytesMax, requestTimeoutMs], [2 ** 29, 90_000]);
  assert.equal(settings({ token: '' }).token, null);
  assert.equal(settings({}).frameBytesMax, 65536);
});
