/** How fast a consumer on Node reads frames: two fields of every event, and all of it. */
import { frameOfLines } from '../native/frames.js';
import { frameFields, frameRecords } from '../schema/frames/index.js';
import { type InputName, makeInput } from './inputs/inputs.js';
import { type Figures, median, single } from './lib/figures.js';

const fields: readonly string[] = ['@timestamp', 'host.hostname'];

/** `frames_read_<input>_two_fields`, `frames_read_<input>_decode`: events per CPU-second, in TypeScript. */
export function benchFrameReading(name: InputName, rounds: number): Figures {
  const { lines, json } = makeInput(name);
  const { frame, records } = frameOfLines(lines, { json });
  const eventsPerSecond = (read: () => unknown): number => {
    for (let i = 0; i < 5; i++) read();
    const seconds = Array.from({ length: rounds }, () => {
      const before = process.cpuUsage();
      read();
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1e6;
    });
    return records.length / median(seconds);
  };
  return {
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
