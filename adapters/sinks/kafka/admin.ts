import kafkajs, { type KafkaConfig, type SASLOptions } from 'kafkajs';
import { lz4FrameDecompressBounded, zstdDecompressBounded } from '../../../native/codecs.js';

/** Operator's and tests' work on a cluster. The library behind it is named nowhere else. */
export interface KafkaAdmin {
  /** False when it exists already. */
  createTopic(topic: string, wish: TopicWish): Promise<boolean>;
  /**
   * Resolves when the broker asked no longer names it: until then, one created anew could be mistaken for the one that goes.
   * Rejects when that does not come about.
   */
  deleteTopic(topic: string): Promise<void>;
  /** Raises the number of partitions. */
  addPartitions(topic: string, count: number): Promise<void>;
  /** Sets configurations of a topic; others return to their defaults. */
  configureTopic(topic: string, configs: Readonly<Record<string, string>>): Promise<void>;
  /** Denies a principal an operation on a topic; `allowAccess` takes that back. */
  denyAccess(rule: AccessRule): Promise<void>;
  allowAccess(rule: AccessRule): Promise<void>;
  /** Node ids of the leaders, by partition; −1: there is none. */
  leaders(topic: string): Promise<number[]>;
  /** Has every partition kept by these nodes, the first of which leads when all of them have it. */
  assignReplicas(topic: string, nodes: readonly number[]): Promise<void>;
  /** Deletes the records before these offsets, by partition. */
  deleteRecords(topic: string, before: readonly bigint[]): Promise<void>;
  /** Offset after the last record, by partition. */
  endOffsets(topic: string): Promise<bigint[]>;
  /**
   * Reads a topic from its beginning up to the offsets it ends with now, in order per partition. Resolves with the number of
   * records; rejects when they do not come within `timeoutMs`.
   */
  readAll(topic: string, onRecord: (record: ReadRecord) => void, timeoutMs?: number): Promise<number>;
  close(): Promise<void>;
}
export interface TopicWish {
  readonly partitions: number;
  readonly replication: number;
  readonly configs?: Readonly<Record<string, string>>;
}
export interface AccessRule {
  readonly topic: string;
  /** 'User:name'. */
  readonly principal: string;
  readonly operation: 'write' | 'read' | 'describe';
}
export interface ReadRecord {
  readonly partition: number;
  readonly offset: bigint;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
}
export interface AdminSettings {
  /** 'host:port' each. */
  readonly brokers: readonly string[];
  readonly clientId?: string;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string } | null;
  readonly sasl?: { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string } | null;
}

/** What one compressed batch may decompress to: a hostile broker must not fill our memory. */
const batchBytesMax = 64 << 20;

/** Half a minute for a topic just made to be everywhere. */
const creationTriesMax = 120;
const deletionLookMs = 20;
const deletionLooksMax = 1500;

export function openAdmin(settings: AdminSettings): KafkaAdmin {
  registerKafkaJsCodecs();
  const kafka = new kafkajs.Kafka(configOf(settings));
  const admin = kafka.admin();
  let connected: Promise<void> | null = null;
  const ready = async () => {
    connected ??= admin.connect();
    await connected;
  };
  const endOffsets = async (topic: string) => {
    await ready();
    const offsets = await whileLeadersMove(() => admin.fetchTopicOffsets(topic));
    return offsets.sort((a, b) => a.partition - b.partition).map((offset) => BigInt(offset.high));
  };
  return {
    async createTopic(topic, wish) {
      await ready();
      const made = await admin.createTopics({
        waitForLeaders: false,
        topics: [
          {
            topic,
            numPartitions: wish.partitions,
            replicationFactor: wish.replication,
            configEntries: Object.entries(wish.configs ?? {}).map(([name, value]) => ({ name, value })),
          },
        ],
      });
      // kafkajs would wait for the leaders, but not for a broker that has not heard of the topic yet.
      if (made) await whileLeadersMove(() => admin.fetchTopicOffsets(topic), creationTriesMax);
      return made;
    },
    async deleteTopic(topic) {
      await ready();
      await admin.deleteTopics({ topics: [topic] });
      for (let look = 0; (await admin.listTopics()).includes(topic); look++) {
        if (look === deletionLooksMax) throw new Error(`${topic} was deleted, and the broker still names it`);
        await new Promise((resolve) => setTimeout(resolve, deletionLookMs));
      }
    },
    async addPartitions(topic, count) {
      await ready();
      await admin.createPartitions({ topicPartitions: [{ topic, count }] });
    },
    async configureTopic(topic, configs) {
      await ready();
      const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
      await admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries }],
      });
    },
    async denyAccess(rule) {
      await ready();
      await admin.createAcls({ acl: [aclOf(rule)] });
    },
    async allowAccess(rule) {
      await ready();
      await admin.deleteAcls({ filters: [aclOf(rule)] });
    },
    async leaders(topic) {
      await ready();
      const { topics } = await whileLeadersMove(() => admin.fetchTopicMetadata({ topics: [topic] }));
      const partitions = [...(topics[0]?.partitions ?? [])].sort((a, b) => a.partitionId - b.partitionId);
      return partitions.map(({ leader }) => leader);
    },
    async assignReplicas(topic, nodes) {
      await ready();
      const count = (await this.leaders(topic)).length;
      const partitionAssignment = Array.from({ length: count }, (_, partition) => ({
        partition,
        replicas: [...nodes],
      }));
      await admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment }] });
    },
    async deleteRecords(topic, before) {
      await ready();
      await admin.fetchTopicOffsets(topic); // kafkajs looks for the leaders in what it knows already
      const partitions = before.map((offset, partition) => ({ partition, offset: String(offset) }));
      await admin.deleteTopicRecords({ topic, partitions });
    },
    endOffsets,
    async readAll(topic, onRecord, timeoutMs = 30_000) {
      return readUntil(kafka, topic, await endOffsets(topic), onRecord, timeoutMs);
    },
    async close() {
      if (connected !== null) await admin.disconnect();
    },
  };
}

function aclOf({ topic, principal, operation }: AccessRule): kafkajs.AclEntry {
  const operations = {
    write: kafkajs.AclOperationTypes.WRITE,
    read: kafkajs.AclOperationTypes.READ,
    describe: kafkajs.AclOperationTypes.DESCRIBE,
  };
  return {
    resourceType: kafkajs.AclResourceTypes.TOPIC,
    resourceName: topic,
    resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL,
    principal,
    host: '*',
    operation: operations[operation],
    permissionType: kafkajs.AclPermissionTypes.DENY,
  };
}

/** kafkajs does not ask again when a partition has just moved. */
async function whileLeadersMove<T>(ask: () => Promise<T>, triesMax = 40): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries >= triesMax || (error as { retriable?: boolean }).retriable !== true) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

async function readUntil(
  kafka: kafkajs.Kafka,
  topic: string,
  ends: readonly bigint[],
  onRecord: (record: ReadRecord) => void,
  timeoutMs: number,
): Promise<number> {
  const open = new Set(ends.flatMap((end, partition) => (end > 0n ? [partition] : [])));
  if (open.size === 0) return 0;
  let closing = false;
  const consumer = kafka.consumer({
    groupId: `penstock-read-${process.pid}-${Date.now()}`,
    sessionTimeout: 10_000,
    retry: { initialRetryTime: 50, retries: 10, restartOnFailure: async () => !closing }, // else it goes on trying after its end
  });
  // A group that takes a slow reader for dead hands out the partitions anew, from the beginning: what was read counts once.
  const next = ends.map(() => 0n);
  let count = 0;
  let timer: NodeJS.Timeout | undefined;
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`${topic}: only ${count} records came within ${timeoutMs} ms`)),
        timeoutMs,
      );
      const eachBatch = async ({ batch }: kafkajs.EachBatchPayload) => {
        const end = ends[batch.partition] ?? 0n;
        for (const message of batch.messages) {
          const offset = BigInt(message.offset);
          if (offset >= end) break;
          if (offset < (next[batch.partition] ?? 0n)) continue;
          next[batch.partition] = offset + 1n;
          count++;
          onRecord({
            partition: batch.partition,
            offset,
            timestampMs: Number(message.timestamp),
            key: message.key,
            value: message.value,
            headers: message.headers ?? {},
          });
        }
      };
      // Also told of batches that hold no records for us: the ends of transactions, and what was given up in one.
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
        if (BigInt(lastOffset) >= (ends[partition] ?? 0n) - 1n) open.delete(partition);
        if (open.size === 0) resolve();
      });
      consumer.run({ autoCommit: false, eachBatch }).catch(reject);
    });
  } finally {
    clearTimeout(timer);
    closing = true;
    await consumer.disconnect();
  }
  return count;
}

function configOf(settings: AdminSettings): KafkaConfig {
  return {
    clientId: settings.clientId ?? 'penstock-admin',
    brokers: [...settings.brokers],
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { initialRetryTime: 50, retries: 10 },
    ...(settings.tls == null ? {} : { ssl: { ...settings.tls, rejectUnauthorized: true } }),
    ...(settings.sasl == null ? {} : { sasl: settings.sasl as SASLOptions }),
  };
}

let registered = false;
/** Lets kafkajs consumers read zstd and lz4 batches; by itself it reads only gzip. */
export function registerKafkaJsCodecs(): void {
  if (registered) return;
  registered = true;
  const readOnly = (decompress: (bytes: Buffer) => Buffer) => () => ({
    compress: () => Promise.reject(new Error('this codec only reads')),
    decompress: async (bytes: Buffer) => decompress(bytes),
  });
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = readOnly((b) => zstdDecompressBounded(b, batchBytesMax));
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.LZ4] = readOnly((b) =>
    lz4FrameDecompressBounded(b, batchBytesMax),
  );
}
