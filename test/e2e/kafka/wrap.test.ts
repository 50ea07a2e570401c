/** Sequences count from 0 to 2,147,483,647 and then from 0 again: here they begin just before the wrap. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SendLog } from '../../../adapters/sinks/kafka/send-log.js';
import { KafkaCluster } from './broker.js';
import { createTopic, expectEachOnce, makeSink, makeStateDir, NumberedBatches, until } from './sink-kit.js';

const largest = 2 ** 31 - 1;
let cluster: KafkaCluster;
before(async () => {
  cluster = await KafkaCluster.start();
});
after(() => cluster?.stop());

test('the wrap within a batch, between two batches and right behind the first: every record once and in order', async () => {
  // 10 records a batch: 2147483647 is the last of a batch, in the middle of one, the only one before the wrap.
  for (const [name, firstSequence] of Object.entries({ between: largest - 99, within: largest - 94, first: largest })) {
    await createTopic(cluster.bootstrap(), name, 2);
    const sink = makeSink(cluster.bootstrap(), name, {}, makeStateDir(), { firstSequence });
    await sink.start();
    const journal = new NumberedBatches();
    await Promise.all(journal.make(60, 10, 2).map((batch) => sink.deliver(batch)));
    assert.equal(sink.figures().retries_total ?? 0, 0);
    await sink.stop(0);
    await expectEachOnce(cluster.bootstrap(), name, journal.next);
  }
});

test('the sink ended, and the broker killed, with batches in doubt around the wrap: every record once', async () => {
  await createTopic(cluster.bootstrap(), 'doubt', 1);
  const stateDir = makeStateDir();
  const journal = new NumberedBatches();
  const batches = journal.make(120, 10, 1, undefined, 'x'.repeat(2000));
  const sequences = new Set<number>();
  let done = 0;
  for (let run = 0; done < batches.length; run++) {
    assert.ok(run < 60, 'the runs make progress');
    const sink = makeSink(cluster.bootstrap(), 'doubt', {}, stateDir, { firstSequence: largest - 30 });
    await sink.start();
    const again = batches.slice(Math.max(0, done - 4));
    const work = again.map((batch) => sink.deliver(batch).catch(() => {}));
    const goal = Math.min(again.length, 7 + (run % 5));
    await until('progress', () => (sink.figures().delivered_batches_total ?? 0) >= goal);
    if (run === 2) {
      await cluster.nodes[0]!.kill();
      await cluster.nodes[0]!.start();
    }
    await sink.stop(0);
    await Promise.all(work);
    for (const { stamp } of SendLog.open(stateDir).entries()) sequences.add(stamp.baseSequence);
    done = batches.indexOf(again[0]!) + (sink.figures().delivered_batches_total ?? 0);
  }
  assert.ok(sequences.has(largest - 30) && sequences.has(9), 'stamps of both sides of the wrap were used');
  await expectEachOnce(cluster.bootstrap(), 'doubt', journal.next);
});
