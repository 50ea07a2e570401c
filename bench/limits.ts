/** (d) The physical limits, in the same run as what is compared with them: memcpy, simdjson alone, zstd alone, the disk. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Compressor } from '../native/codecs.js';
import { batchHeaderBytes } from '../native/pipeline.js';
import { type InputName, makeInput } from './inputs/inputs.js';
import { type Figures, median, single } from './lib/figures.js';
import { createKernelBench } from './lib/kernel-bench.js';

const batchBytes = 512 << 10;

/** zstd 1 over record batches of the input, on one core: what no pipeline that compresses them can exceed. */
export class ZstdAlone {
  readonly #batch = new Uint8Array(batchBytes);
  readonly #out = new Uint8Array(batchBytes);
  /** As zstd has it: the engine's table at level 1 is smaller. */
  readonly #compressor = new Compressor('zstd', 1, { hashLog: 14 });
  readonly #bytes: number;
  readonly events: number;

  constructor(input: InputName) {
    const { lines, json } = makeInput(input);
    this.#bytes = createKernelBench(lines, json).fill(this.#batch) - batchHeaderBytes;
    this.events = new DataView(this.#batch.buffer).getInt32(57);
  }

  get recordBytes(): number {
    return this.#bytes / this.events;
  }

  get ratio(): number {
    return this.#bytes / this.#compress();
  }

  /** Events per CPU-second, over about `ms`. */
  measure(ms: number): number {
    const rounds = timed(ms, () => this.#compress());
    return rounds * this.events;
  }

  #compress(): number {
    return this.#compressor.compressInto(this.#batch, batchHeaderBytes, this.#bytes, this.#out, 0);
  }
}

/** The record batch built, no compression: the reference of figures without compression. */
export class BatchAlone {
  readonly #kernels;
  constructor(input: InputName) {
    const { lines, json } = makeInput(input);
    this.#kernels = createKernelBench(lines, json);
  }

  /** Events per CPU-second, over about `ms`. */
  measure(ms: number): number {
    return timed(ms, () => this.#kernels.batch()) * this.#kernels.frame();
  }
}

export function benchLimits(ms: number): Figures {
  const figures: Figures = {};
  const { lines, json } = makeInput('ndjson');
  const kernels = createKernelBench(lines, json);
  figures.limit_memcpy = single((timed(ms, () => kernels.copy()) * kernels.copy()) / 1e9, 'GB/s', {
    block_bytes: lines.length,
  });
  figures.limit_simdjson_ndjson = single(timed(ms, () => kernels.simdjson()) * kernels.simdjson(), 'events/CPU-s', {
    gigabytes_per_second: Math.round((timed(ms, () => kernels.simdjson()) * lines.length) / 1e7) / 100,
  });
  Object.assign(figures, benchDisk(ms));
  for (const input of ['syslog', 'ndjson'] as const) {
    const zstd = new ZstdAlone(input);
    figures[`limit_zstd_${input}`] = single(zstd.measure(ms), 'events/CPU-s', {
      record_bytes_per_event: Math.round(zstd.recordBytes),
      ratio: Math.round(zstd.ratio * 100) / 100,
    });
  }
  return figures;
}

const diskBlockBytes = 1 << 20;
const diskBlocks = 256;
/** statfs(2), f_type. */
const fileSystems: Readonly<Record<number, string>> = {
  ...{ 16914836: 'tmpfs', 61267: 'ext4', 1481003842: 'xfs', 2435016766: 'btrfs', 2035054128: 'overlay' },
};

/** Where the engines of this run keep their journals: writing and syncing 256 MiB, and one sync of 1 MiB at a time. */
function benchDisk(ms: number): Figures {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-bench-disk-'));
  const file = openSync(join(folder, 'file'), 'w');
  const block = Buffer.alloc(diskBlockBytes, 0x5a);
  try {
    const kind = fileSystems[statfsSync(folder).type] ?? 'unknown';
    const started = performance.now();
    for (let i = 0; i < diskBlocks; i++) writeSync(file, block);
    fdatasyncSync(file);
    const write = (diskBlocks * diskBlockBytes) / (performance.now() - started) / 1e6;
    const syncs: number[] = [];
    const until = performance.now() + ms;
    do {
      const begun = performance.now();
      writeSync(file, block);
      fdatasyncSync(file);
      syncs.push(performance.now() - begun);
    } while (performance.now() < until);
    return {
      limit_disk_write: single(write, 'GB/s', { file_system: kind }),
      limit_disk_sync: single(median(syncs), 'ms', { bytes: diskBlockBytes, syncs: syncs.length }),
    };
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true });
  }
}

/** Calls `run` for about `ms`; calls per second of this process's CPU time. */
function timed(ms: number, run: () => unknown): number {
  run();
  const cpu = process.cpuUsage();
  const started = performance.now();
  let calls = 0;
  do {
    run();
    calls++;
  } while (performance.now() - started < ms);
  const { user, system } = process.cpuUsage(cpu);
  return calls / ((user + system) / 1e6);
}
