/** Mistakes found when a pack is compiled, with the lines they stand on. */
import { parseDocument } from 'yaml';
import type { PackProblem } from './pack-file.js';
import { type Path, Reader } from './reader.js';

export type Report = (path: Path, allowed: string, value?: unknown) => void;

export function problemReporter(file: string, text: string, problems: PackProblem[]): Report {
  let reader: Reader | undefined;
  return (path, allowed, value) => {
    reader ??= new Reader(file, text, parseDocument(text));
    reader.problem(path, allowed, value);
    problems.push(reader.problems.at(-1) as PackProblem);
  };
}
