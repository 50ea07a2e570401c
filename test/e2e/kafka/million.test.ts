/**
 * One million events over TCP into a topic of three partitions are one million records: counted by kafkajs, each sequence number
 * once, and by Apache Kafka's own console consumer.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { test } from 'node:test';
import { PenstockProcess, sumMetric } from '../../support/penstock-process.js';
import { assertCallsPerGroup } from '../../support/pipeline-calls.js';
import { readSequences } from '../../support/topic-reader.js';
import { KafkaCluster } from './broker.js';
import { consoleCount } from './console-count.js';

const events = 1_000_000;
const connections = 4;
const topic = 'security.events';

test('one million events over TCP are one million records', { timeout: 900_000 }, async () => {
  const kafka = await KafkaCluster.start();
  const bootstrap = kafka.bootstrap('plain');
  const penstock = await PenstockProcess.start({
    listen: ['syslog+tcp'],
    deliver: `kafka://${bootstrap}/${topic}?create_topics=true&partitions=3&replication=1`,
  });
  try {
    const share = events / connections;
    const port = penstock.ports[0] as number;
    await Promise.all(Array.from({ length: connections }, (_, i) => send(port, i * share, share)));
    await penstock.untilMetric('penstock_events_delivered_total', events);
    await penstock.expectMetric('penstock_events_received_total', events);
    const metrics = await penstock.metrics();
    assert.equal(sumMetric(metrics, 'penstock_unaccounted_events'), 0);
    assert.equal(sumMetric(metrics, 'penstock_events_failed_total'), 0);
    assertCallsPerGroup(metrics);

    const { seen, records, partitions } = await readSequences(bootstrap, topic, events);
    assert.equal(records, events);
    assert.equal(partitions, 3);
    assert.ok(
      seen.every((count) => count === 1),
      'each sequence number once',
    );
    assert.equal(await consoleCount(bootstrap, topic, events), events);
    assert.equal(await penstock.stop(), 0, penstock.output);
  } finally {
    await penstock.dispose();
    await kafka.stop();
  }
});

async function send(port: number, from: number, count: number): Promise<void> {
  const socket = createConnection(port, '127.0.0.1');
  await once(socket, 'connect');
  const perWrite = 500;
  for (let at = from; at < from + count; at += perWrite) {
    let text = '';
    for (let n = at; n < at + perWrite; n++) {
      text += `<34>1 2026-01-02T03:04:05.678901Z host-${n % 50} app 42 ID47 - seq=${n} user logged in from 203.0.113.7\n`;
    }
    if (!socket.write(text)) await once(socket, 'drain');
  }
  socket.end();
  await once(socket, 'close');
}
