/** Dictionaries of frames from the compacted topic that Kafka sinks announce them in, as long as a tail runs. */
import { randomUUID } from 'node:crypto';
import type { Kafka } from 'kafkajs';
import { registerDictionary } from '../../native/dictionaries.js';

/** Where sinks announce them unless told otherwise (`dictionary_topic`). */
export const defaultDictionaryTopic = 'penstock.dictionaries';

export interface DictionaryFollower {
  stop(): Promise<void>;
}

/** Resolves when all that the topic holds now are known; goes on with what comes. A topic that is not there has none. */
export async function followDictionaries(kafka: Kafka, topic: string): Promise<DictionaryFollower> {
  const admin = kafka.admin();
  await admin.connect();
  const names = await admin.listTopics();
  const ends = names.includes(topic) ? await admin.fetchTopicOffsets(topic) : [];
  await admin.disconnect();
  const behind = new Map(ends.filter(({ low, high }) => low !== high).map((end) => [end.partition, BigInt(end.high)]));
  if (behind.size === 0) return { stop: async () => undefined };
  const consumer = kafka.consumer({ groupId: `penstock-dictionaries-${randomUUID()}`, allowAutoTopicCreation: false });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) reject(payload.error);
    });
    const run = consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const { value } of batch.messages) {
          // What is no dictionary is nobody's: frames that need one say so.
          if (value !== null) tryRegister(value);
        }
        if (BigInt(batch.lastOffset()) + 1n >= (behind.get(batch.partition) ?? 0n)) behind.delete(batch.partition);
        if (behind.size === 0) resolve();
      },
    });
    run.catch(reject);
  });
  return { stop: () => consumer.disconnect() };
}

function tryRegister(value: Buffer): void {
  try {
    registerDictionary(value);
  } catch {
    // damaged, or another one of that id: the first stays
  }
}
