import assert from 'node:assert';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { temporaryDirectory } from '../../../test/support/journal.js';
import { freePorts } from '../../../test/support/ports.js';
import { until } from '../../../test/support/until.js';
import { KafkaSink } from './kafka-sink.js';
import { readSettings } from './settings.js';

test('a send log that cannot be opened is tried again until it can', async (t) => {
  const [port] = await freePorts(1);
  const stateDir = join(temporaryDirectory(t), 'state');
  writeFileSync(stateDir, 'not a directory');
  const spec = {
    id: 'kafka',
    url: `kafka://127.0.0.1:${port}/events`,
    scheme: 'kafka',
    authority: `127.0.0.1:${port}`,
    path: 'events',
    options: { retry_backoff_max_ms: 100 },
  };
  const sink = new KafkaSink(spec, readSettings(spec, {}), { log: pino({ level: 'silent' }), stateDir });
  const started = assert.rejects(sink.start(), { code: 'STOPPED' });
  const says = (text: RegExp) =>
    until(`it says ${text}`, () => text.test(sink.health().detail), { detail: () => sink.health().detail });
  await says(/^the send log cannot be opened: (EEXIST|ENOTDIR)/);
  assert.equal(sink.health().ready, false);
  rmSync(stateDir);
  await says(/ECONNREFUSED/);
  await sink.stop(0);
  await started;
});
