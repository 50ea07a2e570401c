/**
 * Reads a topic back with kafkajs, an independent consumer, and protobufjs, an independent decoder.
 */
import { Kafka, logLevel } from 'kafkajs';
import { registerKafkaJsCodecs } from '../../adapters/sinks/kafka/admin.js';

export interface TopicContent {
  /** How often each sequence number ("seq=N" in a record) was seen. */
  readonly seen: Uint8Array;
  readonly records: number;
  /** Partitions that hold records. */
  readonly partitions: number;
}

/** Reads from the beginning to the end offsets of now. */
export async function readSequences(bootstrap: string, topic: string, sequences: number): Promise<TopicContent> {
  registerKafkaJsCodecs();
  const kafka = new Kafka({ brokers: bootstrap.split(','), clientId: 'reader', logLevel: logLevel.ERROR });
  const admin = kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const missing = new Map(offsets.map(({ partition, high }) => [partition, Number(high)]));
  for (const [partition, high] of missing) if (high === 0) missing.delete(partition);
  const partitions = missing.size;
  const seen = new Uint8Array(sequences);
  let records = 0;
  const consumer = kafka.consumer({ groupId: `reader-${Date.now()}`, maxBytesPerPartition: 8 << 20 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    if (missing.size === 0) resolve();
    consumer
      .run({
        eachBatchAutoResolve: true,
        eachBatch: async ({ batch }) => {
          for (const message of batch.messages) {
            records++;
            const sequence = sequenceOf(message.value);
            if (sequence !== null && sequence < sequences) seen[sequence] = (seen[sequence] as number) + 1;
          }
          const last = Number(batch.lastOffset()) + 1;
          if (last >= (missing.get(batch.partition) ?? Number.POSITIVE_INFINITY)) missing.delete(batch.partition);
          if (missing.size === 0) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return { seen, records, partitions };
}

/** The number behind the first "seq=" of a record. */
function sequenceOf(value: Buffer | null): number | null {
  const at = value?.indexOf('seq=') ?? -1;
  if (!value || at < 0) return null;
  let number = 0;
  for (let i = at + 4; i < value.length; i++) {
    const digit = (value[i] as number) - 48;
    if (digit < 0 || digit > 9) break;
    number = number * 10 + digit;
  }
  return number;
}
