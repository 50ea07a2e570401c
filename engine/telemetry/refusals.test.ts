import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Logger } from 'pino';
import type { ListenerSpec } from '../contracts.js';
import { RefusalWatch } from './refusals.js';

test('what is turned away is said once in a while, with what came since', () => {
  const lines: unknown[][] = [];
  const counts: Record<string, number> = { 'connections_refused_total.descriptors': 0, connections_open: 5 };
  const log = { warn: (...line: unknown[]) => lines.push(line) } as unknown as Logger;
  const listener = { index: 0, url: 'syslog+tcp://h:1' } as ListenerSpec;
  const watch = new RefusalWatch(
    () => [listener],
    () => ({ ...counts }),
    log,
  );
  watch.stop();
  watch.look(0);
  assert.equal(lines.length, 0);
  counts['connections_refused_total.descriptors'] = 40;
  watch.look(1_000);
  counts['connections_refused_total.descriptors'] = 70;
  watch.look(2_000);
  assert.equal(lines.length, 1);
  watch.look(11_500);
  watch.look(30_000);
  assert.deepEqual(
    lines.map(([fields]) => fields),
    [40, 30].map((descriptors) => ({
      listener: 'syslog+tcp://h:1',
      since_last_said: { 'connections_refused_total.descriptors': descriptors },
    })),
  );
  assert.match(String(lines[0]?.[1]), /ulimit -n/);
});
