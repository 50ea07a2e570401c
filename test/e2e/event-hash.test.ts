/** PENSTOCK_EVENT_HASH: event.hash is the SHA-256 of the bytes as received, whatever they are and whatever they say of themselves. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { readLogEvent } from '../../schema/reader.js';
import { journalRecords } from '../support/journal-records.js';
import { PenstockProcess } from '../support/penstock-process.js';

const bodies: readonly (readonly [type: string, lines: readonly string[]])[] = [
  [
    'application/x-ndjson',
    ['{"message":"größe"}', '{"event":{"hash":"forged"},"a":1}', '{"broken":', ' { "spaced" : true } '],
  ],
  ['text/plain', ['<13>1 2026-03-01T10:00:00Z h a 1 - - text', 'no syslog', 'x'.repeat(20_000)]],
];

test('every event has the hash of its bytes', async (t) => {
  const penstock = await PenstockProcess.start({
    listen: ['http'],
    deliver: 'kafka://127.0.0.1:1/events',
    env: {
      PENSTOCK_WORKERS: '1',
      PENSTOCK_SHUTDOWN_TIMEOUT_MS: '1000',
      PENSTOCK_EVENT_HASH: 'true',
      PENSTOCK_KEEP_ORIGINAL: 'always',
    },
  });
  t.after(() => penstock.dispose());
  for (const [type, lines] of bodies) {
    const url = `http://127.0.0.1:${penstock.ports[0]}/ingest`;
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body: lines.join('\n') });
    assert.equal(answer.status, 200, await answer.text());
  }
  assert.equal(await penstock.stop(), 0, penstock.output);
  const events = journalRecords(join(penstock.directory, 'data')).map(({ value }) => readLogEvent(value as Buffer));
  assert.deepEqual(
    events.map(({ fields, original }) => [fields.get('event.hash'), Buffer.from(original ?? []).toString()]),
    bodies.flatMap(([, lines]) => lines).map((line) => [createHash('sha256').update(line).digest('hex'), line]),
  );
  for (const { attrs } of events) assert.equal(attrs.get('event.hash'), undefined);
});
