/** All packs → one plan for the workers, and what tools need to speak of it. */
import { compilePack, type PackSource } from './compile-pack.js';
import type { Code } from './compile-steps.js';
import { firstBytes, type PackFile, type PackProblem, type Recognise } from './pack-file.js';
import { PlanWriter } from './plan-writer.js';

export interface CompiledFormats {
  readonly plan: Uint8Array;
  /** By index in the plan. */
  readonly packs: readonly PackFile[];
  /** By operation. */
  readonly code: ReadonlyMap<number, Code>;
}

const LiteralKind = { starts: 0, contains: 1, owns: 2 } as const;
const orderColumn = 6;
export const packsMax = 4096;

/**
 * Mistakes are added to `problems`; the plan is only of use when there are none. `counterOf`: a pack's place among the counters,
 * the same for the life of the process.
 */
export function compileFormats(
  sources: readonly PackSource[],
  counterOf: (name: string) => number,
  problems: PackProblem[],
): CompiledFormats {
  const ordered = [...sources].sort((a, b) => (a.pack.name < b.pack.name ? -1 : 1));
  const plan = new PlanWriter();
  const places = new Map(ordered.map(({ pack }, i) => [pack.name, i]));
  const code = new Map<number, Code>();
  for (const source of ordered) {
    const compiled = compilePack(source, counterOf(source.pack.name), (name) => places.get(name), plan, problems);
    for (const one of compiled.code) code.set(one.op, one);
  }
  addRecognition(
    plan,
    ordered.map(({ pack }) => pack),
  );
  return { plan: plan.bytes(), packs: ordered.map(({ pack }) => pack), code };
}

interface Candidate {
  readonly place: number;
  readonly rank: number;
  readonly way: Recognise;
}

/** Three decisions: by program, by the first byte of the text, and by that of a whole line; each a list of candidates, specific ones first. */
function addRecognition(plan: PlanWriter, packs: readonly PackFile[]): void {
  // Envelopes first: of what stands within another pack may find enough to take the whole for its own.
  const inOrder = packs.map((pack, index) => ({ pack, index }));
  inOrder.sort((a, b) => Number(b.pack.envelope ?? false) - Number(a.pack.envelope ?? false));
  const candidates = inOrder.flatMap(({ pack, index }) =>
    pack.recognise.map((way) => addCandidate(plan, pack, index, way)),
  );
  const byRank = [...candidates].sort((a, b) => a.rank - b.rank || a.place - b.place);
  const list = (chosen: readonly Candidate[]) =>
    plan.addAll(
      'lists',
      chosen.map(({ place }) => [place]),
    );
  addJsonKeys(plan, byRank);
  const apps = new Set(candidates.flatMap(({ way }) => way.app ?? []));
  for (const app of apps)
    plan.add('apps', [plan.string(app), ...list(byRank.filter(({ way }) => way.app?.includes(app)))]);
  for (const line of [false, true])
    for (let byte = 0; byte < 256; byte++)
      plan.add('first_bytes', list(byRank.filter(({ way }) => isOfText(way, line) && mayBegin(way, byte))));
}

/** By the first name of each way, since all of them stand in the object. */
function addJsonKeys(plan: PlanWriter, byRank: readonly Candidate[]): void {
  const json = byRank.filter(({ way }) => way.json !== undefined);
  // The more a way says, the earlier it is tried: what an object becomes does not depend on the order of its names.
  json.sort((a, b) => a.rank - b.rank || markCount(b.way) - markCount(a.way) || a.place - b.place);
  json.forEach(({ place }, order) => {
    plan.set('candidates', place, orderColumn, order);
  });
  const keys = new Map<string, number[][]>();
  for (const { place, way } of json) {
    const key = Object.keys(way.json ?? {}).find((name) => name !== 'message' && name !== '@timestamp') ?? '';
    keys.set(key, [...(keys.get(key) ?? []), [place]]);
  }
  for (const [key, places] of keys) plan.add('json_keys', [plan.string(key), ...plan.addAll('lists', places)]);
}

/** A value counts more than that there is one. */
function markCount({ json = {} }: Recognise): number {
  return Object.values(json).reduce((sum, values) => sum + (values.includes('*') ? 1 : 2), 0);
}

function addCandidate(plan: PlanWriter, pack: PackFile, index: number, way: Recognise): Candidate {
  const rank = pack.rank === 'specific' ? 0 : 1;
  const literals: [kind: number, texts: readonly string[]][] = [];
  if (way.starts) literals.push([way.owns ? LiteralKind.owns : LiteralKind.starts, way.starts]);
  if (way.contains) literals.push([LiteralKind.contains, way.contains]);
  for (const text of way.contains_all ?? []) literals.push([LiteralKind.contains, [text]]);
  const rows = literals.map(([kind, texts]) => [kind, ...plan.strings(texts)]);
  const marks = Object.entries(way.json ?? {}).map(([name, values]) => [plan.string(name), ...plan.strings(values)]);
  const place = plan.add('candidates', [
    index,
    rank,
    ...plan.addAll('literals', rows),
    ...plan.addAll('json_marks', marks),
    0,
  ]);
  return { place, rank, way };
}

function isOfText({ app, json, line }: Recognise, wholeLine: boolean): boolean {
  return app === undefined && json === undefined && (line === true) === wholeLine;
}

function mayBegin({ starts, first }: Recognise, byte: number): boolean {
  if (starts) return starts.some((text) => Buffer.from(text)[0] === byte);
  return firstBytes[first ?? 'any'](byte);
}
