/** (d) The physical limits, in the same run as what is compared with them: memcpy, simdjson alone, zstd alone. */
import { Compressor } from '../native/codecs.js';
import { batchHeaderBytes } from '../native/pipeline.js';
import { type InputName, makeInput } from './inputs/inputs.js';
import { type Figures, single } from './lib/figures.js';
import { createKernelBench } from './lib/kernel-bench.js';

const batchBytes = 512 << 10;

/** zstd 1 over record batches of the input, on one core: what no pipeline that compresses them can exceed. */
export class ZstdAlone {
  readonly #batch = new Uint8Array(batchBytes);
  readonly #out = new Uint8Array(batchBytes);
  readonly #compressor = new Compressor('zstd', 1);
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
  for (const input of ['syslog', 'ndjson'] as const) {
    const zstd = new ZstdAlone(input);
    figures[`limit_zstd_${input}`] = single(zstd.measure(ms), 'events/CPU-s', {
      record_bytes_per_event: Math.round(zstd.recordBytes),
      ratio: Math.round(zstd.ratio * 100) / 100,
    });
  }
  return figures;
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
