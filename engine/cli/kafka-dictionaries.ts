/** Dictionaries of frames from the compacted topic that Kafka sinks announce them in. */
import { randomUUID } from 'node:crypto';
import type { Consumer, Kafka } from 'kafkajs';
import { dictionaryId, registerDictionary } from '../../native/dictionaries.js';
import { isFrame } from '../../native/frames.js';

/** Where a frame's header has its dictionary's id; 0: none. */
const idPlace = 12;
/** How long not to look again for one that was not there. */
const againMs = 5_000;

/** Read when a frame needs one that is not known yet. */
export class KafkaDictionaries {
  readonly #known = new Set<number>();
  #nextLookMs = 0;

  constructor(
    readonly kafka: Kafka,
    readonly topic: string,
  ) {}

  /** Resolves when the value can be decoded, as far as the topic helps: what it does not have, the decoder says. */
  async need(value: Buffer | null): Promise<void> {
    if (value === null || value.length < idPlace + 4 || !isFrame(value)) return;
    const id = value.readUInt32LE(idPlace);
    if (id === 0 || this.#known.has(id) || performance.now() < this.#nextLookMs) return;
    await readDictionaryTopic(this.kafka, this.topic, (_, bytes) => this.#register(bytes));
    if (!this.#known.has(id)) this.#nextLookMs = performance.now() + againMs;
  }

  #register(bytes: Buffer): void {
    try {
      registerDictionary(bytes);
      this.#known.add(dictionaryId(bytes));
    } catch {
      // No dictionary, or another one of that id: frames that need one say so.
    }
  }
}

/** Resolves when `each` was given the key and the value of all that the topic holds now; false: there is no such topic. */
export async function readDictionaryTopic(
  kafka: Kafka,
  topic: string,
  each: (key: string, value: Buffer) => void,
): Promise<boolean> {
  const admin = kafka.admin();
  await admin.connect();
  const found = (await admin.listTopics()).includes(topic);
  const ends = found ? await admin.fetchTopicOffsets(topic) : [];
  await admin.disconnect();
  const filled = ends.filter(({ low, high }) => low !== high);
  const behind = new Map(filled.map(({ partition, high }) => [partition, BigInt(high)]));
  if (behind.size === 0) return found;
  const groupId = `penstock-dictionaries-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false });
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await readUntil(consumer, behind, each);
  } finally {
    await consumer.disconnect();
  }
  return true;
}

function readUntil(
  consumer: Consumer,
  behind: Map<number, bigint>,
  each: (key: string, value: Buffer) => void,
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) reject(payload.error);
    });
    // Also told of batches that compaction left empty.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
      if (BigInt(lastOffset) + 1n >= (behind.get(partition) ?? 0n)) behind.delete(partition);
      if (behind.size === 0) resolve();
    });
    const run = consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const { key, value } of batch.messages) if (value !== null) each(key?.toString() ?? '', value);
      },
    });
    run.catch(reject);
  });
}
