/** Rules that send events to topics, against a broker: each event in the topic of the last rule that fits, once. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type KafkaAdmin, openAdmin } from '../../../adapters/sinks/kafka/admin.js';
import { PenstockProcess } from '../../support/penstock-process.js';
import { readSequences } from '../../support/topic-reader.js';
import { KafkaCluster } from './broker.js';

const events = 6000;
/** Event i is of the host i modulo 3; the last has no rule. */
const hosts = ['alpha', 'beta', 'gamma'];
const topics = ['rest', 'of-alpha', 'of-beta'];

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

const rules = `rules:
  - name: overruled
    when: { host.hostname: alpha }
    route: of-beta
  - name: alpha
    when: { host.hostname: alpha }
    route: of-alpha
  - name: beta
    when: { host.hostname: beta }
    route: of-beta
`;

test('each topic has the events that its rule sends there', { timeout: 900_000 }, async () => {
  for (const topic of topics) await admin.createTopic(topic, { partitions: 2, replication: 1 });
  const file = join(cluster.directory, 'rules.yaml');
  writeFileSync(file, rules);
  const deliver = `kafka://${cluster.bootstrap()}/${topics.join(',')}`;
  const penstock = await PenstockProcess.start({ listen: ['syslog+tcp'], deliver, env: { PENSTOCK_RULES: file } });
  try {
    const socket = connect(penstock.ports[0] as number, '127.0.0.1');
    await once(socket, 'connect');
    for (let i = 0; i < events; i++) socket.write(`<34>1 - ${hosts[i % 3]} app - - - seq=${i}; x\n`);
    socket.end();
    await penstock.expectMetric('penstock_events_delivered_total', events);
    assert.equal(await penstock.stop(), 0, penstock.output);
    assert.match(penstock.output, /; 0 unaccounted for/);
    for (const [place, topic] of topics.entries()) {
      const { records, seen } = await readSequences(cluster.bootstrap(), topic, events);
      assert.equal(records, events / 3, topic);
      const host = (place + 2) % 3;
      assert.ok(
        seen.every((times, i) => times === (i % 3 === host ? 1 : 0)),
        `${topic} has what is of ${hosts[host]}`,
      );
    }
  } finally {
    await penstock.dispose();
  }
});
