/** What records of a topic hold, to see that tools which are compared do the same work. */
import { openAdmin } from '../../adapters/sinks/kafka/admin.js';
import { median } from './figures.js';

const readTimeoutMs = 120_000;

export interface RecordShape {
  /** Values that are neither empty nor objects: what was understood of an event. */
  readonly fields: number;
  readonly bytes: number;
}

/** Medians over all JSON records of a (short) topic. */
export async function recordShape(bootstrap: string, topic: string): Promise<RecordShape> {
  const admin = openAdmin({ brokers: bootstrap.split(',') });
  const fields: number[] = [];
  const bytes: number[] = [];
  try {
    await admin.readAll(
      topic,
      ({ value }) => {
        if (value === null) return;
        bytes.push(value.length);
        fields.push(countFields(value.toString()));
      },
      readTimeoutMs,
    );
  } finally {
    await admin.close();
  }
  return { fields: median(fields), bytes: median(bytes) };
}

/** 0 for what is no JSON. A list counts as one value. */
export function countFields(json: string): number {
  const count = (value: unknown): number => {
    if (value === null || value === '' || value === '-') return 0;
    if (typeof value !== 'object' || Array.isArray(value)) return 1;
    return Object.values(value).reduce((sum: number, inner) => sum + count(inner), 0);
  };
  try {
    return count(JSON.parse(json));
  } catch {
    return 0;
  }
}
