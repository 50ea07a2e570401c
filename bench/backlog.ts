/** The bad day: how fast a backlog goes to Kafka once it is back, and how fast a start checks what a crash left. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Compressor, compressBound } from '../native/codecs.js';
import { crc32c, LaneWriter } from '../native/journal.js';
import { batchCodec, batchHeaderBytes } from '../native/pipeline.js';
import { withEngine } from './e2e.js';
import { inputFile, makeInput } from './inputs/inputs.js';
import { delivered } from './lib/drained.js';
import { send } from './lib/engine.js';
import { type Figures, median, single } from './lib/figures.js';
import { kafkaCpuSeconds, pauseKafka } from './lib/kafka.js';
import { createKernelBench } from './lib/kernel-bench.js';
import { cpuSeconds, until } from './lib/process.js';

const connections = 4;
const drainTimeoutMs = 120_000;
const pollMs = 10;

/**
 * `drain_ratio`: events a second that leave while Kafka catches up, over events a second that were taken in while it was away, both as
 * fast as the machine can, neither during the other.
 */
export async function benchDrain({ seconds, folder }: { seconds: number; folder: string }): Promise<Figures> {
  return withEngine({ scheme: 'syslog+tcp', deliver: 'kafka' }, async (engine) => {
    const to = `syslog+tcp://${engine.address}`;
    const load = { file: inputFile('syslog', folder), connections };
    const warm = await send(to, { ...load, seconds: 1 });
    await delivered(engine, warm.sent);
    const resume = await pauseKafka();
    let sent = 0;
    let ingestRate = 0;
    let ingestCpu = 0;
    try {
      const cpu = cpuSeconds(engine.child.pid);
      const started = performance.now();
      sent = (await send(to, { ...load, seconds })).sent;
      const all = async () => (await engine.metrics()).sum('penstock_events_received_total') >= warm.sent + sent;
      await until('the backlog is in the journal', all, drainTimeoutMs, engine.child, pollMs);
      ingestRate = sent / ((performance.now() - started) / 1000);
      ingestCpu = cpuSeconds(engine.child.pid) - cpu;
    } finally {
      resume();
    }
    return drain(engine, { from: warm.sent, to: warm.sent + sent, ingestRate, ingestCpu });
  });
}

async function drain(
  engine: Parameters<Parameters<typeof withEngine>[1]>[0],
  { from, to, ingestRate, ingestCpu }: { from: number; to: number; ingestRate: number; ingestCpu: number },
): Promise<Figures> {
  const count = async () => (await engine.metrics()).sum('penstock_events_delivered_total');
  let first = from;
  // The client may need a moment to notice that the broker is back: draining begins with what it delivers first.
  await until(
    'draining begins',
    async () => {
      first = await count();
      return first > from;
    },
    drainTimeoutMs,
    engine.child,
    pollMs,
  );
  const started = performance.now();
  const cpu = cpuSeconds(engine.child.pid);
  const brokerCpu = await kafkaCpuSeconds();
  await until('the backlog is drained', async () => (await count()) >= to, drainTimeoutMs, engine.child, pollMs);
  const seconds = (performance.now() - started) / 1000;
  const drainRate = (to - first) / seconds;
  return {
    drain_ratio: single(drainRate / ingestRate, 'ratio', {
      backlog_events: to - from,
      drain_events_per_second: Math.round(drainRate),
      drain_broker_cores: Math.round((((await kafkaCpuSeconds()) - brokerCpu) / seconds) * 100) / 100,
      ingest_events_per_second: Math.round(ingestRate),
      drain_events_per_cpu_second: Math.round((to - first) / (cpuSeconds(engine.child.pid) - cpu)),
      ingest_events_per_cpu_second: Math.round((to - from) / ingestCpu),
    }),
  };
}

/** `recovery_scan_gbs`: opening a lane whose open segment holds this much, from the page cache, over the wall time of it. */
export function benchRecovery({ bytes, rounds }: { bytes: number; rounds: number }): Figures {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-bench-lane-'));
  try {
    const events = fillLane(directory, bytes);
    const file = readdirSync(directory).map((name) => join(directory, name));
    const size = file.reduce((sum, path) => sum + statSync(path).size, 0);
    const times = Array.from({ length: rounds }, () => {
      const started = performance.now();
      const lane = new LaneWriter(directory, { segmentBytes: 2 * bytes });
      const ms = performance.now() - started;
      const { tornBytes, corruptBytes } = lane.recovery();
      lane.close();
      if (tornBytes + corruptBytes > 0) throw new Error(`${corruptBytes} bytes of a sound lane are called damaged`);
      return ms;
    });
    const gbs = times.map((ms) => size / ms / 1e6);
    return {
      recovery_scan_gbs: {
        ...single(median(gbs), 'GB/s', { bytes: size, events, milliseconds: Math.round(median(times)) }),
        spread: (Math.max(...gbs) - Math.min(...gbs)) / 2 / median(gbs),
      },
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Groups of one compressed batch each, as a worker writes them, until one segment holds `bytes`; answers the events. */
function fillLane(directory: string, bytes: number): number {
  const { lines, json } = makeInput('syslog');
  const raw = new Uint8Array(704 << 10);
  const size = createKernelBench(lines, json).fill(raw) - batchHeaderBytes;
  const count = new DataView(raw.buffer).getInt32(57);
  const batch = new Uint8Array(batchHeaderBytes + compressBound('zstd', size));
  const packed = new Compressor('zstd', 1).compressInto(raw, batchHeaderBytes, size, batch, batchHeaderBytes);
  batch.set(raw.subarray(0, batchHeaderBytes));
  sealHeader(batch.subarray(0, batchHeaderBytes + packed));
  const lane = new LaneWriter(directory, { segmentBytes: 2 * bytes });
  let events = 0;
  for (let written = 0; written < bytes; written += batchHeaderBytes + packed, events += count) {
    const errno = lane.commitGroup([{ bytes: batch.subarray(0, batchHeaderBytes + packed), count }]);
    if (errno !== 0) throw new Error(`${directory}: errno ${errno}`);
  }
  lane.close();
  return events;
}

/** Length, codec and CRC of a RecordBatch v2 (places: Kafka's protocol guide, "Record Batch"). */
function sealHeader(batch: Uint8Array): void {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.length);
  view.setInt32(8, batch.length - 12);
  view.setInt16(21, batchCodec.zstd);
  view.setUint32(17, crc32c(batch.subarray(21)));
}
