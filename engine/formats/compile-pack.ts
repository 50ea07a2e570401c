/** One pack → rows of the plan. What is wrong with names, types and patterns is found here. */
import { blockRefusal } from './block-refusal.js';
import { type Code, StepCompiler } from './compile-steps.js';
import type { PackFile, PackProblem, SharedSteps } from './pack-file.js';
import { none, type PlanWriter } from './plan-writer.js';
import { problemReporter } from './problem-lines.js';
import { Variables } from './variables.js';

export interface PackSource {
  readonly pack: PackFile;
  readonly file: string;
  readonly text: string;
  /** What its steps include, by folder. */
  readonly shared: ReadonlyMap<string, SharedSteps>;
  /** The build took it: native code need not be asked about its blocks again. */
  readonly built?: boolean;
}

export interface CompiledPack {
  /** By operation (place in the plan): what it is, for people. */
  readonly code: readonly Code[];
}

/** `packIndex`: of other packs, for `pack:` steps. */
export function compilePack(
  source: PackSource,
  counter: number,
  packIndex: (name: string) => number | undefined,
  plan: PlanWriter,
  problems: PackProblem[],
): CompiledPack {
  const { pack } = source;
  const report = problemReporter(source, problems);
  const variables = new Variables(pack.namespace, pack.rest, plan);
  const json = pack.recognise.filter((way) => way.json !== undefined).length;
  const compiler = new StepCompiler(plan, variables, packIndex, report, source.built ? () => '' : blockRefusal);
  const first = plan.size('ops');
  compiler.program(pack);
  const vars = variables.rows();
  const [varFirst, varCount] = plan.addAll('vars', vars);
  const splitPack = pack.split?.pack === undefined ? undefined : packIndex(pack.split.pack);
  if (pack.split?.pack !== undefined && splitPack === undefined)
    report(['split', 'pack'], 'there is no such pack', pack.split.pack);
  plan.add('packs', [
    plan.string(pack.name),
    plan.string(pack.namespace === '' ? '' : `${pack.namespace}.`),
    counter,
    varFirst,
    varCount,
    plan.table(variables.inputs()),
    first,
    ...plan.strings(pack.empty),
    (json === 0 ? 0 : json === pack.recognise.length ? 3 : 1) + (pack.envelope ? 4 : 0),
    ...plan.addAll('picks', variables.picks()),
    ...plan.strings(pack.split?.array ?? []),
    splitPack ?? none,
    ...plan.strings((pack.unwind ?? []).flatMap((keys, i) => (i === 0 ? keys : ['#*', ...keys]))),
    ...plan.strings(pack.rest.flatMap(([from, to]) => [from, `${pack.namespace}.${to}`])),
  ]);
  if (varCount > variablesMax) report(['steps'], `a pack has at most ${variablesMax} variables; it has ${varCount}`);
  return { code: compiler.code };
}

export const variablesMax = 512;
export { none };
