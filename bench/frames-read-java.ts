/** How fast a consumer in Java reads frames: two fields of every event, and all of it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { frameOfLines } from '../native/frames.js';
import { projectRoot } from '../native/load.js';
import { type InputName, makeInput } from './inputs/inputs.js';
import { type Figures, single, Unavailable } from './lib/figures.js';
import { start } from './lib/process.js';

const leastJdk = 17;
const module = join(projectRoot, 'modules/frames-java');

/**
 * `frames_read_java_two_fields`, `frames_read_java_decode`: events per CPU-second of the thread that reads, when Java has compiled what it runs.
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
    const { rounds, warmUpMs } = extent;
    const options = ['-cp', classPath, 'penstock.frames.ReadingSpeed', file, String(rounds), String(warmUpMs)];
    const { code, output } = await ended('java', options);
    const line = /^\{.*\}$/m.exec(output)?.[0];
    if (code !== 0 || line === undefined) throw new Error(`the reader in Java ended with ${code}: ${output}`);
    const figures = JSON.parse(line) as { readonly two_fields: number; readonly decode: number };
    const details = { events: records.length, frame_bytes: frame.length };
    return {
      frames_read_java_two_fields: single(figures.two_fields, 'events/s', details),
      frames_read_java_decode: single(figures.decode, 'events/s', details),
    };
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
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
