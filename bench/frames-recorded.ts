/** Frames of recorded traffic against records: whether the layout chosen for each source pays. */
import { benchFrames } from './frames.js';
import type { InputName } from './inputs/inputs.js';
import { type Figure, type Figures, median, single } from './lib/figures.js';

const recorded: readonly InputName[] = ['linux', 'apache', 'windows', 'cloudtrail', 'zeek'];

/** `frames_recorded_speed`, `_size`: medians over the inputs; `frames_recorded_slowest`: the input that frames suit least. */
export async function benchRecordedFrames(pairs: number): Promise<Figures> {
  const speeds: [string, number][] = [];
  const sizes: [string, number][] = [];
  for (const name of recorded) {
    const figures = await benchFrames(name, pairs);
    speeds.push([name, (figures[`frames_${name}_speed`] as Figure).value]);
    sizes.push([name, (figures[`frames_${name}_size`] as Figure).value]);
  }
  const middle = (values: [string, number][]) =>
    single(
      median(values.map(([, value]) => value)),
      'ratio',
      Object.fromEntries(values.map(([n, v]) => [n, round(v)])),
    );
  const [slowest, ratio] = speeds.reduce((least, one) => (one[1] < least[1] ? one : least));
  return {
    frames_recorded_speed: middle(speeds),
    frames_recorded_size: middle(sizes),
    frames_recorded_slowest: single(ratio, 'ratio', { input: slowest }),
  };
}

const round = (value: number) => Math.round(value * 100) / 100;
