import assert from 'node:assert';
import { test } from 'node:test';
import { readSettings } from './settings.js';

function settings(authority: string, path: string, options = {}, scheme = 'kafka', env = {}) {
  const url = `${scheme}://${authority}/${path}`;
  return readSettings({ id: 'k', url, scheme, authority, path, options }, env);
}

test('brokers and topics of the URL', () => {
  const read = settings('b1,b2:9093,[::1]:9094', 'security.events,audit');
  assert.deepStrictEqual(read.bootstrap, [
    { host: 'b1', port: 9092 },
    { host: 'b2', port: 9093 },
    { host: '::1', port: 9094 },
  ]);
  assert.deepStrictEqual(read.topics, ['security.events', 'audit']);
  assert.strictEqual(read.connection.tls, null);
  assert.strictEqual(read.connection.sasl, null);
  assert.strictEqual(settings('b1', 'a', {}, 'kafkas').connection.tls?.minVersion, 'TLSv1.2');
});

test('mistakes are told with what to do', () => {
  const cases: [() => unknown, RegExp][] = [
    [() => settings('', 'a'), /no broker/],
    [() => settings('b:99999', 'a'), /not a broker/],
    [() => settings('b', ''), /not a topic name/],
    [() => settings('b', 'a/b'), /not a topic name/],
    [() => settings('b', 'a', { ca: '/does/not/exist' }, 'kafkas'), /ca file .*ENOENT/],
    [() => settings('b', 'a', { security: 'plaintext' }, 'kafkas'), /contradicts/],
    [() => settings('b', 'a', { security: 'sasl_tls' }), /without sasl_mechanism/],
    [() => settings('b', 'a', { username: 'u', password: 'p' }), /username= is not used without sasl_mechanism/],
    [() => settings('b', 'a', { password_file: '/run/secret' }, 'kafkas'), /password_file= is not used/],
    [() => settings('b', 'a', { ca: '/etc/ca.pem' }), /ca= is not used without TLS/],
    [() => settings('b', 'a', { cert: 'c', key: 'k', security: 'plaintext' }), /cert= is not used without TLS/],
    [() => settings('b', 'a', { partitions: 3 }), /partitions= is not used without create_topics/],
    [() => settings('b', 'a', { replication: 2, create_topics: false }), /replication= is not used/],
    [() => settings('b', 'a', { sasl_mechanism: 'PLAIN', username: 'u' }), /needs a secret/],
    [() => settings('b', 'a', { sasl_mechanism: 'PLAIN' }, 'kafka', { PENSTOCK_KAFKA_PASSWORD: 'p' }), /username/],
  ];
  for (const [act, expected] of cases)
    assert.throws(act, (error: { code: string; message: string; remedy: string }) => {
      assert.strictEqual(error.code, 'KAFKA_SETTINGS');
      assert.match(error.message, expected);
      return error.remedy !== '';
    });
});
