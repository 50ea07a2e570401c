import type { KafkaSettings } from './settings.js';
import { describeProducers, type ProducerState } from './wire/apis/describe-producers.js';
import { latest, listOffsets } from './wire/apis/list-offsets.js';
import { metadata, type TopicMetadata } from './wire/apis/metadata.js';
import type { Endpoint } from './wire/connect.js';
import { Connection } from './wire/connection.js';

/** What the leader of a partition says of it. */
export interface PartitionState {
  readonly topic: string;
  readonly partition: number;
  /** Records ever appended: the offset after the last, whatever retention has deleted since. */
  readonly endOffset: bigint;
  readonly producers: readonly ProducerState[];
}

/** Asks the leaders of every partition of the sink's topics. Rejects with the reason when one cannot be asked. */
export async function askPartitions(settings: KafkaSettings): Promise<PartitionState[]> {
  const { brokers, topics } = await askMetadata(settings);
  const states: PartitionState[] = [];
  for (const { id, host, port } of brokers) {
    const led = topics.flatMap((topic) =>
      topic.partitions
        .filter(({ leader }) => leader === id)
        .map(({ index }) => ({ topic: topic.name, partition: index })),
    );
    if (led.length === 0) continue;
    const connection = await Connection.open({ host, port }, settings.connection);
    try {
      for (const place of led) states.push(await askPartition(connection, place));
    } finally {
      connection.close();
    }
  }
  const without = topics.flatMap(({ name, partitions }) =>
    partitions.filter(({ leader }) => leader < 0).map(({ index }) => `${name}-${index}`),
  );
  if (without.length > 0) throw new Error(`${without.join(', ')}: no leader now`);
  return states;
}

async function askPartition(connection: Connection, place: { topic: string; partition: number }) {
  const name = `${place.topic}-${place.partition}`;
  const offsets = await connection.call(listOffsets, { ...place, timestampMs: latest });
  if (offsets.errorCode !== 0) throw new Error(`${name}: its end offset was refused with error ${offsets.errorCode}`);
  const producers = await connection.call(describeProducers, place);
  if (producers.errorCode !== 0)
    throw new Error(`${name}: its producers were refused with error ${producers.errorCode}`);
  return { ...place, endOffset: offsets.offset, producers: producers.producers };
}

async function askMetadata(settings: KafkaSettings) {
  let failure: unknown = new Error('no broker is named');
  for (const endpoint of settings.bootstrap) {
    try {
      const answer = await askOne(endpoint, settings);
      const refused = answer.topics.find(({ errorCode }) => errorCode !== 0);
      if (refused !== undefined) throw new Error(`topic ${refused.name}: error ${refused.errorCode}`);
      return answer;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function askOne(
  endpoint: Endpoint,
  settings: KafkaSettings,
): Promise<{ brokers: readonly (Endpoint & { id: number })[]; topics: readonly TopicMetadata[] }> {
  const connection = await Connection.open(endpoint, settings.connection);
  try {
    return await connection.call(metadata, { topics: settings.topics });
  } finally {
    connection.close();
  }
}
