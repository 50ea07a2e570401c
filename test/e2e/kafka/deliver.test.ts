import assert from 'node:assert';
import { after, before, test } from 'node:test';
import { Compressor, compressBound } from '../../../native/codecs.js';
import { KafkaCluster } from './broker.js';
import { consoleConsume } from './console-consumer.js';
import type { BatchCodec } from './record-batch.js';
import { createTopic, expectEachOnce, makeSink, makeStateDir, NumberedBatches, until } from './sink-kit.js';

let cluster: KafkaCluster;
before(async () => {
  cluster = await KafkaCluster.start();
});
after(() => cluster?.stop());

const compressor = (name: 'zstd' | 'lz4', id: 3 | 4): BatchCodec => {
  const codec = new Compressor(name);
  return {
    id,
    compress: (bytes) => {
      const room = Buffer.alloc(compressBound(name, bytes.length));
      return room.subarray(0, codec.compressInto(bytes, 0, bytes.length, room, 0));
    },
  };
};

test('three partitions: every record once and in order', async () => {
  await createTopic(cluster.bootstrap(), 'three', 3);
  const sink = makeSink(cluster.bootstrap(), 'three');
  await sink.start();
  assert.strictEqual(await sink.partitionCount(0), 3);
  const journal = new NumberedBatches();
  await Promise.all(journal.make(300, 50, 3).map((batch) => sink.deliver(batch)));
  assert.strictEqual(sink.figures().delivered_records_total, 15_000);
  assert.deepStrictEqual(sink.health(), { ready: true, detail: 'delivers to three' });
  await sink.stop(1000);
  await expectEachOnce(cluster.bootstrap(), 'three', journal.next);
});

test('several connections to a broker: every record once and in order, also when they are cut', async () => {
  await createTopic(cluster.bootstrap(), 'wide', 4);
  const sink = makeSink(cluster.bootstrap(), 'wide', { connections: 3 });
  await sink.start();
  const journal = new NumberedBatches();
  const work = journal.make(200, 50, 4).map((batch) => sink.deliver(batch));
  await cluster.nodes[0]?.kill();
  await cluster.nodes[0]?.start();
  work.push(...journal.make(200, 50, 4).map((batch) => sink.deliver(batch)));
  await Promise.all(work);
  assert.strictEqual(sink.figures().brokers_connected, 1);
  await sink.stop(1000);
  await expectEachOnce(cluster.bootstrap(), 'wide', journal.next);
});

test('batches for any partition are spread', async () => {
  const sink = makeSink(cluster.bootstrap(), 'spread', { create_topics: true, partitions: 4, replication: 1 });
  await sink.start();
  const journal = new NumberedBatches();
  await Promise.all(journal.make(40, 10).map((batch) => sink.deliver(batch)));
  await sink.stop(1000);
  await expectEachOnce(cluster.bootstrap(), 'spread', journal.next);
});

test('zstd and lz4 batches are read by kafkajs and by Apache’s consumer', async () => {
  await createTopic(cluster.bootstrap(), 'compressed', 1);
  const sink = makeSink(cluster.bootstrap(), 'compressed');
  await sink.start();
  const journal = new NumberedBatches();
  for (const codec of [compressor('zstd', 4), compressor('lz4', 3)])
    await Promise.all(journal.make(5, 100, 1, codec).map((batch) => sink.deliver(batch)));
  await sink.stop(1000);
  await expectEachOnce(cluster.bootstrap(), 'compressed', 1000);
  const lines = await consoleConsume(cluster.bootstrap(), 'compressed', 1000);
  assert.deepStrictEqual(
    lines.map(Number),
    Array.from({ length: 1000 }, (_, i) => i),
  );
});

test('a batch that is too large is refused for good, and those behind it are delivered', async () => {
  await createTopic(cluster.bootstrap(), 'large', 1);
  const sink = makeSink(cluster.bootstrap(), 'large');
  await sink.start();
  const journal = new NumberedBatches();
  const before = journal.make(3, 10);
  const large = { ...journal.make(1, 1, 1, undefined, 'x'.repeat(2 << 20))[0]! };
  journal.next--;
  const behind = journal.make(10, 10);
  const results = await Promise.allSettled([...before, large, ...behind].map((batch) => sink.deliver(batch)));
  assert.deepStrictEqual(
    results.map((result) => (result.status === 'fulfilled' ? 'ok' : `${result.reason.verdict} ${result.reason.code}`)),
    ['ok', 'ok', 'ok', 'never MESSAGE_TOO_LARGE', ...behind.map(() => 'ok')],
  );
  await sink.stop(1000);
  await expectEachOnce(cluster.bootstrap(), 'large', journal.next);
});

test('a broker killed and restarted with batches in flight: exactly once', async () => {
  await createTopic(cluster.bootstrap(), 'killed', 3);
  const sink = makeSink(cluster.bootstrap(), 'killed');
  await sink.start();
  const journal = new NumberedBatches();
  const node = cluster.nodes[0]!;
  for (let round = 0; round < 3; round++) {
    const all = Promise.all(journal.make(200, 20, 3, undefined, 'x'.repeat(500)).map((batch) => sink.deliver(batch)));
    const some = 200 * round + 40 + 30 * round;
    await until('some batches delivered', () => (sink.figures().delivered_batches_total ?? 0) >= some);
    await node.kill();
    await until('the sink says so', () => /ECONNREFUSED|closed|ECONNRESET/.test(sink.health().detail));
    await node.start();
    await all;
  }
  await sink.stop(1000);
  await expectEachOnce(cluster.bootstrap(), 'killed', journal.next);
});

test('a sink that ends with batches in doubt: the next one settles them, exactly once', async () => {
  await createTopic(cluster.bootstrap(), 'restart', 3);
  const stateDir = makeStateDir();
  const journal = new NumberedBatches();
  const batches = journal.make(400, 20, 3, undefined, 'x'.repeat(500));
  const settled = new Set<number>();
  for (let run = 0; settled.size < batches.length; run++) {
    assert.ok(run < 50, 'the runs make progress');
    const sink = makeSink(cluster.bootstrap(), 'restart', {}, stateDir);
    await sink.start();
    // The engine's checkpoint is older than what was acknowledged: it hands over again from there.
    const from = Math.max(0, firstMissing(settled) - 20);
    const work = batches.slice(from).map((batch, i) =>
      sink.deliver(batch).then(
        () => settled.add(from + i),
        () => {},
      ),
    );
    const goal = settled.size + 10 + run * 7;
    await until('progress', () => settled.size >= Math.min(goal, batches.length));
    await sink.stop(0);
    await Promise.all(work);
  }
  await expectEachOnce(cluster.bootstrap(), 'restart', journal.next);
});

function firstMissing(settled: ReadonlySet<number>): number {
  let at = 0;
  while (settled.has(at)) at++;
  return at;
}

test('a broker that comes back while there is nothing to deliver: ready again', async () => {
  await createTopic(cluster.bootstrap(), 'idle', 1);
  const sink = makeSink(cluster.bootstrap(), 'idle');
  await sink.start();
  const node = cluster.nodes[0]!;
  await node.kill();
  await until('trouble', () => /ECONN|closed/.test(sink.health().detail));
  await node.start();
  await until('ready', () => sink.health().detail === 'delivers to idle');
  await sink.stop(0);
});
