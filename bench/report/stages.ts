/**
 * (b) What each stage costs, peeled off one by one: differences between figures of one run, in ns per event. The stages in
 * front come from the kernels, those behind from end to end with one more stage each.
 */
import type { Figures } from '../lib/figures.js';

const steps = ['frame', 'parse', 'encode', 'batch'] as const;

/** Rows of a Markdown table; only the stages whose figures were measured. */
export function stageRows(figures: Figures): string[] {
  const inputs = ['syslog', 'ndjson'] as const;
  const costs = inputs.map((input) => stageCosts(input, figures));
  const names = [...(costs[0] ?? new Map()).keys()];
  const shown = (cost: number | undefined) => (cost === undefined ? '' : String(Math.round(cost)));
  return names.map((name) => `| ${name} | ${costs.map((cost) => shown(cost.get(name))).join(' | ')} |`);
}

function stageCosts(input: 'syslog' | 'ndjson', figures: Figures): Map<string, number> {
  const costs = new Map<string, number>();
  let before = 0;
  const add = (stage: string, total: number | undefined) => {
    if (total === undefined) return;
    costs.set(stage, total - before);
    before = total;
  };
  const perEvent = (key: string) => (figures[key] ? 1e9 / figures[key].value : undefined);
  for (const step of steps) add(step, figures[`kernel_${input}_${step}`]?.value);
  add('receive, rings, engine', perEvent(`${input}_tcp_plain_null`));
  add('compress', perEvent(`${input}_tcp_zstd_null`));
  add('journal, Kafka', perEvent(`${input}_tcp_zstd_kafka`));
  return costs;
}
