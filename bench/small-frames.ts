/** Small frames with a dictionary against records in large batches, both at zstd 1, in turns: CPU of parsing, encoding and compressing. */
import { Compressor } from '../native/codecs.js';
import { trainDictionary } from '../native/dictionaries.js';
import { FramePacker } from '../native/frames.js';
import { batchHeaderBytes } from '../native/pipeline.js';
import { makeInput } from './inputs/inputs.js';
import { alternate, type Figures, median, single } from './lib/figures.js';
import { createKernelBench } from './lib/kernel-bench.js';

const roomBytes = 8 << 20;
const dictionaryBytes = 16 << 10;
const kibibytes = [4, 16] as const;

/**
 * `frames_4k_dictionary_speed` (and 16k): events per CPU-second of frames that hold so many KiB of raw syslog, over records in batches of 512 KiB;
 * `…_size`: their bytes over those of the records. The dictionary is trained on other frames of the same source.
 */
export async function benchSmallFrames(pairs: number): Promise<Figures> {
  const input = makeInput('syslog');
  const kernels = createKernelBench(input.lines, input.json);
  const events = kernels.frame();
  const out = new Uint8Array(roomBytes);
  const packed = new Uint8Array(roomBytes);
  const compressor = new Compressor('zstd', 1);
  const pass = (frameEvents: number, pack: (bytes: number) => number) => {
    const begin = cpuNanoseconds();
    let bytes = 0;
    for (;;) {
      const plain = kernels.fillNext(out, frameEvents);
      if (plain === 0) return { ns: (cpuNanoseconds() - begin) / events, bytes: bytes / events };
      const size = pack(plain);
      bytes += size < 0 ? plain : size;
      // No layout is chosen by frames as small as these; to ask for the time of each would cost more than a tenth of what is measured.
      if (frameEvents !== 0) kernels.framePacked(size < 0 ? plain : size, 0);
    }
  };
  const records = () =>
    pass(0, (bytes) =>
      compressor.compressInto(out, batchHeaderBytes, bytes - batchHeaderBytes, packed, batchHeaderBytes),
    );
  const figures: Record<string, Figures[string]> = {};
  for (const kib of kibibytes) {
    const frameEvents = Math.max(1, Math.round((kib * 1024 * events) / input.lines.length));
    const packer = new FramePacker(1);
    const frames = () => pass(frameEvents, (bytes) => packer.packInto(out, 0, bytes, packed, 0, packed.length));
    packer.setSampling(true);
    const plain = frames();
    const samples = packer.takeSamples(0, 1);
    packer.setSampling(false);
    if (samples === null) throw new Error('no frame was small enough for a sample');
    const trial = await trainDictionary(samples, { bytesMax: dictionaryBytes, current: null, level: 1 });
    packer.setDictionary(0, trial.candidate);
    const sizes = { frames: frames().bytes, records: records().bytes };
    const turns = await alternate(
      pairs,
      () => frames().ns,
      () => records().ns,
    );
    const quotients = turns.map(({ value, reference }) => reference / value);
    const middle = median(quotients);
    const details = { events_per_frame: frameEvents };
    figures[`frames_${kib}k_dictionary_speed`] = {
      ...single(middle, 'ratio', { ...details, ns_per_event: Math.round(median(turns.map(({ value }) => value))) }),
      pairs: turns,
      spread: (Math.max(...quotients) - Math.min(...quotients)) / 2 / middle,
      reference: 'records in batches of 512 KiB, zstd 1',
    };
    figures[`frames_${kib}k_dictionary_size`] = single(sizes.frames / sizes.records, 'ratio', {
      ...details,
      bytes_per_event: round(sizes.frames),
      without_dictionary_bytes_per_event: round(plain.bytes),
      records_bytes_per_event: round(sizes.records),
    });
  }
  return figures;
}

function round(bytes: number): number {
  return Math.round(bytes * 10) / 10;
}

function cpuNanoseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}
