import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Logger } from 'pino';
import { Breakers } from './breakers.js';

test('an outage is said when it begins, once a minute, and when it ends', () => {
  let nowMs = 0;
  const said: string[] = [];
  const say = (_: object, text: string) => said.push(text);
  const log = { warn: say, info: say } as unknown as Logger;
  const breakers = new Breakers(
    { failures: 1, afterMs: 0, probeMs: 5000 },
    log,
    () => {},
    () => nowMs,
  );
  const kafka = breakers.of('kafka');
  kafka.failed();
  for (nowMs = 10_000; nowMs <= 150_000; nowMs += 10_000) {
    assert.equal(kafka.waitMs(), 0);
    kafka.failed();
  }
  kafka.succeeded();
  kafka.failed();
  assert.deepEqual(said, [
    'kafka is down: it is tried now and then',
    'kafka is still down, for 60 s',
    'kafka is still down, for 120 s',
    'kafka takes events again',
    'kafka is down: it is tried now and then',
  ]);
});
