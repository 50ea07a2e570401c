/** perf-reports/<date>-<commit>.json holds every number; perf-reports/README.md and the figures in the documents are the same to read. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../native/load.js';
import type { Figures } from '../lib/figures.js';
import type { Machine } from '../lib/machine.js';
import { page } from './page.js';

export interface Report {
  /** When the run began, ISO 8601. */
  readonly at: string;
  readonly machine: Machine;
  readonly commit: string;
  readonly figures: Figures;
  /** What could not be measured, and why. */
  readonly notes: readonly string[];
  /** How long each job took. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** The path of the JSON file. */
export function writeReport(report: Report): string {
  const folder = join(projectRoot, 'perf-reports');
  mkdirSync(folder, { recursive: true });
  const name = `${report.at.slice(0, 10)}-${report.commit.replace('+', '')}.json`;
  writeFileSync(join(folder, name), `${JSON.stringify(report, null, 1)}\n`);
  writeFileSync(join(folder, 'README.md'), page(report, name));
  execFileSync(process.execPath, ['tools/generate.mjs'], { cwd: projectRoot, stdio: 'pipe' });
  return `perf-reports/${name}`;
}
