/** PENSTOCK_PRIORITY with a broker that was away: what matters arrives first, all arrives once, each class in its order. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { openAdmin } from '../../../adapters/sinks/kafka/admin.js';
import { runAudit } from '../../support/audit.js';
import { PenstockProcess } from '../../support/penstock-process.js';
import { patienceMs } from '../../support/until.js';
import { KafkaCluster } from './broker.js';
import { createTopic } from './sink-kit.js';

const topic = 'events';
const ordinaryEvents = 100_000;
const priorityEvents = 500;

let cluster: KafkaCluster;
before(async () => {
  cluster = await KafkaCluster.start();
});
after(() => cluster?.stop());

/** The events of the topic's only partition, in its order. */
async function readTopic(): Promise<string[]> {
  const admin = openAdmin({ brokers: cluster.bootstrap().split(',') });
  const events: string[] = [];
  try {
    await admin.readAll(
      topic,
      ({ value }) => events.push(/(alarm|noise)=\d+/.exec(value?.toString('latin1') ?? '')?.[0] ?? 'unknown'),
      patienceMs,
    );
  } finally {
    await admin.close();
  }
  return events;
}

test('a backlog of ordinary events is passed by those with priority, also over a kill', async () => {
  await createTopic(cluster.bootstrap(), topic, 1);
  const options = {
    listen: ['syslog+tcp'],
    deliver: `kafka://${cluster.bootstrap()}/${topic}?in_flight_bytes_max=1MiB`,
    env: {
      PENSTOCK_PRIORITY: 'severity<=crit, facility=authpriv severity<=notice',
      PENSTOCK_COMPRESSION: 'none',
      PENSTOCK_BATCH_BYTES: '64KiB',
    },
  };
  let penstock = await PenstockProcess.start(options);
  try {
    await cluster.nodes[0]?.kill();
    const socket = connect(penstock.ports[0] as number, '127.0.0.1');
    await once(socket, 'connect');
    for (let n = 0; n < ordinaryEvents; n++) socket.write(`<134>1 - host app - - - noise=${n};\n`);
    await penstock.expectMetric('penstock_events_committed_total', ordinaryEvents);
    // Severity 2 of facility 16, and severity 5 of facility 10.
    for (let n = 0; n < priorityEvents; n++) socket.write(`<${n % 2 ? 130 : 85}>1 - host app - - - alarm=${n};\n`);
    const all = ordinaryEvents + priorityEvents;
    await penstock.expectMetric('penstock_events_committed_total', all);
    await penstock.expectMetric('penstock_priority_events_total', priorityEvents);
    socket.destroy();
    await penstock.kill9();
    penstock = await PenstockProcess.start({ ...options, directory: penstock.directory });
    await cluster.nodes[0]?.start();
    await penstock.expectMetric('penstock_events_delivered_total', all);
    assert.equal(await penstock.stop(), 0);
    const audit = runAudit(`${penstock.directory}/data`, options.deliver);
    assert.equal(audit.code, 0, JSON.stringify(audit.report));

    const events = await readTopic();
    assert.equal(new Set(events).size, all);
    assert.equal(events.length, all);
    const alarms = events.filter((event) => event.startsWith('alarm'));
    const noise = events.filter((event) => event.startsWith('noise'));
    assert.deepEqual(
      alarms,
      Array.from({ length: priorityEvents }, (_, n) => `alarm=${n}`),
    );
    assert.deepEqual(
      noise,
      Array.from({ length: ordinaryEvents }, (_, n) => `noise=${n}`),
    );
    const passed = events.slice(events.lastIndexOf(`alarm=${priorityEvents - 1}`)).length;
    assert.ok(passed > ordinaryEvents * 0.9, `the last alarm passed ${passed} of ${ordinaryEvents}`);
  } finally {
    await penstock.dispose();
  }
});
