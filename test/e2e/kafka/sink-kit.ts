import assert from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { openAdmin } from '../../../adapters/sinks/kafka/admin.js';
import { type Internals, KafkaSink } from '../../../adapters/sinks/kafka/kafka-sink.js';
import { readSettings } from '../../../adapters/sinks/kafka/settings.js';
import type { SinkSpec, StoredBatch } from '../../../engine/contracts.js';
import { patienceMs } from '../../support/until.js';
import { type BatchCodec, recordBatch } from './record-batch.js';

export { until } from '../../support/until.js';

export type Options = Record<string, string | number | boolean>;

/** A sink as the engine would make it, with a state directory that survives `sink.stop()`. */
export function makeSink(
  bootstrap: string,
  topic: string,
  options: Options = {},
  stateDir = makeStateDir(),
  internals: Internals = {},
): KafkaSink {
  const spec = sinkSpec(bootstrap, topic, options);
  const context = { log: pino({ level: process.env.LOG ?? 'silent' }), stateDir };
  return new KafkaSink(spec, readSettings(spec, {}), context, internals);
}

export function sinkSpec(bootstrap: string, topic: string, options: Options = {}): SinkSpec {
  const { scheme = 'kafka', ...rest } = options;
  return {
    id: 'kafka',
    url: `${scheme}://${bootstrap}/${topic}`,
    scheme: String(scheme),
    authority: bootstrap,
    path: topic,
    options: { request_timeout_ms: 10_000, retry_backoff_max_ms: 500, ...rest },
  };
}

export function makeStateDir(): string {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-sink-'));
  stateDirs.push(directory);
  return directory;
}
const stateDirs: string[] = [];
process.once('exit', () => {
  for (const directory of stateDirs) rmSync(directory, { recursive: true, force: true });
});

/** A journal of numbered events: the value of every record is its number, so loss, repetition and order can be told. */
export class NumberedBatches {
  readonly batches: StoredBatch[] = [];
  next = 0;
  /** Of records made from now on; null: the time they are made. */
  recordTimeMs: number | null = null;
  #offset = 0;

  /** `perBatch` records each; `partitions` 0 leaves the choice to the sink. */
  make(count: number, perBatch: number, partitions = 0, codec?: BatchCodec, padding = ''): StoredBatch[] {
    return Array.from({ length: count }, (_, i) => {
      const values = Array.from({ length: perBatch }, () => `${this.next++}${padding}`);
      const bytes = recordBatch(values, codec, this.recordTimeMs ?? Date.now());
      const position = { lane: 0, segment: 1, offset: this.#offset };
      this.#offset += bytes.length;
      const partition = partitions === 0 ? -1 : i % partitions;
      const batch = {
        position,
        next: { ...position, offset: this.#offset },
        route: 0,
        partition,
        count: perBatch,
        events: perBatch,
        bytes,
      };
      this.batches.push(batch);
      return batch;
    });
  }
}

/** Asserts that the topic holds the numbers 0 … `count` − 1, each once and, `ordered`, ascending in each partition. */
export async function expectEachOnce(bootstrap: string, topic: string, count: number, ordered = true): Promise<void> {
  const admin = openAdmin({ brokers: bootstrap.split(',') });
  try {
    const seen = new Uint8Array(count);
    const last = new Map<number, number>();
    let outOfOrder = 0;
    await admin.readAll(
      topic,
      ({ partition, value }) => {
        const number = Number.parseInt(value!.toString('utf8'), 10);
        seen[number] = (seen[number] ?? 0) + 1;
        if (ordered && number <= (last.get(partition) ?? -1)) outOfOrder++;
        last.set(partition, number);
      },
      patienceMs,
    );
    const missing = seen.reduce((sum, times) => sum + (times === 0 ? 1 : 0), 0);
    const repeated = seen.reduce((sum, times) => sum + (times > 1 ? 1 : 0), 0);
    assert.deepStrictEqual({ missing, repeated, outOfOrder }, { missing: 0, repeated: 0, outOfOrder: 0 });
  } finally {
    await admin.close();
  }
}

export async function createTopic(
  bootstrap: string,
  topic: string,
  partitions: number,
  replication = 1,
): Promise<void> {
  const admin = openAdmin({ brokers: bootstrap.split(',') });
  const configs: Record<string, string> = replication >= 3 ? { 'min.insync.replicas': '2' } : {};
  await admin.createTopic(topic, { partitions, replication, configs });
  await admin.close();
}
