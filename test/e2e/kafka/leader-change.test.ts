import { after, before, test } from 'node:test';
import { KafkaCluster } from './broker.js';
import { createTopic, expectEachOnce, makeSink, makeStateDir, NumberedBatches, until } from './sink-kit.js';

let cluster: KafkaCluster;
before(async () => {
  cluster = await KafkaCluster.start({ nodes: 3 });
});
after(() => cluster?.stop());

test('three brokers, one after another killed or stopped: exactly once, also over a restart of the sink', async () => {
  const bootstrap = cluster.bootstrap();
  await createTopic(bootstrap, 'moving', 6, 3);
  const stateDir = makeStateDir();
  const journal = new NumberedBatches();
  let sink = makeSink(bootstrap, 'moving', {}, stateDir);
  await sink.start();
  for (const [round, node] of cluster.nodes.entries()) {
    const before = sink.figures().delivered_batches_total ?? 0;
    const batches = journal.make(240, 20, round === 1 ? 0 : 6, undefined, 'x'.repeat(300));
    const done = new Set<number>();
    const work = batches.map((batch, i) =>
      sink.deliver(batch).then(
        () => done.add(i),
        () => {},
      ),
    );
    await until('some delivered', () => (sink.figures().delivered_batches_total ?? 0) > before + 30);
    if (round === 1) await node.stop();
    else await node.kill();
    if (round === 2) {
      await sink.stop(0);
      sink = makeSink(bootstrap, 'moving', {}, stateDir);
      await Promise.all(work);
      const rest = batches.filter((_, i) => !done.has(i));
      const started = sink.start();
      await Promise.all([started, ...rest.map((batch) => sink.deliver(batch))]);
    }
    await Promise.all(work);
    await node.start();
  }
  await sink.stop(1000);
  await expectEachOnce(bootstrap, 'moving', journal.next);
});

test('a broker that stops answering: its connection is given up and the others take over', async () => {
  const bootstrap = cluster.bootstrap();
  await createTopic(bootstrap, 'silent', 3, 3);
  const sink = makeSink(bootstrap, 'silent', { request_timeout_ms: 2000 });
  await sink.start();
  const journal = new NumberedBatches();
  await Promise.all(journal.make(30, 10, 3).map((batch) => sink.deliver(batch)));
  const node = cluster.nodes[0]!;
  node.pause();
  try {
    await Promise.all(journal.make(60, 10, 3).map((batch) => sink.deliver(batch)));
  } finally {
    // Awake again it would take itself for a leader for a moment, and show readers its old end of the log.
    await node.kill();
  }
  await sink.stop(1000);
  const others = cluster.nodes.slice(1).map((other) => `127.0.0.1:${other.ports.get('plain')}`);
  await expectEachOnce(others.join(','), 'silent', journal.next);
});
