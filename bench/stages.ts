/**
 * (b) Stages peeled off one by one: one process for each, the same load in turns, CPU time per event. What a stage costs is the
 * difference to the one before it within a round.
 */
import { join } from 'node:path';
import { projectRoot } from '../native/load.js';
import type { PipelinePlan } from '../native/pipeline.js';
import { inputFile } from './inputs/inputs.js';
import { delivered, ringsEmpty } from './lib/drained.js';
import { type Engine, type EngineStart, send, startEngine } from './lib/engine.js';
import { type Figure, type Figures, median } from './lib/figures.js';
import { dropTopic, newTopic } from './lib/kafka.js';
import { cpuSeconds } from './lib/process.js';

export type StageInput = 'syslog' | 'ndjson';

interface Step {
  readonly stage: string;
  readonly lastStage: PipelinePlan['lastStage'];
  readonly compression: 'none' | 'zstd';
  readonly deliver: string;
}

/** Each does what the one before it does, and its own. `journal` writes, reads back and hands to a sink that drops. */
const steps: readonly Step[] = [
  { stage: 'receive', lastStage: 'receive', compression: 'none', deliver: 'null:' },
  { stage: 'frame', lastStage: 'frame', compression: 'none', deliver: 'null:' },
  { stage: 'parse', lastStage: 'parse', compression: 'none', deliver: 'null:' },
  { stage: 'encode', lastStage: 'encode', compression: 'none', deliver: 'null:' },
  { stage: 'batch', lastStage: 'all', compression: 'none', deliver: 'null:' },
  { stage: 'compress', lastStage: 'all', compression: 'zstd', deliver: 'null:' },
  { stage: 'journal', lastStage: 'all', compression: 'zstd', deliver: 'null:?journal=true' },
  { stage: 'kafka', lastStage: 'all', compression: 'zstd', deliver: 'kafka' },
];

export const stageNames = steps.map(({ stage }) => stage);

export interface StageBench {
  readonly rounds: number;
  /** One more round before them, not counted. */
  readonly warmUp: boolean;
  /** Of each stage in each round, as `penstock send` takes it. */
  readonly load: { readonly seconds: number } | { readonly count: number };
  readonly folder: string;
}

/** Figures `stage_<input>_<stage>`, ns per event. */
export async function benchStages(input: StageInput, bench: StageBench): Promise<Figures> {
  const kafka = newTopic();
  const running = await Promise.all(steps.map((step) => StageRun.start(step, input, bench, kafka)));
  const { bootstrap, topic } = await kafka;
  try {
    if (bench.warmUp) for (const run of running) await run.measure();
    const rounds: number[][] = [];
    for (let round = 0; round < bench.rounds; round++) {
      const costs = new Map<StageRun, number>();
      // The order turns round: a machine that gets slower or faster favours neither end.
      for (const run of round % 2 === 0 ? running : running.toReversed()) costs.set(run, await run.measure());
      rounds.push(running.map((run) => costs.get(run) as number));
    }
    return stageFigures(input, rounds);
  } finally {
    await Promise.all(running.map((run) => run.engine.stop()));
    await dropTopic(bootstrap, topic);
  }
}

/** `rounds`: per round, what each stage and all before it cost. */
export function stageFigures(input: string, rounds: readonly (readonly number[])[]): Figures {
  const figures: Figures = {};
  stageNames.forEach((stage, i) => {
    const pairs = rounds.map((totals) => ({
      value: totals[i] as number,
      reference: i > 0 ? (totals[i - 1] as number) : 0,
    }));
    const costs = pairs.map((pair) => pair.value - pair.reference);
    const value = median(costs);
    const figure: Figure = {
      value,
      unit: 'ns/event',
      pairs,
      spread: (Math.max(...costs) - Math.min(...costs)) / 2 / Math.abs(value),
      reference: i > 0 ? `up to ${stageNames[i - 1]}` : 'nothing',
      details: {
        with_all_before_ns: Math.round(median(pairs.map((pair) => pair.value)) * 10) / 10,
        spread_ns: Math.round((Math.max(...costs) - Math.min(...costs)) * 5) / 10,
        rounds: rounds.length,
      },
    };
    figures[`stage_${input}_${stage}`] = figure;
  });
  return figures;
}

/** One process, and what it has been sent so far. */
class StageRun {
  #sent = 0;
  #bytes = 0;

  static async start(
    step: Step,
    input: StageInput,
    bench: StageBench,
    kafka: Promise<{ bootstrap: string; topic: string }>,
  ): Promise<StageRun> {
    const scheme = `${input}+tcp`;
    const deliver =
      step.deliver === 'kafka' ? await kafka.then((to) => `kafka://${to.bootstrap}/${to.topic}`) : step.deliver;
    const options: EngineStart = {
      env: { PENSTOCK_COMPRESSION: step.compression },
      command: [join(projectRoot, 'dist/bench/stage-process.js'), step.lastStage],
    };
    const load = { file: inputFile(input, bench.folder), connections: 4, ...bench.load };
    return new StageRun(step, await startEngine(scheme, deliver, options), scheme, load);
  }

  private constructor(
    readonly step: Step,
    readonly engine: Engine,
    readonly scheme: string,
    readonly load: Readonly<Record<string, string | number>>,
  ) {}

  /** Sends the load, waits until all of it has gone through; ns of CPU per event. */
  async measure(): Promise<number> {
    const { engine } = this;
    const before = cpuSeconds(engine.child.pid);
    const { sent, bytes } = await send(`${this.scheme}://${engine.address}`, this.load);
    this.#sent += sent;
    this.#bytes += bytes;
    if (this.step.lastStage === 'all') await delivered(engine, this.#sent);
    else await ringsEmpty(engine, this.#bytes);
    return ((cpuSeconds(engine.child.pid) - before) * 1e9) / sent;
  }
}
