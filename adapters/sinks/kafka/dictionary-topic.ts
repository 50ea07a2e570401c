/** The compacted topic that dictionaries of frames are announced in: key, the dictionary's name; value, its bytes. */
import { makeBatch } from '../../../engine/journal/records.js';
import { Cluster } from './cluster.js';
import { ClusterError, failureOf } from './cluster-error.js';
import { errorCode } from './error-codes.js';
import type { KafkaSettings } from './settings.js';
import { failureOfCode } from './trouble.js';
import { createTopics } from './wire/apis/create-topics.js';
import { describeConfigs } from './wire/apis/describe-configs.js';
import { metadata } from './wire/apis/metadata.js';
import { produce } from './wire/apis/produce.js';

/**
 * Resolves when all replicas have it. Rejects with ClusterError: also when the topic is not there and is not to be created, or would
 * forget it.
 */
export async function announceDictionary(
  settings: KafkaSettings,
  name: string,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const cluster = new Cluster({ ...settings, create: null }, signal);
  const topic = settings.dictionaryTopic;
  try {
    let found = (await cluster.describeTopics([topic]))[0];
    if (found !== undefined && errorCode(found.errorCode).name === 'UNKNOWN_TOPIC_OR_PARTITION') {
      await create(cluster, settings);
      found = (await cluster.describeTopics([topic]))[0];
    }
    const code = found?.errorCode ?? 3;
    const partition = found?.partitions.find(({ index }) => index === 0);
    if (code !== 0 || partition === undefined) throw refused(code || 3, topic, null);
    const leader = cluster.brokers.get(partition.leader);
    if (leader === undefined) throw refused(5, topic, null);
    await refuseForgetting(cluster, topic);
    const connection = await cluster.open(leader);
    try {
      const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const rest = makeBatch([{ timestampMs: Date.now(), key: Buffer.from(name), value, headers: [] }]);
      const timeoutMs = Math.min(settings.connection.requestTimeoutMs, 30_000);
      const header = Buffer.alloc(0);
      const { answers } = await connection.call(produce, { timeoutMs, parts: [{ topic, partition: 0, header, rest }] });
      const answer = answers[0];
      if (answer === undefined || answer.errorCode !== 0)
        throw refused(answer?.errorCode ?? -1, topic, answer?.errorMessage ?? null);
    } finally {
      connection.close();
    }
  } finally {
    cluster.close();
  }
}

async function create(cluster: Cluster, { create, connection, dictionaryTopic: topic }: KafkaSettings): Promise<void> {
  if (create === null) throw refused(3, topic, null);
  const answer = await cluster.ask(createTopics, {
    topic,
    partitions: 1,
    replication: create.replication,
    configs: [['cleanup.policy', 'compact']],
    timeoutMs: Math.min(connection.requestTimeoutMs, 30_000),
  });
  if (answer.errorCode !== 0 && errorCode(answer.errorCode).class !== 'done')
    throw refused(answer.errorCode, topic, answer.errorMessage);
  // Its leader is not known everywhere at once.
  for (let tries = 0; tries < 50; tries++) {
    const { topics } = await cluster.ask(metadata, { topics: [topic] });
    if (topics[0]?.errorCode === 0 && (topics[0].partitions[0]?.leader ?? -1) >= 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const whatDeletes = ['cleanup.policy', 'retention.ms', 'retention.bytes'] as const;

/** A topic that deletes old records loses dictionaries that frames need. Where its configuration cannot be seen, it is believed to be made well. */
export async function refuseForgetting(cluster: Pick<Cluster, 'ask'>, topic: string): Promise<void> {
  const values = await configuration(cluster, topic);
  const [policy, ...bounds] = whatDeletes.map((name) => values?.get(name));
  if (!policy?.split(',').includes('delete') || bounds.every((bound) => bound === '-1')) return;
  const found = whatDeletes.map((name) => `${name}=${values?.get(name)}`).join(', ');
  throw new ClusterError({
    class: 'wait',
    code: 'DICTIONARY_TOPIC_FORGETS',
    text: `announcing a dictionary in ${topic}: the topic deletes old records (${found}), and with them dictionaries that frames need: set its cleanup.policy to compact`,
  });
}

/** undefined: the user may not see it, or the broker, which need not be Kafka itself, does not tell it in a version that we speak. */
async function configuration(
  cluster: Pick<Cluster, 'ask'>,
  topic: string,
): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    const { errorCode: code, values } = await cluster.ask(describeConfigs, { topic, names: whatDeletes });
    return code === 0 ? values : undefined;
  } catch (error) {
    if (failureOf(error).code === 'UNSUPPORTED_VERSION') return undefined;
    throw error;
  }
}

function refused(code: number, topic: string, text: string | null): ClusterError {
  return new ClusterError(failureOfCode(code, `announcing a dictionary in ${topic}`, text));
}
