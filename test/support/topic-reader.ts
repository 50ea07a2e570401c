import { openAdmin } from '../../adapters/sinks/kafka/admin.js';
import { patienceMs } from './until.js';

export interface TopicContent {
  /** How often each sequence number ("seq=N" in a record) was seen. */
  readonly seen: Uint8Array;
  readonly records: number;
  /** Partitions that hold records. */
  readonly partitions: number;
}

/** Reads a topic from beginning to end with kafkajs, a consumer that knows nothing of Penstock. */
export async function readSequences(bootstrap: string, topic: string, sequences: number): Promise<TopicContent> {
  const admin = openAdmin({ brokers: bootstrap.split(',') });
  const seen = new Uint8Array(sequences);
  const partitions = new Set<number>();
  try {
    const records = await admin.readAll(
      topic,
      ({ partition, value }) => {
        partitions.add(partition);
        const sequence = sequenceOf(value);
        if (sequence !== null && sequence < sequences) seen[sequence] = (seen[sequence] as number) + 1;
      },
      patienceMs,
    );
    return { seen, records, partitions: partitions.size };
  } finally {
    await admin.close();
  }
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
