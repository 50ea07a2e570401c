/** A disk that the journal has filled while Kafka was away: what waits is delivered all the same, which makes room again. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { PenstockProcess } from '../../support/penstock-process.js';
import { smallDisk } from '../../support/small-disk.js';
import { KafkaCluster } from './broker.js';

const eventBytes = 2000;
const diskMebibytes = 28;
const env = {
  PENSTOCK_WORKERS: '1',
  PENSTOCK_COMPRESSION: 'none',
  PENSTOCK_SEGMENT_BYTES: '8MiB',
  PENSTOCK_BATCH_BYTES: '64KiB', // many stamps to be written down before a segment is free
  PENSTOCK_BATCH_BYTES_MAX: '1MiB',
  PENSTOCK_JOURNAL_RESERVE_BYTES: '0',
  PENSTOCK_SHUTDOWN_TIMEOUT_MS: '1000',
};

/** A sender that does not stop, and waits when it is held back. */
async function sendWithoutEnd(port: number): Promise<Socket> {
  const lines = Buffer.from(`<34>1 - host app 1 - - ${'x'.repeat(eventBytes)}\n`.repeat(100));
  const sender = connect(port, '127.0.0.1').on('error', () => undefined);
  await once(sender, 'connect');
  const feed = (): void => {
    while (sender.write(lines));
  };
  sender.on('drain', feed);
  feed();
  return sender;
}

test('Kafka comes back while the journal has filled its disk: all is delivered, and more is taken', {
  timeout: 900_000,
}, async (t) => {
  const directory = smallDisk(t, `${diskMebibytes}M`);
  if (directory === null) return t.skip('mounting is not permitted');
  const cluster = await KafkaCluster.start();
  const deliver = `kafka://${cluster.bootstrap()}/events?create_topics=true&partitions=1&replication=1`;
  const penstock = await PenstockProcess.start({ listen: ['syslog+tcp'], deliver, directory, env });
  let sender: Socket | undefined;
  try {
    const port = penstock.ports[0] as number;
    const first = connect(port, '127.0.0.1');
    first.end('<34>1 - host app 1 - - first\n');
    await penstock.untilMetric('penstock_sink_delivered_events_total', 1);
    process.kill(cluster.nodes[0]!.pid, 'SIGSTOP');
    sender = await sendWithoutEnd(port);
    await penstock.untilMetric('penstock_journal_lanes_failing', 1);
    process.kill(cluster.nodes[0]!.pid, 'SIGCONT');
    const onDisk = (diskMebibytes * 2 ** 20) / eventBytes;
    await penstock.untilMetric('penstock_sink_delivered_events_total', 3 * onDisk);
  } finally {
    sender?.destroy();
    await penstock.kill9();
    await cluster.stop();
  }
});
