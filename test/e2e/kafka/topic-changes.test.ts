/** Topics that change while the sink runs: more partitions, deleted and created anew. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type KafkaAdmin, openAdmin } from '../../../adapters/sinks/kafka/admin.js';
import { KafkaCluster } from './broker.js';
import { createTopic, expectEachOnce, makeSink, makeStateDir, NumberedBatches, until } from './sink-kit.js';

let cluster: KafkaCluster;
let admin: KafkaAdmin;
before(async () => {
  cluster = await KafkaCluster.start();
  admin = openAdmin({ brokers: cluster.bootstrap().split(',') });
});
after(async () => {
  await admin?.close();
  await cluster?.stop();
});

test('partitions added while running are used, and nothing is lost or repeated', async () => {
  await createTopic(cluster.bootstrap(), 'growing', 2);
  const sink = makeSink(cluster.bootstrap(), 'growing', {}, makeStateDir(), { metadataAgeMs: 200 });
  await sink.start();
  const journal = new NumberedBatches();
  await Promise.all(journal.make(40, 10).map((batch) => sink.deliver(batch)));
  await admin.addPartitions('growing', 5);
  const used = async () => (await admin.endOffsets('growing')).filter((end) => end > 0n).length;
  await until('the new partitions are used', async () => {
    await Promise.all(journal.make(10, 10).map((batch) => sink.deliver(batch)));
    return (await used()) === 5;
  });
  assert.equal(await sink.partitionCount(0), 5);
  await sink.stop(1000);
  await expectEachOnce(cluster.bootstrap(), 'growing', journal.next);
});

for (const [name, partitions] of [
  ['as many', 3],
  ['fewer', 1],
  ['more', 5],
] as const) {
  test(`deleted and created anew with ${name} partitions: goes on by itself, nothing twice, nothing missing but what went with it`, async () => {
    const topic = `anew-${partitions}`;
    await createTopic(cluster.bootstrap(), topic, 3);
    const sink = makeSink(cluster.bootstrap(), topic);
    await sink.start();
    const journal = new NumberedBatches();
    const settled = new Set<number>();
    const hand = (count: number) =>
      journal.make(count, 10, 3, undefined, 'x'.repeat(500)).map((batch, i) => {
        const number = journal.batches.length - count + i;
        return sink.deliver(batch).then(() => settled.add(number));
      });
    await Promise.all(hand(30));
    const work = hand(300);
    await until('some are delivered', () => settled.size > 60);
    await admin.deleteTopic(topic);
    work.push(...hand(60));
    await until('the sink says so', () => sink.health().detail.includes('UNKNOWN_TOPIC_OR_PARTITION'));
    const gone = new Set(settled);
    await createTopic(cluster.bootstrap(), topic, partitions);
    await Promise.all(work);
    await Promise.all(hand(60));
    await sink.stop(1000);
    assert.equal(sink.figures().possible_duplicates_total ?? 0, 0);

    const seen = new Map<number, number>();
    await admin.readAll(topic, ({ value }) => {
      const number = Math.floor(Number.parseInt(value!.toString('latin1'), 10) / 10);
      seen.set(number, (seen.get(number) ?? 0) + 1);
    });
    const wrong = journal.batches.flatMap((_, number) => {
      const times = (seen.get(number) ?? 0) / 10;
      return times === 1 || (times === 0 && gone.has(number)) ? [] : [{ number, times }];
    });
    assert.deepEqual(wrong, []);
  });
}
