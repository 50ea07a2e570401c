/** PENSTOCK_DURABILITY=memory to a real broker: a backlog goes to the disk and comes back, a kill repeats nothing. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { runAudit } from '../../support/audit.js';
import { PenstockProcess } from '../../support/penstock-process.js';
import { readSequences } from '../../support/topic-reader.js';
import { KafkaCluster } from './broker.js';
import { createTopic } from './sink-kit.js';

const mebibyte = 2 ** 20;
const padding = 'x'.repeat(1000);
const env = {
  PENSTOCK_DURABILITY: 'memory',
  PENSTOCK_JOURNAL_MEMORY_BYTES: String(16 * mebibyte),
  PENSTOCK_WORKERS: '1',
  PENSTOCK_COMPRESSION: 'none',
};

let cluster: KafkaCluster;
before(async () => {
  cluster = await KafkaCluster.start();
});
after(() => cluster?.stop());

async function send(port: number, from: number, to: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  for (let i = from; i < to; i++)
    if (!socket.write(`<34>1 - host app - - - seq=${i}; ${padding}\n`)) await once(socket, 'drain');
  socket.end();
  socket.resume();
  await once(socket, 'close');
}

test('a broker that is away: beyond the mark the disk is used, and when it is back memory again; each event once', async () => {
  await createTopic(cluster.bootstrap(), 'spilled', 1);
  const deliver = `kafka://${cluster.bootstrap()}/spilled`;
  const penstock = await PenstockProcess.start({ listen: ['syslog+tcp'], deliver, env });
  try {
    const [port = 0] = penstock.ports;
    await send(port, 0, 1000);
    await penstock.untilMetric('penstock_events_delivered_total', 1000);
    await cluster.nodes[0]?.kill();
    await send(port, 1000, 30_000);
    await penstock.untilMetric('penstock_events_committed_total', 30_000);
    assert.ok((await penstock.metric('penstock_journal_spilled_bytes_total')) > 8 * mebibyte);
    await cluster.nodes[0]?.start();
    await penstock.untilMetric('penstock_events_delivered_total', 30_000);
    const held = () => penstock.metric('penstock_journal_memory_bytes');
    await penstock.until('memory is free again', async () => (await held()) < 2 * mebibyte);
    // Memory is looked at while the disk segment grows: one look more at the most.
    const spilled = await penstock.metric('penstock_journal_spilled_bytes_total');
    for (let i = 0; i < 4; i++) {
      await send(port, 30_000 + 1000 * i, 31_000 + 1000 * i);
      await penstock.untilMetric('penstock_events_delivered_total', 31_000 + 1000 * i);
    }
    assert.ok((await penstock.metric('penstock_journal_spilled_bytes_total')) - spilled < 4 * mebibyte);
    assert.equal(await penstock.metric('penstock_unaccounted_events'), 0);
    assert.equal(await penstock.stop(), 0);
    assert.match(penstock.output, /34000 delivered to \S+, 0 left in the journal/);
    const { seen, records } = await readSequences(cluster.bootstrap(), 'spilled', 34_000);
    assert.equal(records, 34_000);
    assert.ok(
      seen.every((times) => times === 1),
      'each once',
    );
    assert.equal(runAudit(`${penstock.directory}/data`, deliver).code, 0);
  } finally {
    await penstock.dispose();
  }
});

test('killed again and again while it delivers: nothing is there twice, and what is sent afterwards is there', async () => {
  await createTopic(cluster.bootstrap(), 'killed', 1);
  const deliver = `kafka://${cluster.bootstrap()}/killed`;
  let directory: string | undefined;
  let penstock: PenstockProcess | undefined;
  const rounds = 4;
  const perRound = 3000;
  try {
    for (let round = 0; round < rounds; round++) {
      penstock = await PenstockProcess.start({
        listen: ['syslog+tcp'],
        deliver,
        env,
        ...(directory !== undefined && { directory }),
      });
      directory = penstock.directory;
      await send(penstock.ports[0] ?? 0, round * perRound, (round + 1) * perRound);
      await penstock.untilMetric('penstock_events_delivered_total', 1 + 500 * round);
      if (round < rounds - 1) await penstock.kill9();
    }
    const last = penstock as PenstockProcess;
    await last.untilMetric('penstock_events_delivered_total', perRound);
    assert.equal(await last.metric('penstock_unaccounted_events'), 0);
    assert.equal(await last.stop(), 0);
    const { seen } = await readSequences(cluster.bootstrap(), 'killed', rounds * perRound);
    assert.ok(
      seen.every((times) => times <= 1),
      'none twice',
    );
    assert.ok(
      seen.subarray((rounds - 1) * perRound).every((times) => times === 1),
      'the last round is there whole',
    );
  } finally {
    await penstock?.dispose();
  }
});
