/**
 * Workers are killed while events flow: their successors finish what they left, and every event is in the journal once.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import pino from 'pino';
import { Journal } from '../../engine/journal/journal.js';
import { createMemory } from '../../engine/memory.js';
import { RingFeeder } from '../../engine/ring/feeder.js';
import { IoStats } from '../../engine/ring/io-stats.js';
import { CompressionFigures } from '../../engine/telemetry/compression-block.js';
import { readPipelineFigures } from '../../engine/telemetry/pipeline-figures.js';
import type { WorkerPlan } from '../../workers/plan.js';
import { WorkerPool } from '../../workers/pool.js';
import { temporaryDirectory } from '../support/journal.js';

const events = 60_000;
const perBody = 500;
const kills = 4;
/** Bodies of each worker. */
const storedBeforeDeath = 3;

for (const fsyncIntervalMs of [0, 10])
  test(`a killed worker is followed by a successor; nothing is lost, stored or counted twice (sync ${fsyncIntervalMs})`, (t) =>
    killWorkers(t, fsyncIntervalMs));

async function killWorkers(t: TestContext, fsyncIntervalMs: number): Promise<void> {
  const directory = temporaryDirectory(t);
  const journal = new Journal({ directory: join(directory, 'journal'), segmentBytes: 8 << 20, bytesMax: 0 });
  const memory = createMemory({ receivers: 0, workers: 1, ringBytes: 1 << 20 });
  const io = new IoStats(1, 1);
  const feeder = new RingFeeder({
    listeners: 1,
    messageBytesMax: 65_536,
    rings: memory.rings[0] ?? [],
    doorbells: memory.doorbells,
    stats: io,
  });
  const pool = new WorkerPool(
    [plan(memory, journal, fsyncIntervalMs)],
    { committed: () => undefined, samples: () => undefined, laneState: () => undefined },
    pino({ level: 'silent' }),
  );
  // The pool alone does not keep the process running while a successor starts; in the engine, its listeners do.
  const running = setInterval(() => undefined, 1000);
  t.after(() => clearInterval(running));
  pool.start();

  await pool.threads[0]?.terminate(); // before it has begun

  let delivered = 0;
  const feeding = feed(feeder, () => delivered++);
  // Each is killed when it has stored something, however long that takes here: all die at work, and the last is there to be stopped.
  for (let kill = 0; kill < kills; kill++) {
    for (const before = delivered; delivered < before + storedBeforeDeath; ) await delay(1);
    await pool.threads[0]?.terminate();
  }
  await feeding;
  await pool.stop(120_000);
  feeder.stop();

  assert.equal(pool.restarts, kills + 1, 'workers died');
  assert.equal(delivered, events / perBody);
  const seen = new Map<string, number>();
  const reader = journal.reader(0, null);
  for (let batches = reader.read(); batches.length > 0; batches = reader.read()) {
    for (const batch of batches) {
      for (const [number] of batch.bytes.toString('latin1').matchAll(/@event \d+ from/g)) {
        seen.set(number, (seen.get(number) ?? 0) + 1);
      }
    }
  }
  reader.close();
  journal.close();
  assert.equal(seen.size, events);
  const inOneRecord = 2; // event.original and message
  assert.ok([...seen.values()].every((count) => count === inOneRecord));
  const { totals } = readPipelineFigures(memory.pipelineStats, 1);
  assert.equal(totals.events, events);
  assert.equal(totals.events_committed, events);
  assert.equal((totals.chunks ?? 0) + (totals.chunks_skipped ?? 0), io.total('chunks_total'));
}

async function feed(feeder: RingFeeder, onDurable: () => void): Promise<void> {
  const connection = feeder.open(0, 'line', '203.0.113.7');
  for (let at = 0; at < events; ) {
    const lines = Array.from(
      { length: perBody },
      (_, i) => `<34>1 - host app - - - @event ${at + i} from 203.0.113.7\n`,
    );
    try {
      await feeder.deliver(connection, 'line', Buffer.from(lines.join('')));
      onDurable();
      at += perBody;
    } catch {
      await delay(5); // RingFull: nothing of it was taken
    }
  }
}

function plan(memory: ReturnType<typeof createMemory>, journal: Journal, fsyncIntervalMs: number): WorkerPlan {
  return {
    index: 0,
    rings: memory.rings.map((rings) => rings[0] as SharedArrayBuffer),
    ringIds: [0],
    doorbell: memory.doorbells[0] as SharedArrayBuffer,
    stats: memory.pipelineStats[0] as SharedArrayBuffer,
    control: memory.controls[0] as SharedArrayBuffer,
    pipeline: {
      listeners: [{ format: 'syslog', source: 'test', route: 0, utcOffsetSeconds: 0, priority: [] }],
      encoding: 'protobuf',
      frameEvents: 2048,
      frameBytesMax: 2 ** 20,
      partitioning: 'sticky',
      partitionField: '',
      partitions: 0,
      keepOriginal: 'auto',
      eventHash: false,
      messageBytesMax: 65_536,
      jsonDepthMax: 64,
      documentEventsMax: 1000,
      joinAudit: false,
      node: journal.identity.node,
      boot: journal.boot,
      schema: 'test',
      schemaId: -1,
      fsyncIntervalMs,
      lastStage: 'all',
    },
    lane: journal.lanePlan(0),
    compression: { codec: 'none', level: 0, levelMin: 0, levelMax: 0, minBytes: 0, gainMin: 0 },
    sampling: { intervalMs: 0, countMin: 0 },
    compressionFigures: CompressionFigures.memory(),
    batchBytes: 64 << 10,
    batchPackedBytes: 64 << 10,
    lingerMs: 2,
    bufferBytes: 1 << 20,
    cpu: -1,
    version: 0,
  };
}
