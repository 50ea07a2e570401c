/** The last events of a Kafka topic, and what comes. Reads without a committed group: it leaves nothing behind. */
import { randomUUID } from 'node:crypto';
import kafkajs, { type Kafka } from 'kafkajs';
import { valueToJsonLine } from '../../adapters/sinks/store/json-lines.js';
import { lz4FrameDecompressBounded, zstdDecompressBounded } from '../../native/codecs.js';
import { OperatingError } from '../errors.js';
import { KafkaDictionaries } from './kafka-dictionaries.js';
import { readKafkaUrl } from './kafka-url.js';
import { print, type TailSettings } from './tail.js';
import { YoungestLines } from './youngest-lines.js';

const batchBytesMax = 512 * 2 ** 20;
const fetchBytes = 64 * 2 ** 20;

export async function tailKafka(url: string, settings: TailSettings): Promise<void> {
  const { config, topic, dictionaryTopic } = readKafkaUrl(url);
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.ZSTD] = codec(zstdDecompressBounded);
  CompressionCodecs[CompressionTypes.LZ4] = codec(lz4FrameDecompressBounded);
  const kafka = new kafkajs.Kafka({ clientId: 'penstock-tail', logLevel: kafkajs.logLevel.NOTHING, ...config });
  try {
    const source = { topic, ends: await endOffsets(kafka, topic) };
    await consume(kafka, source, new KafkaDictionaries(kafka, dictionaryTopic), settings);
  } catch (cause) {
    if (cause instanceof OperatingError) throw cause;
    const message = `cannot read ${topic} from ${String(config.brokers)}: ${cause instanceof Error ? cause.message : cause}`;
    throw new OperatingError('TAIL_KAFKA', message, 'check brokers, topic and credentials', { cause });
  }
}

interface PartitionEnd {
  readonly partition: number;
  readonly low: bigint;
  readonly high: bigint;
}

async function endOffsets(kafka: Kafka, topic: string): Promise<PartitionEnd[]> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets.map(({ partition, low, high }) => ({ partition, low: BigInt(low), high: BigInt(high) }));
  } finally {
    await admin.disconnect();
  }
}

async function consume(
  kafka: Kafka,
  { topic, ends }: { readonly topic: string; readonly ends: readonly PartitionEnd[] },
  dictionaries: KafkaDictionaries,
  settings: TailSettings,
): Promise<void> {
  const groupId = `penstock-tail-${randomUUID()}`;
  const consumer = kafka.consumer({
    groupId,
    maxBytesPerPartition: fetchBytes,
    maxBytes: fetchBytes,
    allowAutoTopicCreation: false,
  });
  // The last N of all partitions: at most N of each are read, the youngest N kept until every partition has caught up.
  const behind = new Set(ends.filter((end) => settings.lines > 0 && end.high > end.low).map((end) => end.partition));
  const highs = new Map(ends.map((end) => [end.partition, end.high]));
  const history = new YoungestLines(settings.lines);
  /** Something was read; a group joined anew goes on where it was. */
  let begun = false;
  let finish: () => void = () => {};
  let fail: (error: Error) => void = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  settings.signal.addEventListener('abort', () => finish());
  const caughtUp = async (): Promise<void> => {
    for (const line of history.take()) await print(settings, line);
    if (!settings.follow) finish();
  };
  if (behind.size === 0 && !settings.follow) return;
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) fail(payload.error);
  });
  // Not before the group is there: on a new cluster its coordinator may be a moment from being ready, and joining is tried again.
  consumer.on(consumer.events.GROUP_JOIN, () => {
    if (begun) return;
    for (const { partition, low, high } of ends) {
      const wanted = high - BigInt(settings.lines);
      consumer.seek({ topic, partition, offset: String(wanted > low ? wanted : low) });
    }
  });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: false });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch, resolveOffset, heartbeat }) => {
        begun = true;
        const { partition } = batch;
        for (const { offset, timestamp, value } of batch.messages) {
          await dictionaries.need(value);
          const lines = valueToJsonLine(value, Number(timestamp));
          if (behind.has(partition)) history.add(Number(timestamp), lines);
          else await print(settings, lines);
          resolveOffset(offset);
        }
        await heartbeat();
        if (BigInt(batch.lastOffset()) + 1n < (highs.get(partition) ?? 0n) || !behind.delete(partition)) return;
        if (behind.size === 0) await caughtUp();
      },
    });
    await ended;
  } finally {
    await consumer.disconnect();
  }
}

function codec(decompress: (input: Uint8Array, maxBytes: number) => Buffer) {
  return () => ({
    compress: (): never => {
      throw new Error('a tail writes nothing');
    },
    decompress: async (bytes: Buffer): Promise<Buffer> => decompress(bytes, batchBytesMax),
  });
}
