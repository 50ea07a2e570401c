/** The whole process with a broker that goes away and comes back: the breaker opens, the other sink goes on, all arrives. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { PenstockProcess } from '../../support/penstock-process.js';
import { readSequences } from '../../support/topic-reader.js';
import { KafkaCluster } from './broker.js';
import { createTopic } from './sink-kit.js';

let cluster: KafkaCluster;
before(async () => {
  cluster = await KafkaCluster.start();
});
after(() => cluster?.stop());

interface Health {
  readonly ready: boolean;
  readonly sinks: readonly { sink: string; ready: boolean; breaker: string; detail: string }[];
}

test('a broker that is down: the breaker opens, the other sink has all, and all arrives once when it is back', async () => {
  await createTopic(cluster.bootstrap(), 'events', 2);
  const penstock = await PenstockProcess.start({
    listen: ['syslog+tcp'],
    deliver: `kafka://${cluster.bootstrap()}/events,store:./data`,
    env: {
      PENSTOCK_BREAKER_FAILURES: '3',
      PENSTOCK_BREAKER_AFTER_MS: '300',
      PENSTOCK_BREAKER_PROBE_MS: '500',
    },
  });
  try {
    const socket = connect(penstock.ports[0] as number, '127.0.0.1');
    await once(socket, 'connect');
    let next = 0;
    const send = (count: number) => {
      for (let i = 0; i < count; i++, next++) socket.write(`<34>1 - host app - - - seq=${next};\n`);
    };
    const delivered = (sink: string) => penstock.metric('penstock_events_delivered_total', { sink });
    const until = (what: string, condition: () => Promise<boolean>) => penstock.until(what, condition);
    const state = (name: string) =>
      penstock.metric('penstock_sink_breaker_state', { sink: 'kafka-events', state: name });
    const [kafka, store] = ['kafka-events', 'store-data'];
    send(1000);
    await until('the topic has the first', async () => (await delivered(kafka)) === 1000);
    assert.equal(await state('closed'), 1);

    await cluster.nodes[0]?.kill();
    send(1000);
    await until('the breaker is open', async () => (await state('open')) === 1);
    send(3000);
    await until('the other sink has all', async () => (await delivered(store)) === 5000);
    assert.ok((await delivered(kafka)) < 5000);
    const health = (await (await fetch(`http://127.0.0.1:${penstock.adminPort}/health/ready`)).json()) as Health;
    assert.equal(health.ready, true, 'events are taken');
    const shown = health.sinks.map(({ sink, ready }) => [sink, ready]);
    assert.deepEqual(shown, [
      [kafka, false],
      [store, true],
    ]);
    assert.match(health.sinks[0]?.breaker ?? '', /^(open|half_open)$/);

    await cluster.nodes[0]?.start();
    await until('the topic has all', async () => (await delivered(kafka)) === 5000);
    await until('the breaker is closed', async () => (await state('closed')) === 1);
    assert.equal(await penstock.metric('penstock_sink_breaker_opened_total', { sink: kafka }), 1);
    socket.destroy();
    assert.equal(await penstock.stop(), 0);
    const content = await readSequences(cluster.bootstrap(), 'events', 5000);
    assert.equal(content.records, 5000);
    assert.ok(
      content.seen.every((times) => times === 1),
      'each once',
    );
  } finally {
    await penstock.dispose();
  }
});
