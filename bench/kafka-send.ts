/**
 * What sending costs: CPU time of this process per event and per MB, for batches of about 250 KB already encoded and compressed, against
 * a real broker. Stamps, CRC, send log and socket included.
 * Usage: node dist/bench/kafka-send.js [batches]
 */
import { Compressor, compressBound } from '../native/codecs.js';
import { KafkaCluster } from '../test/e2e/kafka/broker.js';
import { recordBatch } from '../test/e2e/kafka/record-batch.js';
import { createTopic, makeSink } from '../test/e2e/kafka/sink-kit.js';

const batches = Number(process.argv[2] ?? 2000);
const eventsPerBatch = 2400;

const codec = new Compressor('zstd');
const values = Array.from({ length: eventsPerBatch }, (_, i) => {
  const random = Buffer.from(Array.from({ length: 48 }, () => Math.floor(Math.random() * 256))).toString('base64');
  return `<34>1 2026-01-01T00:00:00.${i}Z host${i % 97} sshd ${i} - - Failed password for ${random} from 10.0.0.${i % 256} port ${i}: `.padEnd(
    270,
    'log ',
  );
});
const bytes = recordBatch(values, {
  id: 4,
  compress: (plain) => {
    const room = Buffer.alloc(compressBound('zstd', plain.length));
    return room.subarray(0, codec.compressInto(plain, 0, plain.length, room, 0));
  },
});

const cluster = await KafkaCluster.start();
try {
  await createTopic(cluster.bootstrap(), 'bench', 3);
  const sink = makeSink(cluster.bootstrap(), 'bench', { in_flight_bytes_max: 64 << 20 });
  await sink.start();
  await send(100, 0);
  const cpu = process.cpuUsage();
  const start = performance.now();
  await send(batches, 1);
  const used = process.cpuUsage(cpu);
  const seconds = (performance.now() - start) / 1000;
  const cpuSeconds = (used.user + used.system) / 1e6;
  const events = batches * eventsPerBatch;
  console.log(`batch: ${bytes.length} bytes, ${eventsPerBatch} events; ${batches} batches in ${seconds.toFixed(1)} s`);
  console.log(`CPU: ${used.user / 1e6} s user, ${used.system / 1e6} s system`);
  console.log(
    `${((cpuSeconds * 1e9) / events).toFixed(1)} ns per event, ${(events / cpuSeconds / 1e6).toFixed(1)} M events per CPU-second`,
  );
  console.log(`${((batches * bytes.length) / cpuSeconds / 1e6).toFixed(0)} MB per CPU-second`, sink.figures());
  await sink.stop(1000);

  /** As the engine does: hands over up to the sink's in-flight limit. */
  async function send(count: number, segment: number): Promise<void> {
    let inFlight = 0;
    let wake = () => {};
    for (let i = 0; i < count; i++) {
      while (inFlight + bytes.length > sink.inFlightBytesMax)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      inFlight += bytes.length;
      const position = { lane: 0, segment, offset: i };
      const batch = {
        position,
        next: { ...position, offset: i + 1 },
        route: 0,
        partition: -1,
        count: eventsPerBatch,
        events: eventsPerBatch,
        bytes,
      };
      void sink.deliver(batch).then(() => {
        inFlight -= bytes.length;
        sink.forget(position);
        wake();
      });
    }
    while (inFlight > 0)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  }
} finally {
  await cluster.stop();
}
