import assert from 'node:assert';
import { after, before, test } from 'node:test';
import { KafkaCluster, type ListenerName, user } from './broker.js';
import { createTopic, expectEachOnce, makeSink, NumberedBatches, type Options, until } from './sink-kit.js';

let cluster: KafkaCluster;
before(async () => {
  cluster = await KafkaCluster.start({ listeners: ['sasl', 'tls', 'sasltls'] });
});
after(() => cluster?.stop());

async function deliversOver(listener: ListenerName, topic: string, options: Options): Promise<void> {
  await createTopic(cluster.bootstrap(), topic, 1);
  const sink = makeSink(cluster.bootstrap(listener), topic, options);
  await sink.start();
  const journal = new NumberedBatches();
  await Promise.all(journal.make(5, 10).map((batch) => sink.deliver(batch)));
  await sink.stop(1000);
  await expectEachOnce(cluster.bootstrap(), topic, journal.next);
}
const login = { username: user.name, password: user.password };
const ca = () => cluster.certificates!.ca;

for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])
  test(`${mechanism}`, () => deliversOver('sasl', `with-${mechanism}`, { ...login, sasl_mechanism: mechanism }));

test('OAUTHBEARER', () => {
  // The broker's default validator takes unsigned tokens (RFC 7515, appendix A.5).
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const seconds = Math.floor(Date.now() / 1000);
  const token = `${part({ alg: 'none' })}.${part({ sub: 'alice', iat: seconds, exp: seconds + 3600 })}.`;
  return deliversOver('sasl', 'with-token', { password: token, sasl_mechanism: 'OAUTHBEARER' });
});

test('TLS, and mutual TLS', async () => {
  await deliversOver('tls', 'with-tls', { scheme: 'kafkas', ca: ca() });
  const { clientCert, clientKey } = cluster.certificates!;
  await deliversOver('tls', 'with-mtls', {
    scheme: 'kafkas',
    ca: ca(),
    cert: clientCert,
    key: clientKey,
    tls_min: '1.3',
  });
});

test('SCRAM inside TLS', () =>
  deliversOver('sasltls', 'with-both', { ...login, scheme: 'kafkas', ca: ca(), sasl_mechanism: 'SCRAM-SHA-512' }));

test('what is wrong is said, and the sink keeps trying', async () => {
  const cases: [ListenerName, Options, RegExp][] = [
    [
      'sasl',
      { ...login, password: 'wrong', sasl_mechanism: 'PLAIN' },
      /refused the credentials.*correct the user, the password/,
    ],
    ['sasl', { ...login, password: 'wrong', sasl_mechanism: 'SCRAM-SHA-512' }, /refused the credentials/],
    ['sasl', { ...login, username: 'nobody', sasl_mechanism: 'SCRAM-SHA-256' }, /refused the credentials/],
    ['tls', { scheme: 'kafkas' }, /self-signed|unable to verify|certificate/],
    [
      'plain',
      { scheme: 'kafkas', ca: ca(), connect_timeout_ms: 2000 },
      /closed the connection during the handshake|disconnected|no connection/,
    ],
    ['plain', { ...login, sasl_mechanism: 'PLAIN' }, /another authentication|does not offer|closed/],
  ];
  for (const [listener, options, expected] of cases) {
    const sink = makeSink(cluster.bootstrap(listener), 'with-tls', options);
    const started = sink.start();
    const rejected = assert.rejects(started, { code: 'STOPPED' });
    await until(`${expected}`, () => expected.test(sink.health().detail)).catch((error) =>
      assert.fail(`${error.message}; health says: ${sink.health().detail}`),
    );
    assert.strictEqual(sink.health().ready, false);
    await sink.stop(0);
    await rejected;
  }
});

test('a topic that is missing: the sink waits, and goes on when it is there', async () => {
  const sink = makeSink(cluster.bootstrap(), 'later');
  const started = sink.start();
  await until('health', () => /topic later: UNKNOWN_TOPIC_OR_PARTITION.*create it/.test(sink.health().detail));
  assert.strictEqual(sink.health().ready, false);
  const journal = new NumberedBatches();
  const delivered = Promise.all(journal.make(5, 10).map((batch) => sink.deliver(batch)));
  await createTopic(cluster.bootstrap(), 'later', 2);
  await started;
  await delivered;
  assert.strictEqual(sink.health().ready, true);
  await sink.stop(1000);
  await expectEachOnce(cluster.bootstrap(), 'later', journal.next);
});

test('more replicas than brokers: the sink says so', async () => {
  const sink = makeSink(cluster.bootstrap(), 'replicated', { create_topics: true, replication: 3 });
  const rejected = assert.rejects(sink.start(), { code: 'STOPPED' });
  await until('health', () => /INVALID_REPLICATION_FACTOR.*fewer brokers/.test(sink.health().detail));
  await sink.stop(0);
  await rejected;
});

test('no broker there', async () => {
  const sink = makeSink('127.0.0.1:1', 'nowhere');
  const rejected = assert.rejects(sink.start(), { code: 'STOPPED' });
  await until('health', () => /127\.0\.0\.1:1: connect ECONNREFUSED/.test(sink.health().detail));
  const delivery = assert.rejects(sink.deliver(new NumberedBatches().make(1, 1)[0]!), {
    verdict: 'wait',
    code: 'STOPPED',
  });
  await sink.stop(0);
  await Promise.all([rejected, delivery]);
});
