/** (b) The table of what each stage costs. */
import type { Figure, Figures } from '../lib/figures.js';
import { stageNames } from '../stages.js';

const inputs = ['syslog', 'ndjson'] as const;

/** Rows of a Markdown table, and a last one with the sum; none when no stage was measured. */
export function stageRows(figures: Figures): string[] {
  const measured = stageNames.filter((stage) => inputs.some((input) => figures[`stage_${input}_${stage}`]));
  const rows = measured.map((stage) => {
    const cells = inputs.map((input) => cell(figures[`stage_${input}_${stage}`]));
    return `| ${measured[0] === stage ? '' : '+ '}${stage} | ${cells.join(' | ')} |`;
  });
  return rows;
}

function cell(figure: Figure | undefined): string {
  if (!figure) return ' | ';
  const { spread_ns: spread, with_all_before_ns: total } = figure.details ?? {};
  return `${Math.round(figure.value)} ± ${Math.round(Number(spread))} | ${Math.round(Number(total))}`;
}
