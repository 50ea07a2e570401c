/** Delivery in transactions: consumers that read only what is committed see every event once, whatever ends in between. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { openAdmin } from '../../../adapters/sinks/kafka/admin.js';
import { readSettings } from '../../../adapters/sinks/kafka/settings.js';
import { TransactionalSink } from '../../../adapters/sinks/kafka/transactions/transactional-sink.js';
import type { SinkSpec } from '../../../engine/contracts.js';
import type { DeliveryError } from '../../../engine/errors.js';
import { PenstockProcess } from '../../support/penstock-process.js';
import { KafkaCluster } from './broker.js';
import { consoleConsumeAll } from './console-consumer.js';
import { createTopic, makeStateDir, NumberedBatches, until } from './sink-kit.js';

let cluster: KafkaCluster;
before(async () => {
  cluster = await KafkaCluster.start();
});
after(() => cluster?.stop());

function makeSink(topic: string, stateDir: string, intervalMs = 20, more = {}): TransactionalSink {
  const options = {
    ...more,
    transactions: true,
    transaction_interval_ms: intervalMs,
    retry_backoff_max_ms: 200,
    request_timeout_ms: 5000,
  };
  const authority = cluster.bootstrap();
  const spec: SinkSpec = {
    id: topic,
    url: `kafka://${authority}/${topic}`,
    scheme: 'kafka',
    authority,
    path: topic,
    options,
  };
  return new TransactionalSink(spec, readSettings(spec, {}), {
    log: pino({ level: process.env.LOG ?? 'silent' }),
    stateDir,
  });
}
/** Numbers that Apache's consumer reads, with only what is committed or everything. */
async function readNumbers(topic: string, expected: number, isolation = 'read_committed'): Promise<number[]> {
  const lines = await consoleConsumeAll(cluster.bootstrap(), topic, expected, ['--isolation-level', isolation]);
  return lines.map((line) => Number.parseInt(line, 10)).sort((a, b) => a - b);
}
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

test('many transactions over three partitions: every record once', async () => {
  await createTopic(cluster.bootstrap(), 'plain', 3);
  const sink = makeSink('plain', makeStateDir());
  await sink.start();
  const journal = new NumberedBatches();
  for (let round = 0; round < 10; round++)
    await Promise.all(journal.make(12, 20, 3).map((batch) => sink.deliver(batch)));
  assert.ok((sink.figures().transactions_total ?? 0) >= 10);
  assert.equal(sink.health().ready, true);
  await sink.stop(1000);
  assert.deepEqual(await readNumbers('plain', journal.next), numbers(journal.next));
});

test('a backlog that takes longer than a transaction may: in several, every record once', async () => {
  await createTopic(cluster.bootstrap(), 'long', 3);
  const sink = makeSink('long', makeStateDir(), 20, { transaction_timeout_ms: 1000 });
  await sink.start();
  const journal = new NumberedBatches();
  await Promise.all(journal.make(6000, 3, 3).map((batch) => sink.deliver(batch)));
  const { transactions_total = 0, delivered_records_total } = sink.figures();
  assert.ok(transactions_total >= 2, `${transactions_total} transactions`);
  assert.equal(delivered_records_total, journal.next);
  await sink.stop(1000);
  assert.deepEqual(await readNumbers('long', journal.next), numbers(journal.next));
});

test('the sink ended in the middle of transactions, and all handed over again from the beginning: every record once', async () => {
  await createTopic(cluster.bootstrap(), 'ended', 3);
  const stateDir = makeStateDir();
  const journal = new NumberedBatches();
  const batches = journal.make(240, 20, 3, undefined, 'x'.repeat(400));
  let skipped = 0;
  for (let run = 0, done = 0; done < batches.length; run++) {
    assert.ok(run < 60, 'the runs make progress');
    const sink = makeSink('ended', stateDir, 5);
    await sink.start();
    // The engine's own cursor is lost: what is committed is known from Kafka alone.
    done = 0;
    const work = batches.map(async (batch, i) => {
      if (i > 60 * (1 + (run % 4))) await delay(run === 0 ? 100 + 20 * i : 5 + i / 4);
      return sink.deliver(batch).then(
        () => done++,
        () => {},
      );
    });
    // The first run ends when something of it is committed and most of it is not even handed over; the others wherever they are.
    if (run === 0) await until('a transaction is committed', () => (sink.figures().transactions_total ?? 0) > 0);
    else await delay(30 + ((run * 37) % 200));
    if (run > 8) await Promise.all(work);
    await sink.stop(0);
    await Promise.all(work);
    skipped += sink.figures().skipped_batches_total ?? 0;
  }
  assert.ok(skipped > 0);
  assert.deepEqual(await readNumbers('ended', journal.next), numbers(journal.next));
});

test('a second process of the same journal fences the first, which stands back once the second has committed', async () => {
  await createTopic(cluster.bootstrap(), 'fenced', 2);
  const stateDir = makeStateDir();
  const journal = new NumberedBatches();
  const [first, second] = [makeSink('fenced', stateDir), makeSink('fenced', stateDir)];
  await first.start();
  await Promise.all(journal.make(6, 10, 2).map((batch) => first.deliver(batch)));
  await second.start();
  const batches = journal.make(6, 10, 2);
  await Promise.all(batches.map((batch) => second.deliver(batch)));
  const refused = Promise.allSettled(batches.map((batch) => first.deliver(batch)));
  await until('the first says so', () => first.health().detail.includes('another Penstock'));
  assert.equal(first.health().ready, false);
  await first.stop(0);
  assert.ok((await refused).every(({ status }) => status === 'rejected'));
  await Promise.all(journal.make(6, 10, 2).map((batch) => second.deliver(batch)));
  await second.stop(0);
  assert.deepEqual(await readNumbers('fenced', journal.next), numbers(journal.next));
});

test('the broker killed in the middle of transactions: every record once, without a restart', async () => {
  await createTopic(cluster.bootstrap(), 'killed', 3);
  const sink = makeSink('killed', makeStateDir());
  await sink.start();
  const journal = new NumberedBatches();
  for (let round = 0; round < 2; round++) {
    const work = Promise.all(
      journal.make(300, 10, 3, undefined, 'x'.repeat(500)).map(async (batch, i) => {
        await delay(i * 3);
        return sink.deliver(batch);
      }),
    );
    await delay(300);
    await cluster.nodes[0]!.kill();
    await cluster.nodes[0]!.start();
    await work;
  }
  await sink.stop(1000);
  assert.deepEqual(await readNumbers('killed', journal.next), numbers(journal.next));
});

test('what is too large is split; what is refused alone is told, also by the next run, and the rest is committed', async () => {
  const admin = openAdmin({ brokers: cluster.bootstrap().split(',') });
  await admin.createTopic('large', { partitions: 1, replication: 1, configs: { 'max.message.bytes': '20000' } });
  await admin.close();
  const stateDir = makeStateDir();
  const journal = new NumberedBatches();
  const fine = journal.make(4, 50, 1, undefined, 'y'.repeat(900));
  const giant = journal.make(1, 1, 1, undefined, 'z'.repeat(40_000));
  const behind = journal.make(4, 50, 1);
  for (let run = 0; run < 2; run++) {
    const sink = makeSink('large', stateDir, 200);
    await sink.start();
    const results = await Promise.allSettled([...fine, ...giant, ...behind].map((batch) => sink.deliver(batch)));
    assert.deepEqual(
      results.map((result) => (result.status === 'rejected' ? (result.reason as DeliveryError).code : '')),
      ['', '', '', '', 'MESSAGE_TOO_LARGE', '', '', '', ''],
    );
    await sink.stop(0);
  }
  const expected = numbers(journal.next).filter((n) => n !== 200);
  assert.deepEqual(await readNumbers('large', expected.length), expected);
});

test('Penstock killed in the middle of transactions, again and again: a read_committed consumer sees each event once', async () => {
  const topic = 'kill9';
  const deliver = `kafka://${cluster.bootstrap()}/${topic}?create_topics=true&partitions=3&replication=1&transactions=true&transaction_interval_ms=50`;
  const options = { listen: ['http'], deliver };
  let penstock = await PenstockProcess.start(options);
  let acknowledged = 0;
  const post = async (from: number, count: number) => {
    let body = '';
    for (let n = from; n < from + count; n++) body += `{"message":"seq=${n};"}\n`;
    const url = `http://127.0.0.1:${penstock.ports[0]}/ingest`;
    const answer = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/x-ndjson' } });
    assert.equal(answer.status, 200);
    await answer.text();
  };
  try {
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 12; i++) {
        await post(acknowledged, 200);
        acknowledged += 200;
        await delay(5);
      }
      if (round === 3) break;
      await penstock.kill9();
      penstock = await PenstockProcess.start({ ...options, directory: penstock.directory });
    }
    assert.equal(await penstock.stop(), 0, penstock.output);
  } finally {
    await penstock.dispose();
  }
  const isolation = ['--isolation-level', 'read_committed'];
  const lines = await consoleConsumeAll(cluster.bootstrap(), topic, acknowledged, isolation);
  const seen = new Uint32Array(acknowledged);
  for (const [, number] of lines.join('\n').matchAll(/seq=(\d+);/g)) seen[Number(number)]!++;
  const wrong = [...seen.entries()].filter(([, times]) => times !== 1).slice(0, 5);
  assert.deepEqual(wrong, []);
});
