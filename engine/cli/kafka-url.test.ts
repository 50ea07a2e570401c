import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../native/load.js';
import { readKafkaUrl } from './kafka-url.js';

const tls = join(projectRoot, 'test/data/tls');

test('the options of the sink are those of the tail, mutual TLS and files of passwords included', () => {
  const secret = join(tls, 'SOURCES.md');
  const certificate = `cert=${tls}/certificate.pem&key=${tls}/key.pem&ca=${tls}/certificate.pem`;
  const url = `kafkas://b1,[::1]:9094/t?${certificate}&sasl_mechanism=SCRAM-SHA-512&username=u&password_file=${secret}`;
  const { config, topic, dictionaryTopic } = readKafkaUrl(url, {});
  assert.deepEqual(config.brokers, ['b1:9092', '[::1]:9094']);
  assert.deepEqual([topic, dictionaryTopic], ['t', 'penstock.dictionaries']);
  const pem = (name: string) => readFileSync(join(tls, name), 'utf8');
  assert.deepEqual(config.ssl, {
    ca: pem('certificate.pem'),
    cert: pem('certificate.pem'),
    key: pem('key.pem'),
    minVersion: 'TLSv1.2',
  });
  const password = readFileSync(secret, 'utf8').trimEnd();
  assert.deepEqual(config.sasl, { mechanism: 'scram-sha-512', username: 'u', password });
  assert.deepEqual(readKafkaUrl('kafka://b/t', {}).config, { brokers: ['b:9092'], ssl: false });
});

test('what is wrong in the URL is told, and not passed over', () => {
  const cases: [string, RegExp][] = [
    ['kafka://b/t?sasl_mechansim=PLAIN', /no option sasl_mechansim/],
    ['kafka://b/t?username=u&password=p', /username= is not used without sasl_mechanism/],
    ['kafka://b/t?sasl_mechanism=PLAIN&username=u', /PLAIN needs a secret/],
    ['kafkas://b/t?ca=/none/ca.pem', /ca=\/none\/ca\.pem can be read: there is no such file/],
    ['kafka://b/one,two', /names 2 topics/],
    ['kafka://b', /not a topic name/],
    ['localhost:9092', /a URL/],
  ];
  for (const [url, message] of cases) assert.throws(() => readKafkaUrl(url, {}), { code: 'TAIL_URL', message });
});
