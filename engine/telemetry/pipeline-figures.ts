/**
 * Reads the workers' counters from shared memory, summed over workers. Called when metrics are scraped, never per event.
 */
import { pipelineLayout } from '../../native/pipeline.js';

export interface PipelineFigures {
  /** By the names of native/src/pipeline/pipeline_stats.h. */
  readonly totals: Readonly<Record<string, number>>;
  /** Events by problem label, zeros left out. */
  readonly problems: Readonly<Record<string, number>>;
  /** Events by format pack, by counter (engine/formats/load.ts names them); zeros left out. */
  readonly packs: ReadonlyMap<number, number>;
  /** Events by rule that they fit; the last stands for all others. */
  readonly rules: readonly number[];
  /** By listener index. */
  readonly listeners: readonly {
    readonly events: number;
    readonly failed: number;
    readonly bytes: number;
    /** Of the events, those that there would not be, were documents of many one each. */
    readonly split: number;
    /** Records that became part of the event before them. */
    readonly joined: number;
  }[];
}

export function readPipelineFigures(blocks: readonly SharedArrayBuffer[], listenerCount: number): PipelineFigures {
  const layout = pipelineLayout();
  const sums = new Array<number>(layout.count).fill(0);
  for (const block of blocks) {
    const counters = new BigUint64Array(block, 0, layout.count);
    for (let i = 0; i < layout.count; i++) sums[i] = (sums[i] as number) + Number(counters[i]);
  }
  const problemsAt = layout.stats.length;
  const listenersAt = problemsAt + layout.problemSlots;
  const packsAt = listenersAt + layout.listenerSlots * layout.perListener;
  const rulesAt = packsAt + layout.packSlots;
  const problems: Record<string, number> = {};
  layout.problems.forEach((label, i) => {
    const count = sums[problemsAt + i] as number;
    if (count > 0) problems[label] = count;
  });
  return {
    totals: Object.fromEntries(layout.stats.map((name, i) => [name, sums[i] as number])),
    problems,
    packs: new Map(
      Array.from({ length: layout.packSlots }, (_, i) => [i, sums[packsAt + i] as number] as const).filter(
        ([, count]) => count > 0,
      ),
    ),
    rules: sums.slice(rulesAt, rulesAt + layout.ruleSlots),
    listeners: Array.from({ length: listenerCount }, (_, i) => {
      const at = listenersAt + i * layout.perListener;
      const [events = 0, failed = 0, bytes = 0, split = 0, joined = 0] = sums.slice(at, at + layout.perListener);
      return { events, failed, bytes, split, joined };
    }),
  };
}
