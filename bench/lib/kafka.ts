/** One real Kafka for the whole run, started when the first figure needs it. */
import { Kafka, logLevel } from 'kafkajs';
import { KafkaCluster } from '../../test/e2e/kafka/broker.js';
import { cpuSeconds } from './process.js';

const partitions = 4;
let cluster: Promise<KafkaCluster> | undefined;
let topics = 0;

export async function newTopic(): Promise<{ bootstrap: string; topic: string }> {
  cluster ??= KafkaCluster.start();
  const bootstrap = (await cluster).bootstrap();
  const topic = `bench-${++topics}`;
  await withAdmin(bootstrap, (admin) =>
    admin.createTopics({
      topics: [{ topic, numPartitions: partitions, configEntries: [{ name: 'max.message.bytes', value: '10485760' }] }],
      waitForLeaders: true,
    }),
  );
  return { bootstrap, topic };
}

/** Records in the topic. */
export function recordCount(bootstrap: string, topic: string): Promise<number> {
  return withAdmin(bootstrap, async (admin) => {
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  });
}

/** Gives the broker's disk back. */
export function dropTopic(bootstrap: string, topic: string): Promise<void> {
  return withAdmin(bootstrap, (admin) => admin.deleteTopics({ topics: [topic] }));
}

/** CPU time of the broker so far, which no figure of the engine counts. */
export async function kafkaCpuSeconds(): Promise<number> {
  return ((await cluster)?.nodes ?? []).reduce((sum, node) => sum + cpuSeconds(node.pid), 0);
}

/** The broker answers nothing until the function that this resolves with is called. */
export async function pauseKafka(): Promise<() => void> {
  const nodes = (await cluster)?.nodes ?? [];
  for (const node of nodes) node.pause();
  return () => {
    for (const node of nodes) node.resume();
  };
}

export async function stopKafka(): Promise<void> {
  await (await cluster?.catch(() => undefined))?.stop();
  cluster = undefined;
}

async function withAdmin<T>(bootstrap: string, work: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
  const admin = new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}
