/** The bad day: how fast a backlog goes to Kafka once it is back, and how fast a start checks what a crash left. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Compressor, compressBound } from '../native/codecs.js';
import { crc32c, LaneWriter } from '../native/journal.js';
import { batchCodec, batchHeaderBytes } from '../native/pipeline.js';
import { withEngine } from './e2e.js';
import { inputFile, makeInput } from './inputs/inputs.js';
import { type Engine, send } from './lib/engine.js';
import { type Figures, median, single } from './lib/figures.js';
import { kafkaCpuSeconds, pauseKafka } from './lib/kafka.js';
import { createKernelBench } from './lib/kernel-bench.js';
import { cpuSeconds, until } from './lib/process.js';

const connections = 4;
const drainTimeoutMs = 120_000;
/** Each look at the metrics takes the engine a millisecond of the time that is measured. */
const pollMs = 50;

/**
 * `drain_ratio`: events a second that leave while Kafka catches up, over events a second that were taken in while it was away;
 * `drain_ratio_sustained`: over what goes through with Kafka there. All as fast as the machine can, one after the other.
 */
export async function benchDrain({ seconds, folder }: { seconds: number; folder: string }): Promise<Figures> {
  return withEngine({ scheme: 'syslog+tcp', deliver: 'kafka' }, async (engine) => {
    const backlog = new Backlog(engine, { file: inputFile('syslog', folder), connections });
    await backlog.through(seconds); // warms up: JavaScript is compiled in its first seconds of work
    const sustained = await backlog.through(Math.ceil(seconds / 2));
    const resume = await pauseKafka();
    let ingest: Phase;
    try {
      ingest = await backlog.fill(seconds);
    } finally {
      resume();
    }
    const drain = await backlog.drain();
    return {
      drain_ratio: single(drain.perSecond / ingest.perSecond, 'ratio', {
        backlog_events: ingest.events,
        drain_events_per_second: Math.round(drain.perSecond),
        ingest_events_per_second: Math.round(ingest.perSecond),
        drain_events_per_cpu_second: Math.round(drain.perCpuSecond),
        ingest_events_per_cpu_second: Math.round(ingest.perCpuSecond),
        drain_broker_cores: Math.round(drain.brokerCores * 100) / 100,
      }),
      drain_ratio_sustained: single(drain.perSecond / sustained.perSecond, 'ratio', {
        sustained_events_per_second: Math.round(sustained.perSecond),
        sustained_broker_cores: Math.round(sustained.brokerCores * 100) / 100,
      }),
    };
  });
}

interface Phase {
  readonly events: number;
  readonly perSecond: number;
  readonly perCpuSecond: number;
  readonly brokerCores: number;
}

/** An engine with Kafka behind it, sent as much as it takes. */
class Backlog {
  #sent = 0;

  constructor(
    readonly engine: Engine,
    readonly load: Readonly<Record<string, string | number>>,
  ) {}

  /** Until Kafka has everything. */
  through(seconds: number): Promise<Phase> {
    return this.#phase('penstock_events_delivered_total', seconds);
  }

  /** Until everything is in the journal. */
  fill(seconds: number): Promise<Phase> {
    return this.#phase('penstock_events_received_total', seconds);
  }

  /** Until Kafka has everything. The client may need a moment to notice that it is back: draining begins with what is delivered first. */
  async drain(): Promise<Phase> {
    const before = await this.#delivered();
    let first = before;
    const begun = async () => {
      first = await this.#delivered();
      return first > before;
    };
    await until('draining begins', begun, drainTimeoutMs, this.engine.child, pollMs);
    const took = await this.#clock();
    const drained = async () => (await this.#delivered()) >= this.#sent;
    await until('the backlog is drained', drained, drainTimeoutMs, this.engine.child, pollMs);
    return took(this.#sent - first);
  }

  async #phase(counter: string, seconds: number): Promise<Phase> {
    const took = await this.#clock();
    const { sent } = await send(`syslog+tcp://${this.engine.address}`, { ...this.load, seconds });
    this.#sent += sent;
    const there = async () => (await this.engine.metrics()).sum(counter) >= this.#sent;
    await until(`${counter} is ${this.#sent}`, there, drainTimeoutMs, this.engine.child, pollMs);
    return took(sent);
  }

  async #delivered(): Promise<number> {
    return (await this.engine.metrics()).sum('penstock_events_delivered_total');
  }

  async #clock(): Promise<(events: number) => Promise<Phase>> {
    const { pid } = this.engine.child;
    const [started, cpu, broker] = [performance.now(), cpuSeconds(pid), await kafkaCpuSeconds()];
    return async (events) => {
      const seconds = (performance.now() - started) / 1000;
      return {
        events,
        perSecond: events / seconds,
        perCpuSecond: events / (cpuSeconds(pid) - cpu),
        brokerCores: ((await kafkaCpuSeconds()) - broker) / seconds,
      };
    };
  }
}

/** `recovery_scan_gbs`: opening a lane whose open segment holds this much, from the page cache, over the wall time of it. */
export function benchRecovery({ bytes, rounds }: { bytes: number; rounds: number }): Figures {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-bench-lane-'));
  try {
    const events = fillLane(directory, bytes);
    const file = readdirSync(directory).map((name) => join(directory, name));
    const size = file.reduce((sum, path) => sum + statSync(path).size, 0);
    let cpuUs = 0;
    const times = Array.from({ length: rounds }, () => {
      const cpu = process.cpuUsage();
      const started = performance.now();
      const lane = new LaneWriter(directory, { segmentBytes: 2 * bytes });
      const ms = performance.now() - started;
      const { user, system } = process.cpuUsage(cpu);
      cpuUs += user + system;
      const { tornBytes, corruptBytes } = lane.recovery();
      lane.close();
      if (tornBytes + corruptBytes > 0) throw new Error(`${corruptBytes} bytes of a sound lane are called damaged`);
      return ms;
    });
    const gbs = times.map((ms) => size / ms / 1e6);
    return {
      recovery_scan_gbs: {
        ...single(median(gbs), 'GB/s', {
          bytes: size,
          events,
          milliseconds: Math.round(median(times)),
          gigabytes_per_cpu_second: Math.round((size * rounds) / cpuUs / 10) / 100,
        }),
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
