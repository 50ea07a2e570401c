/** Batches that the broker refuses are split, down to the single event; only what is refused by itself is refused. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type KafkaAdmin, openAdmin } from '../../../adapters/sinks/kafka/admin.js';
import type { StoredBatch } from '../../../engine/contracts.js';
import { DeliveryError } from '../../../engine/errors.js';
import { batchRecords, recordValues } from '../../../engine/journal/record-batch.js';
import { KafkaCluster } from './broker.js';
import { recordBatch } from './record-batch.js';
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

const limitedTopic = async (topic: string, partitions: number, bytesMax: number) => {
  await admin.createTopic(topic, {
    partitions,
    replication: 1,
    configs: { 'max.message.bytes': String(bytesMax) },
  });
};

test('batches larger than the topic allows: split, each record once and in order, and soon split before they are sent', async () => {
  await limitedTopic('small', 2, 30_000);
  const sink = makeSink(cluster.bootstrap(), 'small');
  await sink.start();
  const journal = new NumberedBatches();
  await Promise.all(journal.make(60, 100, 2, undefined, 'x'.repeat(900)).map((batch) => sink.deliver(batch)));
  const figures = sink.figures();
  await sink.stop(0);
  await expectEachOnce(cluster.bootstrap(), 'small', journal.next);
  assert.equal(figures.delivered_records_total, 6000);
  assert.equal(figures.refused_records_total ?? 0, 0);
  assert.ok((figures.split_batches_total ?? 0) <= 4, `refused ${figures.split_batches_total} times, learnt from it`);
});

test('one event that is too large by itself is refused alone, with its bytes; the others of its batch are delivered', async () => {
  await limitedTopic('giant', 1, 30_000);
  const sink = makeSink(cluster.bootstrap(), 'giant');
  await sink.start();
  const journal = new NumberedBatches();
  const [before, like, behind] = [journal.make(3, 10), journal.make(1, 10)[0]!, journal.make(3, 10)];
  const giant = `giant ${'y'.repeat(50_000)}`;
  const values = Array.from({ length: 10 }, (_, i) => String(30 + i));
  const bytes = recordBatch([...values.slice(0, 7), giant, ...values.slice(7)]);
  const mixed: StoredBatch = { ...like, count: 11, events: 11, bytes };
  const results = await Promise.allSettled([...before, mixed, ...behind].map((batch) => sink.deliver(batch)));
  assert.deepEqual(
    results.map(({ status }) => status === 'fulfilled'),
    [true, true, true, false, true, true, true],
  );
  const error = (results[3] as PromiseRejectedResult).reason as DeliveryError;
  assert.ok(error instanceof DeliveryError && error.verdict === 'never');
  assert.deepEqual(
    error.refused?.map(({ batch, code }) => [
      code,
      batch.count,
      recordValues(batchRecords(batch.bytes), batch.count).map((value) => value?.toString('latin1')),
    ]),
    [['MESSAGE_TOO_LARGE', 1, [giant]]],
  );
  assert.equal(sink.figures().refused_records_total, 1);
  await sink.stop(0);
  await expectEachOnce(cluster.bootstrap(), 'giant', journal.next);
});

test('the limit lowered while running and the sink ended again and again in the middle: each record once', async () => {
  await createTopic(cluster.bootstrap(), 'lowered', 2);
  const stateDir = makeStateDir();
  const journal = new NumberedBatches();
  const batches = journal.make(80, 64, 2, undefined, 'z'.repeat(900));
  const done = new Set<number>();
  const limits = [40_000, 9000, 25_000, 3000];
  for (let run = 0; done.size < batches.length; run++) {
    assert.ok(run < batches.length, 'the runs make progress');
    const sink = makeSink(cluster.bootstrap(), 'lowered', {}, stateDir);
    await sink.start();
    let from = 0;
    while (done.has(from)) from++;
    from = Math.max(0, from - 6);
    const goal = (sink.figures().delivered_records_total ?? 0) + 64 * 5 + 30 + 17 * (run % 4);
    const before = done.size;
    const work = batches.slice(from).map((batch, i) =>
      sink.deliver(batch).then(
        () => done.add(from + i),
        () => {},
      ),
    );
    // Those handed over again count as delivered, too: of the others one at least is to be new.
    const progressed = () => done.size > before && (sink.figures().delivered_records_total ?? 0) >= goal;
    await until('progress', () => done.size === batches.length || progressed());
    if (run < limits.length) await admin.configureTopic('lowered', { 'max.message.bytes': String(limits[run]) });
    await new Promise((resolve) => setTimeout(resolve, (run * 37) % 60));
    await sink.stop(0);
    await Promise.all(work);
  }
  await expectEachOnce(cluster.bootstrap(), 'lowered', journal.next);
});

test('records that the topic never takes (no key where it is compacted) are refused in one piece', async () => {
  await admin.createTopic('keyed', { partitions: 1, replication: 1, configs: { 'cleanup.policy': 'compact' } });
  const sink = makeSink(cluster.bootstrap(), 'keyed');
  await sink.start();
  const journal = new NumberedBatches();
  const results = await Promise.allSettled(journal.make(4, 50).map((batch) => sink.deliver(batch)));
  assert.deepEqual(
    results.map((result) => (result as PromiseRejectedResult).reason.code),
    Array(4).fill('INVALID_RECORD'),
  );
  assert.equal(sink.figures().refused_batches_total, 4);
  await sink.stop(0);
});
