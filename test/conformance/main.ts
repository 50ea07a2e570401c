/**
 * The conformance board. Usage: npm run test:conformance [-- --write | --show TEXT]
 * --write: what is reached becomes what the test demands (and docs/conformance.md follows by `npm run generate`)
 * --show: fields that are not right, of products whose name has the text
 */
import { writeFileSync } from 'node:fs';
import { type Board, boardPath, committedBoard, type Finding, makeBoard, type Score } from './board/board.js';

const shownMax = 40;

function main(args: readonly string[]): number {
  const at = args.indexOf('--show');
  const wanted = at < 0 ? undefined : (args[at + 1] ?? '');
  const findings: Finding[] = [];
  const board = makeBoard((finding) => findings.push(finding));
  if (wanted !== undefined) show(findings.filter(({ product }) => product.includes(wanted)));
  print(board);
  if (args.includes('--write')) writeFileSync(boardPath, `${JSON.stringify(board, null, 1)}\n`);
  const worse = drops(board, committedBoard());
  for (const line of worse) console.log(`worse than the board: ${line}`);
  return worse.length === 0 ? 0 : 1;
}

function print(board: Board): void {
  for (const [source, scores] of Object.entries(board)) {
    const total: Score = { events: 0, recognised: 0, right: 0, wrong: 0, missing: 0 };
    for (const [product, score] of Object.entries(scores)) {
      for (const key of Object.keys(total) as (keyof Score)[]) total[key] += score[key];
      console.log(`${source} ${product.padEnd(28)} ${line(score)}`);
    }
    console.log(`${source} ${'all'.padEnd(28)} ${line(total)}`);
  }
}

function line({ events, recognised, right, wrong, missing }: Score): string {
  const all = right + wrong + missing;
  const percent = (n: number) => `${((100 * n) / Math.max(all, 1)).toFixed(1)} %`.padStart(7);
  return `${recognised}/${events} events, ${all} fields: right${percent(right)}, wrong${percent(wrong)}, missing${percent(missing)}`;
}

function drops(board: Board, committed: Board): string[] {
  return Object.entries(committed).flatMap(([source, scores]) =>
    Object.entries(scores).flatMap(([product, before]) => {
      const now = board[source]?.[product];
      const worse = now === undefined || now.right < before.right || now.wrong > before.wrong;
      return worse ? [`${source} ${product}: ${JSON.stringify(now)} instead of ${JSON.stringify(before)}`] : [];
    }),
  );
}

/** Each kind of finding once: the field, how often, and one example. */
function show(findings: readonly Finding[]): void {
  const kinds = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = `${finding.product} ${finding.field} ${finding.got === undefined ? 'missing' : 'wrong'} ${finding.pack}`;
    kinds.set(key, [...(kinds.get(key) ?? []), finding]);
  }
  const sorted = [...kinds].sort(([, a], [, b]) => b.length - a.length).slice(0, shownMax);
  for (const [key, [first, ...others]] of sorted) {
    const { expected, got, path, text } = first!;
    console.log(
      `${1 + others.length} × ${key}\n    ${JSON.stringify(expected)} ≠ ${JSON.stringify(got)}\n    ${path}: ${text.slice(0, 300)}`,
    );
  }
}

process.exitCode = main(process.argv.slice(2));
