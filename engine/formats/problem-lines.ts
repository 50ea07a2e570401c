/** Mistakes found when a pack is compiled, with the lines they stand on. */
import { includedPath } from './include-steps.js';
import type { PackProblem, SharedSteps } from './pack-file.js';
import { type Path, Reader } from './reader.js';

export type Report = (path: Path, allowed: string, value?: unknown) => void;

interface Source extends SharedSteps {
  readonly shared: ReadonlyMap<string, SharedSteps>;
}

export function problemReporter(source: Source, problems: PackProblem[]): Report {
  const readers = new Map<string, Reader>();
  const readerOf = (path: Path): Reader => {
    const included = includedPath(path);
    const { file, text } = source.shared.get(included?.folder ?? '') ?? source;
    const reader = readers.get(file) ?? new Reader(file, text, included?.prefix);
    readers.set(file, reader);
    return reader;
  };
  return (path, allowed, value) => {
    const reader = readerOf(path);
    reader.problem(path, allowed, value);
    problems.push(reader.problems.at(-1) as PackProblem);
  };
}
