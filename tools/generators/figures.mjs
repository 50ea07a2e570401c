// The measured figures in README.md and docs/operating/sizing.md, from the newest report in perf-reports/.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importTypeScript } from '../lib/import-ts.mjs';
import { root } from '../lib/run.mjs';

export const name = 'figures';

/** @returns {Promise<Map<string, string>>} path → content */
export async function generate() {
  const report = newest(join(root, 'perf-reports'));
  if (!report) return new Map();
  const { figuresBlock } = await importTypeScript('bench/report/readme.ts');
  const { sizingBlock } = await importTypeScript('bench/report/sizing.ts');
  return new Map([
    fill('README.md', 'figures', figuresBlock(report, 'perf-reports/README.md')),
    fill('docs/operating/sizing.md', 'sizing', sizingBlock(report)),
  ]);
}

/** Reports say when they began; the oldest of them did not yet, and go by name. */
export function newest(folder) {
  const reports = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({ file, report: JSON.parse(readFileSync(join(folder, file), 'utf8')) }));
  const order = ({ file, report }) => `${report.at ?? file.slice(0, 10)} ${file}`;
  return reports.sort((a, b) => (order(a) < order(b) ? -1 : 1)).at(-1)?.report;
}

function fill(path, mark, block) {
  const text = readFileSync(join(root, path), 'utf8');
  const [start, end] = [`<!-- ${mark}:start -->`, `<!-- ${mark}:end -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} has no ${start} … ${end}`);
  return [path, `${text.slice(0, from)}${start}\n${block}\n${text.slice(to)}`];
}
