/** How fast frames are read: by a consumer on Node two fields of every event and all of it, natively three fields and all of it. */
import { frameFieldValues, plainFieldValues } from '../native/frame-fields.js';
import { frameOfLines, frameToRecords } from '../native/frames.js';
import { frameFields, frameRecords } from '../schema/frames/index.js';
import { type InputName, makeInput } from './inputs/inputs.js';
import { type Figures, median, single } from './lib/figures.js';

const fields: readonly string[] = ['@timestamp', 'host.hostname'];
const threeFields: readonly string[] = [...fields, 'log.level'];
const readsAtOnce = 8;

/**
 * `frames_read_<input>_two_fields`, `frames_read_<input>_decode`: events per CPU-second, in TypeScript. Natively, CPU time of an event:
 * `frames_read_native_three_fields` of a plain frame, `frames_read_native_packed_three_fields` with all of it decompressed first, and
 * `frames_read_native_decode`, the LogEvents of the packed frame.
 */
export function benchFrameReading(name: InputName, rounds: number): Figures {
  const { lines, json } = makeInput(name);
  const { frame, plain, records } = frameOfLines(lines, { json });
  const eventsPerSecond = (read: () => unknown): number => {
    for (let i = 0; i < 5; i++) read();
    const seconds = Array.from({ length: rounds }, () => {
      // Several at a time: the clock counts microseconds.
      const before = process.cpuUsage();
      for (let i = 0; i < readsAtOnce; i++) read();
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1e6 / readsAtOnce;
    });
    return records.length / median(seconds);
  };
  const nsPerEvent = (read: () => unknown) => single(1e9 / eventsPerSecond(read), 'ns/event');
  return {
    frames_read_native_three_fields: nsPerEvent(() => plainFieldValues(plain, threeFields)),
    frames_read_native_packed_three_fields: nsPerEvent(() => frameFieldValues(frame, threeFields)),
    frames_read_native_decode: nsPerEvent(() => frameToRecords(frame)),
    [`frames_read_${name}_two_fields`]: single(
      eventsPerSecond(() => frameFields(frame, fields)),
      'events/s',
    ),
    [`frames_read_${name}_decode`]: single(
      eventsPerSecond(() => frameRecords(frame)),
      'events/s',
    ),
  };
}
