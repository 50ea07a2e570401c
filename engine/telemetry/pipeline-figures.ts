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
  readonly listeners: readonly ListenerEvents[];
}

export interface ListenerEvents {
  readonly events: number;
  readonly failed: number;
  readonly bytes: number;
  /** Of the events, those that there would not be, were documents of many one each. */
  readonly split: number;
  /** Records that became part of the event before them. */
  readonly joined: number;
}

export function readPipelineFigures(blocks: readonly SharedArrayBuffer[], listenerCount: number): PipelineFigures {
  const layout = pipelineLayout();
  const sums = sumOf(blocks, 0, layout.count);
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
      return listenerEvents(sums.slice(at, at + layout.perListener));
    }),
  };
}

/** One of the totals alone: a small part of the work, for those who look often. */
export function readPipelineTotal(blocks: readonly SharedArrayBuffer[], name: string): number {
  const at = pipelineLayout().stats.indexOf(name);
  return at < 0 ? 0 : (sumOf(blocks, at, 1)[0] as number);
}

/** One listener alone. */
export function readListenerEvents(blocks: readonly SharedArrayBuffer[], listener: number): ListenerEvents {
  const { stats, problemSlots, perListener } = pipelineLayout();
  return listenerEvents(sumOf(blocks, stats.length + problemSlots + listener * perListener, perListener));
}

function listenerEvents([events = 0, failed = 0, bytes = 0, split = 0, joined = 0]: readonly number[]): ListenerEvents {
  return { events, failed, bytes, split, joined };
}

/** Counters from one on, over all workers. */
function sumOf(blocks: readonly SharedArrayBuffer[], at: number, count: number): number[] {
  const sums = new Array<number>(count).fill(0);
  for (const block of blocks) {
    const counters = new BigUint64Array(block, at * BigUint64Array.BYTES_PER_ELEMENT, count);
    for (let i = 0; i < count; i++) sums[i] = (sums[i] as number) + Number(counters[i]);
  }
  return sums;
}
