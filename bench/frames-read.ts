/** How fast frames are read: by a consumer on Node two fields of every event and all of it, natively three fields and all of it. */

import { Compressor, compressBound, zstdDecompressBounded } from '../native/codecs.js';
import { frameFieldValues, plainFieldValues } from '../native/frame-fields.js';
import { frameOfLines, frameToRecords } from '../native/frames.js';
import { Frame, frameEvents, frameFields, frameRecords } from '../schema/frames/index.js';
import { readLogEvent } from '../schema/reader.js';
import { type InputName, makeInput } from './inputs/inputs.js';
import { alternate, type Figures, median, single } from './lib/figures.js';

const fields: readonly string[] = ['@timestamp', 'host.hostname'];
const threeFields: readonly string[] = [...fields, 'log.level'];
const readsAtOnce = 8;

const labels: Readonly<Partial<Record<InputName, string>>> = { ndjson: 'json' };

/**
 * `frames_read_<input>_two_fields`, `frames_read_<input>_decode`: events per CPU-second of a consumer on Node. Natively, CPU time of an event:
 * `frames_read_native_three_fields` of a plain frame, `frames_read_native_packed_three_fields` with all of it decompressed first, and
 * `frames_read_native_decode`, the LogEvents of the packed frame. `frames_read_<input>_events`: events per CPU-second as `readLogEvent` gives
 * them; `frames_read_<input>_events_ratio`: over the same of the same events as records, compressed together at zstd 1, in turns; with
 * `typescript` in the name: by the reader that is TypeScript alone. `frames_read_<input>_native_decode_ratio`: LogEvents of the packed frame as
 * buffers, over the same records decompressed and split, in turns. What has `native` and no input in its name is of syslog.
 */
export async function benchFrameReading(name: InputName, rounds: number): Promise<Figures> {
  const { lines, json } = makeInput(name);
  const label = labels[name] ?? name;
  const { frame, plain, records } = frameOfLines(lines, { json });
  const once = (read: () => unknown): number => {
    // Several at a time: the clock counts microseconds.
    const before = process.cpuUsage();
    for (let i = 0; i < readsAtOnce; i++) read();
    const { user, system } = process.cpuUsage(before);
    return (records.length * readsAtOnce * 1e6) / (user + system);
  };
  const eventsPerSecond = (read: () => unknown): number => {
    for (let i = 0; i < 5; i++) read();
    return median(Array.from({ length: rounds }, () => once(read)));
  };
  const nsPerEvent = (read: () => unknown) => single(1e9 / eventsPerSecond(read), 'ns/event');
  const splitRecords = recordsSplitter(records);
  const readRecords = () => splitRecords().map((record) => readLogEvent(record));
  const readEvents = () => frameEvents(frame);
  const readInTypeScript = () => new Frame(frame).events();
  const besideRecords = async (as: string, read: () => unknown, reference: () => unknown): Promise<Figures> => {
    for (let i = 0; i < 5; i++) [reference(), read()];
    const pairs = await alternate(
      rounds,
      () => once(read),
      () => once(reference),
    );
    return {
      [`frames_read_${label}_${as}`]: single(median(pairs.map(({ value }) => value)), 'events/s', {
        records_events_per_cpu_second: Math.round(median(pairs.map(({ reference }) => reference))),
      }),
      [`frames_read_${label}_${as}_ratio`]: single(
        median(pairs.map(({ value, reference }) => value / reference)),
        'ratio',
      ),
    };
  };
  return {
    ...(await besideRecords('events', readEvents, readRecords)),
    ...(await besideRecords('typescript_events', readInTypeScript, readRecords)),
    ...(await besideRecords('native_decode', () => frameToRecords(frame), splitRecords)),
    ...(name === 'syslog' && {
      frames_read_native_three_fields: nsPerEvent(() => plainFieldValues(plain, threeFields)),
      frames_read_native_packed_three_fields: nsPerEvent(() => frameFieldValues(frame, threeFields)),
      frames_read_native_decode: nsPerEvent(() => frameToRecords(frame)),
    }),
    [`frames_read_${label}_two_fields`]: single(
      eventsPerSecond(() => frameFields(frame, fields)),
      'events/s',
    ),
    [`frames_read_${label}_decode`]: single(
      eventsPerSecond(() => frameRecords(frame)),
      'events/s',
    ),
  };
}

/** Decompresses the records, as one batch of Kafka has them, and gives each. */
function recordsSplitter(records: readonly Buffer[]): () => Buffer[] {
  const plain = Buffer.concat(records);
  const room = Buffer.allocUnsafe(compressBound('zstd', plain.length));
  const bytes = new Compressor('zstd', 1).compressInto(plain, 0, plain.length, room, 0);
  const packed = room.subarray(0, bytes);
  return () => {
    const batch = zstdDecompressBounded(packed, plain.length);
    let at = 0;
    return records.map(({ length }) => {
      at += length;
      return batch.subarray(at - length, at);
    });
  };
}
