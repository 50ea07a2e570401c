/** How fast a consumer in Java reads frames: two fields of every event, and all of it, beside the same events as records. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Compressor, compressBound } from '../native/codecs.js';
import { frameOfLines } from '../native/frames.js';
import { projectRoot } from '../native/load.js';
import { type InputName, makeInput } from './inputs/inputs.js';
import { type Figures, single, Unavailable } from './lib/figures.js';
import { start } from './lib/process.js';

const leastJdk = 17;
const module = join(projectRoot, 'modules/frames-java');

/**
 * `frames_read_java_two_fields`, `frames_read_java_decode`: events per CPU-second of the thread that reads, when Java has compiled what it runs.
 * `frames_read_java_decode_ratio`: LogEvents as arrays of bytes, over the same records, compressed together at zstd 1, decompressed and split, in turns;
 * `frames_read_java_events_ratio`: events with their values (`Frame.events`), over the same made of the records (`Event.of`), in the same way.
 * @param folder for the frame and what Maven says
 * @throws Unavailable where there is no JDK, no Maven or no way to its repository
 */
export async function benchFrameReadingInJava(
  name: InputName,
  extent: { readonly rounds: number; readonly warmUpMs: number },
  folder: string,
): Promise<Figures> {
  await requireTools();
  const own = mkdtempSync(join(folder, 'frames-read-java-'));
  try {
    const classPath = await compile(own);
    const { lines, json } = makeInput(name);
    const { frame, records } = frameOfLines(lines, { json });
    const file = join(own, 'events.frame');
    writeFileSync(file, frame);
    const batch = join(own, 'events.records');
    writeFileSync(batch, packedRecords(records));
    const { rounds, warmUpMs } = extent;
    const options = ['-cp', classPath, 'penstock.frames.ReadingSpeed', file, batch, String(rounds), String(warmUpMs)];
    const { code, output } = await ended('java', options);
    const line = /^\{.*\}$/m.exec(output)?.[0];
    if (code !== 0 || line === undefined) throw new Error(`the reader in Java ended with ${code}: ${output}`);
    const figures = JSON.parse(line) as Readonly<
      Record<'two_fields' | 'decode' | 'decode_ratio' | 'events_ratio', number>
    >;
    const details = { events: records.length, frame_bytes: frame.length };
    return {
      frames_read_java_two_fields: single(figures.two_fields, 'events/s', details),
      frames_read_java_decode: single(figures.decode, 'events/s', details),
      frames_read_java_decode_ratio: single(figures.decode_ratio, 'ratio'),
      frames_read_java_events_ratio: single(figures.events_ratio, 'ratio'),
    };
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

/** The size of all and, compressed, each record with its size before it: sizes are 32 bits, the lowest byte first. */
function packedRecords(records: readonly Buffer[]): Buffer {
  const size = (bytes: number) => Buffer.from(Uint32Array.of(bytes).buffer);
  const plain = Buffer.concat(records.flatMap((record) => [size(record.length), record]));
  const room = Buffer.allocUnsafe(compressBound('zstd', plain.length));
  const bytes = new Compressor('zstd', 1).compressInto(plain, 0, plain.length, room, 0);
  return Buffer.concat([size(plain.length), room.subarray(0, bytes)]);
}

async function requireTools(): Promise<void> {
  const { output } = await ended('javac', ['-version']);
  if (Number(/javac (\d+)/.exec(output)?.[1] ?? 0) < leastJdk) {
    throw new Unavailable(`there is no JDK ${leastJdk} or later`);
  }
  if (!/Maven/.test((await ended('mvn', ['-v'])).output)) throw new Unavailable('there is no Maven (mvn)');
}

/** Compiles the module. @returns where its classes and what they need are */
async function compile(folder: string): Promise<string> {
  const list = join(folder, 'class-path');
  const goals = ['test-compile', 'dependency:build-classpath', `-Dmdep.outputFile=${list}`];
  const { code, output } = await ended('mvn', ['-B', '-q', '-f', join(module, 'pom.xml'), ...goals]);
  if (code !== 0 && /Could not (resolve|transfer)|Unknown host|offline mode/.test(output)) {
    throw new Unavailable('Maven cannot reach its repository');
  }
  if (code !== 0) throw new Error(`Maven could not build ${module}: ${output}`);
  const classes = ['target/classes', 'target/test-classes'].map((path) => join(module, path));
  return [...classes, readFileSync(list, 'utf8').trim()].join(delimiter);
}

async function ended(command: string, args: readonly string[]): Promise<{ code: number; output: string }> {
  const child = start(command, args);
  return { code: await child.exited, output: child.output() };
}
