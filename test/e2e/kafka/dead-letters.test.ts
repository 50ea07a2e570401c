/** What the broker refuses for ever, from end to end: kept once with its reason, found by SQL, sent again once. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type KafkaAdmin, openAdmin } from '../../../adapters/sinks/kafka/admin.js';
import { projectRoot } from '../../../native/load.js';
import { type PenstockOptions, PenstockProcess } from '../../support/penstock-process.js';
import { readSequences } from '../../support/topic-reader.js';
import { KafkaCluster } from './broker.js';

const events = 3000;
/** Every so manieth event is too large for the topic. */
const giantEvery = 50;
const giants = events / giantEvery;

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

/** Runs a command of the program with the settings of `penstock`; answers what it printed. */
async function run(
  penstock: PenstockProcess,
  deliver: string,
  argv: readonly string[],
  killAfterMs?: number,
): Promise<{ code: number; out: string }> {
  const child = spawn(process.execPath, [join(projectRoot, 'dist/engine/main.js'), ...argv], {
    cwd: penstock.directory,
    env: {
      PATH: process.env.PATH,
      PENSTOCK_DELIVER: deliver,
      PENSTOCK_DATA: join(penstock.directory, 'data'),
      PENSTOCK_COMPRESSION: 'none',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { code: code as number, out };
}

test('too large for the topic: kept once across kills, found by SQL, and sent again once', async () => {
  await admin.createTopic('narrow', { partitions: 2, replication: 1, configs: { 'max.message.bytes': '3000' } });
  const deliver = `kafka://${cluster.bootstrap()}/narrow`;
  const env = {
    PENSTOCK_COMPRESSION: 'none',
    PENSTOCK_DEAD_LETTER: `kafka://${cluster.bootstrap()}/letters?create_topics=true&partitions=1&replication=1`,
  };
  const options: PenstockOptions = { listen: ['syslog+tcp'], deliver, env };
  let penstock = await PenstockProcess.start(options);
  const { directory, ports } = penstock;
  const restart = async () => {
    await penstock.kill9();
    penstock = await PenstockProcess.start({ ...options, directory, ports });
  };
  try {
    const socket = connect(ports[0] as number, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    for (let i = 0; i < events; i++) {
      const padding = i % giantEvery === 0 ? 'x'.repeat(5000) : '';
      socket.write(`<34>1 - host app - - - seq=${i}; ${padding}\n`);
    }
    await penstock.untilMetric('penstock_events_committed_total', events);
    await penstock.untilMetric('penstock_events_dead_lettered_total', 1);
    for (const ms of [0, 100, 300]) {
      await delay(ms);
      await restart();
    }
    await penstock.untilMetric('penstock_sink_ready', 1);
    const query = async (sql: string) =>
      JSON.parse((await run(penstock, deliver, ['query', '--format', 'json', sql])).out) as Record<string, unknown>;
    const records = async (topic: string) =>
      Number((await admin.endOffsets(topic)).reduce((sum, partition) => sum + partition, 0n));
    await penstock.until('the rest is in the topic', async () => (await records('narrow')) === events - giants);
    await penstock.until('what is refused is in its own', async () => (await records('letters')) === giants);
    assert.equal(await penstock.stop(), 0);
    const letters = await readSequences(cluster.bootstrap(), 'letters', events);
    assert.equal(letters.records, giants);
    assert.ok(letters.seen.every((times, i) => times === (i % giantEvery === 0 ? 1 : 0)));

    const kept = await query(
      `SELECT count(*) n, count(DISTINCT "dead_letter.id") ids, min("dead_letter.code") code, min(message) message FROM dead_letters`,
    );
    assert.equal(Number(kept.n), giants, JSON.stringify(kept));
    assert.equal(kept.code, 'MESSAGE_TOO_LARGE');
    assert.match(String(kept.message), /^seq=0; x+$/);
    const before = await readSequences(cluster.bootstrap(), 'narrow', events);
    assert.equal(before.records, events - giants);

    const redrive = (...more: string[]) => run(penstock, deliver, ['redrive', ...more]);
    assert.match(
      (await redrive('--dry-run')).out,
      new RegExp(`^kafka-narrow: ${giants} dead letters would be sent again\n`),
    );
    assert.match((await redrive('--dry-run', '--code', 'INVALID_RECORD')).out, /: 0 dead letters would be sent/);
    const inVain = await redrive();
    assert.equal(inVain.code, 1);
    assert.match(inVain.out, new RegExp(`${giants} dead letters taken up, 0 delivered, ${giants} refused again\n`));

    await admin.configureTopic('narrow', { 'max.message.bytes': '1000000' });
    for (const ms of [500, 900, 1300]) await run(penstock, deliver, ['redrive'], ms);
    const done = await redrive();
    assert.match(done.out, /^kafka-narrow: \d+ dead letters? taken up, \d+ delivered/);
    assert.equal(done.code, 0);
    const again = await redrive();
    assert.match(again.out, new RegExp(`0 dead letters taken up, 0 delivered, ${giants} sent by an earlier redrive\n`));
    const content = await readSequences(cluster.bootstrap(), 'narrow', events);
    assert.equal(content.records, events);
    assert.ok(
      content.seen.every((times) => times === 1),
      'each once',
    );
  } finally {
    await penstock.dispose();
  }
});
