import type { BufferReader } from '../buffer-reader.js';

/**
 * What most answers are made of: an array of topics, each with an array of partitions. `read` reads what follows a partition's
 * number; the topic's and the partition's tagged fields are skipped.
 */
export function readByPartition<T>(reader: BufferReader, read: (topic: string, partition: number) => T): T[] {
  const topics = reader.compactArray(() => {
    const topic = reader.compactString() ?? '';
    const partitions = reader.compactArray(() => {
      const answer = read(topic, reader.int32());
      reader.tags();
      return answer;
    });
    reader.tags();
    return partitions;
  });
  return topics.flat();
}
