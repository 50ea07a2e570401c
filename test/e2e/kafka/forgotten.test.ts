/** What a run left in doubt is settled also where the broker no longer knows who sent it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import kafkajs from 'kafkajs';
import { type KafkaAdmin, openAdmin } from '../../../adapters/sinks/kafka/admin.js';
import { askPartitions } from '../../../adapters/sinks/kafka/audit-broker.js';
import { SendLog } from '../../../adapters/sinks/kafka/send-log.js';
import { readSettings } from '../../../adapters/sinks/kafka/settings.js';
import { storedCrc } from '../../../adapters/sinks/kafka/stamp.js';
import type { StoredBatch } from '../../../engine/contracts.js';
import { KafkaCluster } from './broker.js';
import { createTopic, expectEachOnce, makeSink, makeStateDir, NumberedBatches, sinkSpec, until } from './sink-kit.js';

const expirationMs = 1000;
let cluster: KafkaCluster;
let admin: KafkaAdmin;
before(async () => {
  cluster = await KafkaCluster.start({
    properties: {
      'producer.id.expiration.ms': String(expirationMs),
      'producer.id.expiration.check.interval.ms': '100',
    },
  });
  admin = openAdmin({ brokers: cluster.bootstrap().split(',') });
});
after(async () => {
  await admin?.close();
  await cluster?.stop();
});

const deliverAll = async (
  topic: string,
  stateDir: string,
  batches: readonly StoredBatch[],
  rememberedMs = expirationMs / 2,
) => {
  const sink = makeSink(cluster.bootstrap(), topic, {}, stateDir, { rememberedMs });
  await sink.start();
  await Promise.all(batches.map((batch) => sink.deliver(batch)));
  const figures = sink.figures();
  await sink.stop(0);
  return figures;
};

/** The brokers know nobody who wrote to the topic. */
function untilForgotten(topic: string): Promise<void> {
  const spec = sinkSpec(cluster.bootstrap(), topic);
  return until('producers are forgotten', async () => {
    const partitions = await askPartitions(readSettings(spec, {}));
    return partitions.every(({ producers }) => producers.length === 0);
  });
}

/** As if the batches had been stamped behind everything the log knows, and the process had ended before they were sent. */
function stampWithoutSending(stateDir: string, batches: readonly StoredBatch[]): void {
  const log = SendLog.open(stateDir);
  for (const batch of batches) {
    const sent = log.entries().filter((entry) => entry.partition === batch.partition);
    const last = sent.reduce((a, b) => (a.stamp.baseSequence > b.stamp.baseSequence ? a : b));
    const stamp = { ...last.stamp, baseSequence: last.stamp.baseSequence + last.count };
    log.append({ ...last, position: batch.position, stamp, count: batch.count, crc: storedCrc(batch.bytes) });
  }
  log.close();
}

test('expired producer: what is in the partition is skipped, what is not is sent, the rest follows', async () => {
  await createTopic(cluster.bootstrap(), 'expired', 3);
  const stateDir = makeStateDir();
  const journal = new NumberedBatches();
  await deliverAll('expired', stateDir, journal.make(60, 10, 3));
  stampWithoutSending(stateDir, journal.make(6, 10, 3));
  await untilForgotten('expired');
  journal.make(30, 10, 3);
  const figures = await deliverAll('expired', stateDir, journal.batches);
  await expectEachOnce(cluster.bootstrap(), 'expired', journal.next);
  assert.equal(figures.tail_found_records_total, 600);
  assert.equal(figures.possible_duplicates_total ?? 0, 0);
});

test('topic created anew while Penstock is stopped: everything not checkpointed is sent to it', async () => {
  await createTopic(cluster.bootstrap(), 'anew', 3);
  const stateDir = makeStateDir();
  const journal = new NumberedBatches();
  await deliverAll('anew', stateDir, journal.make(60, 10, 3));
  await admin.deleteTopic('anew');
  await createTopic(cluster.bootstrap(), 'anew', 2);
  const figures = await deliverAll('anew', stateDir, journal.batches);
  await expectEachOnce(cluster.bootstrap(), 'anew', journal.next, false);
  assert.equal(figures.tail_found_records_total ?? 0, 0);
});

test('topic created anew and filled from elsewhere in other batches: only the events that lack are sent', async () => {
  await createTopic(cluster.bootstrap(), 'mirrored', 1);
  const stateDir = makeStateDir();
  const journal = new NumberedBatches();
  await deliverAll('mirrored', stateDir, journal.make(20, 10, 1));
  await admin.deleteTopic('mirrored');
  await createTopic(cluster.bootstrap(), 'mirrored', 1);
  const kafka = new kafkajs.Kafka({ brokers: cluster.bootstrap().split(','), logLevel: kafkajs.logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  const copied = Array.from({ length: 137 }, (_, i) => ({
    partition: 0,
    value: String(i),
    timestamp: String(Date.now()),
  }));
  for (let at = 0; at < copied.length; at += 7)
    await producer.send({ topic: 'mirrored', messages: copied.slice(at, at + 7) });
  await producer.disconnect();
  const figures = await deliverAll('mirrored', stateDir, journal.batches);
  await expectEachOnce(cluster.bootstrap(), 'mirrored', journal.next, false);
  assert.equal(figures.tail_found_records_total, 137);
  // The log knows which events were there: one more run sends nothing.
  await untilForgotten('mirrored');
  await deliverAll('mirrored', stateDir, journal.batches);
  await expectEachOnce(cluster.bootstrap(), 'mirrored', journal.next, false);
});

test('records deleted before they could be compared: sent again, and counted', async () => {
  await createTopic(cluster.bootstrap(), 'deleted', 1);
  const stateDir = makeStateDir();
  const journal = new NumberedBatches();
  await deliverAll('deleted', stateDir, journal.make(10, 10, 1));
  await admin.deleteRecords('deleted', [50n]);
  await untilForgotten('deleted');
  const figures = await deliverAll('deleted', stateDir, journal.batches);
  assert.equal(figures.tail_found_records_total, 50);
  assert.equal(figures.possible_duplicates_total, 50);
  const seen: number[] = [];
  await admin.readAll('deleted', ({ value }) => seen.push(Number(value)));
  assert.deepEqual(
    seen.sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, i) => i),
  );
});

test('records older than the memory of the broker, which counts from their time: in doubt a moment ago, and there once', async () => {
  await createTopic(cluster.bootstrap(), 'old', 3);
  const stateDir = makeStateDir();
  const journal = new NumberedBatches();
  journal.recordTimeMs = Date.now() - 3_600_000;
  const longMs = 3_600_000;
  await deliverAll('old', stateDir, journal.make(60, 10, 3), longMs);
  await untilForgotten('old');
  const figures = await deliverAll('old', stateDir, journal.batches, longMs);
  await expectEachOnce(cluster.bootstrap(), 'old', journal.next);
  assert.equal(figures.tail_found_records_total, 600);
  assert.equal(figures.possible_duplicates_total ?? 0, 0);
});
