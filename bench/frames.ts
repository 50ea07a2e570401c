/** Frames against records at zstd 1 in turns: CPU of parsing, encoding and compressing the same lines, and what is left of them. */
import { Compressor } from '../native/codecs.js';
import { FramePacker } from '../native/frames.js';
import { batchHeaderBytes } from '../native/pipeline.js';
import { type InputName, makeInput } from './inputs/inputs.js';
import { alternate, type Figures, median, single } from './lib/figures.js';
import { createKernelBench, type KernelBench } from './lib/kernel-bench.js';

const frameEvents = 2048;
const roomBytes = 8 << 20;
/** Until every layout was tried a few times. */
const framesLearned = 40;

interface Pass {
  /** CPU time, whatever else runs on the machine. */
  readonly ns: number;
  readonly bytes: number;
}

/** `frames_<input>_speed`: events per CPU-second of frames over records; `frames_<input>_size`: bytes of records over frames. */
export async function benchFrames(name: InputName, pairs: number): Promise<Figures> {
  const input = makeInput(name);
  const kernels = createKernelBench(input.lines, input.json);
  const events = kernels.frame();
  const out = new Uint8Array(roomBytes);
  const packed = new Uint8Array(roomBytes);
  const packer = new FramePacker(1);
  const compressor = new Compressor('zstd', 1);
  const frames = () =>
    pass(kernels, out, frameEvents, (bytes) => packer.packInto(out, 0, bytes, packed, 0, packed.length));
  const records = () =>
    pass(kernels, out, 0, (bytes) =>
      compressor.compressInto(out, batchHeaderBytes, bytes - batchHeaderBytes, packed, batchHeaderBytes),
    );
  // What columns learn of their values, they learn in the first frames.
  for (let learned = 0; learned < framesLearned * frameEvents; learned += events) frames();
  records();
  const sizes = { frames: frames().bytes, records: records().bytes };
  const turns = await alternate(
    pairs,
    () => frames().ns / events,
    () => records().ns / events,
  );
  const quotients = turns.map(({ value, reference }) => reference / value);
  const key = name === 'ndjson' ? 'json' : name;
  const middle = median(quotients);
  return {
    [`frames_${key}_speed`]: {
      ...single(middle, 'ratio', {
        ns_per_event: Math.round(median(turns.map(({ value }) => value))),
        records_ns_per_event: Math.round(median(turns.map(({ reference }) => reference))),
      }),
      pairs: turns,
      spread: (Math.max(...quotients) - Math.min(...quotients)) / 2 / middle,
      reference: 'records, zstd 1',
    },
    [`frames_${key}_size`]: single(sizes.records / sizes.frames, 'ratio', {
      bytes_per_event: Math.round((sizes.frames / events) * 10) / 10,
      records_bytes_per_event: Math.round((sizes.records / events) * 10) / 10,
    }),
  };
}

/** All lines once. `pack`: answers the bytes, negative when the plain ones serve. */
function pass(kernels: KernelBench, out: Uint8Array, events: number, pack: (bytes: number) => number): Pass {
  const begin = cpuNanoseconds();
  let bytes = 0;
  for (;;) {
    const plain = kernels.fillNext(out, events);
    if (plain === 0) return { ns: cpuNanoseconds() - begin, bytes };
    const before = cpuNanoseconds();
    const packed = pack(plain);
    bytes += packed < 0 ? plain : packed;
    if (events !== 0) kernels.framePacked(packed < 0 ? plain : packed, cpuNanoseconds() - before);
  }
}

function cpuNanoseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}
