/** The short form of `npm run test:soak`: few senders, a few seconds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PenstockProcess } from '../support/penstock-process.js';
import { soak } from './soak.js';

test('senders that come and go leave nothing behind, and every event is accounted for', async (t) => {
  const penstock = await PenstockProcess.start({ listen: ['syslog+tcp', 'syslog+udp', 'http'] });
  try {
    const [tcp, udp, http] = penstock.ports as [number, number, number];
    const found = await soak({
      penstock,
      deliver: `store:${penstock.directory}/data`,
      ports: { tcp, udp, http },
      senders: 300,
      eventsPerSecond: 5000,
      warmUpSeconds: 3,
      seconds: 12,
      sampleSeconds: 1,
      // Memory after some seconds says nothing yet; the files of a compaction come and go; what first happens late has a late series.
      limits: { memoryPart: 1, files: 20, series: 20 },
      say: (line) => t.diagnostic(line),
    });
    assert.deepEqual(found, []);
  } finally {
    await penstock.dispose();
  }
});
