/** (a) The kernels one by one, with tinybench: nanoseconds an event for each step, each input. */
import { Bench } from 'tinybench';
import { Compressor } from '../native/codecs.js';
import { batchHeaderBytes } from '../native/pipeline.js';
import { type InputName, makeInput } from './inputs/inputs.js';
import { type Figures, single } from './lib/figures.js';
import { createKernelBench } from './lib/kernel-bench.js';

const batchBytes = 512 << 10;
const codecs = [
  ['zstd', 1],
  ['lz4', 1],
  ['gzip', 1],
] as const;

/** What one task does per call, in units of `count`. */
interface Work {
  readonly key: string;
  readonly unit: 'ns/event' | 'GB/s';
  readonly count: number;
  readonly bytes: number;
  run(): unknown;
}

export async function benchKernels(names: readonly InputName[], msPerTask: number): Promise<Figures> {
  const figures: Figures = {};
  for (const name of names) {
    const bench = new Bench({
      ...{ time: msPerTask, warmupTime: msPerTask / 4, warmupIterations: 2, iterations: 3 },
      now: cpuMilliseconds,
    });
    const work = workOn(name);
    for (const { key, run } of work) bench.add(key, () => void run());
    await bench.run();
    for (const { key, unit, count, bytes } of work) {
      const result = bench.getTask(key)?.result;
      if (result?.state !== 'completed') continue;
      const ns = result.latency.p50 * 1e6;
      const value = unit === 'ns/event' ? ns / count : bytes / ns;
      figures[key] = single(value, unit, {
        input: name,
        input_bytes_per_event: Math.round(bytes / count),
        samples: result.latency.samplesCount,
        relative_error_percent: Math.round(result.latency.rme * 10) / 10,
      });
    }
  }
  return figures;
}

/** Kernel steps include the ones before them: the difference between two is what a step costs. */
function workOn(name: InputName): Work[] {
  const input = makeInput(name);
  const kernels = createKernelBench(input.lines, input.json);
  const count = kernels.frame();
  const bytes = input.lines.length;
  const perEvent = (step: string, run: () => unknown): Work => ({
    key: `kernel_${name}_${step}`,
    unit: 'ns/event',
    count,
    bytes,
    run,
  });
  const work = [
    perEvent('frame', () => kernels.frame()),
    perEvent('parse', () => kernels.parse()),
    perEvent('encode', () => kernels.encode()),
    perEvent('encode_json', () => kernels.encodeJson()),
    perEvent('batch', () => kernels.batch()),
  ];
  if (input.json) work.push(perEvent('simdjson_alone', () => kernels.simdjson()));
  else work.push(perEvent('parse_scalar', () => kernels.parseScalar()));
  work.push({ key: `kernel_${name}_crc32c`, unit: 'GB/s', count, bytes, run: () => kernels.checksum() });
  return [...work, ...codecWork(name, kernels)];
}

function codecWork(name: InputName, kernels: ReturnType<typeof createKernelBench>): Work[] {
  const batch = new Uint8Array(batchBytes);
  const bytes = kernels.fill(batch) - batchHeaderBytes;
  const count = new DataView(batch.buffer).getInt32(57);
  const out = new Uint8Array(2 * batchBytes);
  return codecs.map(([codec, level]) => {
    const compressor = new Compressor(codec, level);
    return {
      key: `kernel_${name}_${codec}`,
      unit: 'ns/event' as const,
      count,
      bytes,
      run: () => compressor.compressInto(batch, batchHeaderBytes, bytes, out, 0),
    };
  });
}

/** CPU time instead of the clock's: what else runs on the machine is not the kernel's doing. */
function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
