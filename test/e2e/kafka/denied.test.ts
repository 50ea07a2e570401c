/** Rights that are missing: waited for where there is one topic, given up where other topics would be held up. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type KafkaAdmin, openAdmin } from '../../../adapters/sinks/kafka/admin.js';
import type { DeliveryError } from '../../../engine/errors.js';
import { KafkaCluster, user } from './broker.js';
import { createTopic, expectEachOnce, makeSink, NumberedBatches, until } from './sink-kit.js';

let cluster: KafkaCluster;
let admin: KafkaAdmin;
before(async () => {
  cluster = await KafkaCluster.start({
    listeners: ['sasl'],
    properties: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
      'allow.everyone.if.no.acl.found': 'true',
    },
  });
  admin = openAdmin({ brokers: cluster.bootstrap().split(',') });
});
after(async () => {
  await admin?.close();
  await cluster?.stop();
});

const deny = (topic: string) => ({ topic, principal: `User:${user.name}`, operation: 'write' }) as const;
const access = { sasl_mechanism: 'SCRAM-SHA-256', username: user.name, password: user.password };

test('one topic: batches wait until the right is granted, and are there once', { timeout: 900_000 }, async () => {
  await createTopic(cluster.bootstrap(), 'alone', 2);
  const sink = makeSink(cluster.bootstrap('sasl'), 'alone', { ...access, denied_wait_ms: 10 });
  await sink.start();
  await admin.denyAccess(deny('alone'));
  const journal = new NumberedBatches();
  const work: Promise<void>[] = [];
  await until('the sink says what it waits for', () => {
    work.push(...journal.make(2, 10, 2).map((batch) => sink.deliver(batch)));
    return sink.health().detail.includes('TOPIC_AUTHORIZATION_FAILED');
  });
  await until('it is not ready', () => !sink.health().ready);
  await admin.allowAccess(deny('alone'));
  await Promise.all(work);
  await sink.stop(0);
  await expectEachOnce(cluster.bootstrap(), 'alone', journal.next);
});

test('two topics: those of the denied one are refused after the wait, the other gets all of its own', {
  timeout: 900_000,
}, async () => {
  await createTopic(cluster.bootstrap(), 'open', 2);
  await createTopic(cluster.bootstrap(), 'closed', 2);
  const sink = makeSink(cluster.bootstrap('sasl'), 'open,closed', { ...access, denied_wait_ms: 300 });
  await sink.start();
  await admin.denyAccess(deny('closed'));
  const [open, closed] = [new NumberedBatches(), new NumberedBatches()];
  const work: Promise<string>[] = [];
  const hand = (count: number) => {
    for (const batch of closed.make(count, 10, 2)) {
      const delivery = sink.deliver({ ...batch, route: 1, position: { ...batch.position, lane: 1 } });
      work.push(delivery.then(() => 'stored').catch((error: DeliveryError) => `${error.verdict} ${error.code}`));
    }
  };
  // Until the broker knows, it takes what it is given.
  await until('the sink says what it waits for', () => {
    hand(2);
    return sink.health().detail.includes('TOPIC_AUTHORIZATION_FAILED');
  });
  hand(12);
  let answers: string[] | null = null;
  void Promise.all(work).then((all) => {
    answers = all;
  });
  while (answers === null) {
    await Promise.all(open.make(4, 10, 2).map((batch) => sink.deliver(batch)));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const stored = (answers as string[]).filter((answer) => answer === 'stored').length;
  assert.deepEqual((answers as string[]).slice(-12), Array(12).fill('never TOPIC_AUTHORIZATION_FAILED'));
  await admin.allowAccess(deny('closed'));
  // Granted: the next ones are taken, as soon as the broker knows.
  const later = new NumberedBatches();
  await until('the topic takes batches again', () => {
    const [batch] = later.make(1, 10);
    const position = { ...batch!.position, lane: 2 };
    return sink.deliver({ ...batch!, route: 1, position }).then(
      () => true,
      () => false,
    );
  });
  assert.deepEqual(
    (await admin.endOffsets('closed')).reduce((sum, end) => sum + end, 0n),
    BigInt(10 * stored + 10),
  );
  await sink.stop(0);
  await expectEachOnce(cluster.bootstrap(), 'open', open.next);
});

test('a topic that is not there at the start holds up no other; its events are refused after the wait, and taken once it is there', {
  timeout: 900_000,
}, async () => {
  await createTopic(cluster.bootstrap(), 'present', 2);
  const sink = makeSink(cluster.bootstrap(), 'present,absent', { denied_wait_ms: 400 });
  await sink.start();
  const [present, absent] = [new NumberedBatches(), new NumberedBatches()];
  const toAbsent = (count: number) =>
    absent.make(count, 10, 2).map((batch) =>
      sink.deliver({ ...batch, route: 1, position: { ...batch.position, lane: 1 } }).then(
        () => 'stored',
        (error: DeliveryError) => `${error.verdict} ${error.code}`,
      ),
    );
  const early = toAbsent(5);
  await Promise.all(present.make(20, 10, 2).map((batch) => sink.deliver(batch)));
  await until('it says what it waits for', () => sink.health().detail.includes('UNKNOWN_TOPIC_OR_PARTITION'));
  assert.deepEqual(await Promise.all(early), Array(5).fill('never UNKNOWN_TOPIC_OR_PARTITION'));
  await Promise.all(present.make(20, 10, 2).map((batch) => sink.deliver(batch)));
  assert.equal(sink.health().ready, false);
  assert.match(sink.health().detail, /UNKNOWN_TOPIC_OR_PARTITION/, 'what another topic takes does not hide it');
  await createTopic(cluster.bootstrap(), 'absent', 2);
  await until('the topic takes batches', async () => (await Promise.all(toAbsent(1))).includes('stored'));
  assert.deepEqual(await Promise.all(toAbsent(5)), Array(5).fill('stored'));
  assert.equal(sink.health().ready, true);
  await sink.stop(0);
  await expectEachOnce(cluster.bootstrap(), 'present', present.next);
});

test('a topic that may not be described at the start holds up no other, and gets its events when the right is granted', {
  timeout: 900_000,
}, async () => {
  await createTopic(cluster.bootstrap(), 'visible', 1);
  await createTopic(cluster.bootstrap(), 'hidden', 1);
  const rule = { topic: 'hidden', principal: `User:${user.name}`, operation: 'describe' } as const;
  await admin.denyAccess(rule);
  const sink = makeSink(cluster.bootstrap('sasl'), 'visible,hidden', access);
  await sink.start();
  const [visible, hidden] = [new NumberedBatches(), new NumberedBatches()];
  const waiting = hidden
    .make(10, 10, 1)
    .map((batch) => sink.deliver({ ...batch, route: 1, position: { ...batch.position, lane: 1 } }));
  await Promise.all(visible.make(20, 10, 1).map((batch) => sink.deliver(batch)));
  await admin.allowAccess(rule);
  await Promise.all(waiting);
  await sink.stop(0);
  await expectEachOnce(cluster.bootstrap(), 'visible', visible.next);
  await expectEachOnce(cluster.bootstrap(), 'hidden', hidden.next);
});
