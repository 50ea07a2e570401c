/** Everything that `npm run bench` measures on its own product, by name, in the order of the report. */
import { benchAcknowledgement } from './acknowledgement.js';
import { benchAdaptiveStep } from './adaptive-step.js';
import { benchDrain, benchRecovery } from './backlog.js';
import { benchIdle, benchLatency, benchMemory } from './behaviour.js';
import { countAllocations, countCollections, countInstructions, countSystemCalls } from './counts.js';
import { benchEndToEnd, endToEnd } from './e2e.js';
import { benchFrames } from './frames.js';
import { benchFrameReading } from './frames-read.js';
import { benchFrameReadingInJava } from './frames-read-java.js';
import { benchRecordedFrames } from './frames-recorded.js';
import { benchKernels } from './kernels.js';
import type { Figures } from './lib/figures.js';
import { benchLimits } from './limits.js';
import { benchRatio, ratios } from './ratios.js';
import { benchSmallFrames } from './small-frames.js';
import { benchStages } from './stages.js';
import { benchUdp, benchUdpLoss, udpTests } from './udp.js';

export interface Job {
  readonly name: string;
  /** The figures it makes are `name`, or begin with one of these. */
  readonly makes: readonly string[];
  run(): Promise<Figures>;
}

/** `quick`: none takes more than 10 s on a machine that is otherwise idle, but idling itself, which is measured when the start is over. `folder`: for inputs and what else is made. */
export function makeJobs(quick: boolean, folder: string): Job[] {
  const extent = quick
    ? { pairs: 2, seconds: 0.25, warmUpSeconds: 0.25, folder }
    : { pairs: 5, seconds: 1, warmUpSeconds: 8, folder };
  // A ratio near its target is told from noise only by more and longer pairs.
  const closely = quick ? extent : { ...extent, pairs: 9, seconds: 2 };
  const counts = { events: quick ? 200_000 : 2_000_000, kafka: !quick, folder };
  const udp = quick ? { pairs: 2, seconds: 0.2, within: 1.5, folder } : { pairs: 5, seconds: 1, within: 1.06, folder };
  const stages = quick
    ? { rounds: 2, warmUp: false, load: { count: 80_000 }, folder }
    : { rounds: 5, warmUp: true, load: { seconds: 1 }, folder };
  const job = (name: string, makes: readonly string[], run: () => Figures | Promise<Figures>): Job => {
    return { name, makes, run: async () => run() };
  };
  return [
    job('limits', ['limit_'], () => benchLimits(quick ? 200 : 500)),
    job('kernels', ['kernel_'], () => benchKernels(['syslog', 'ndjson'], quick ? 60 : 250)),
    ...(['syslog', 'ndjson'] as const).map((input) =>
      job(`frames_${input}`, [`frames_${input === 'ndjson' ? 'json' : input}_`], () =>
        benchFrames(input, quick ? 3 : 9),
      ),
    ),
    job('frames_dictionary', ['frames_4k_', 'frames_16k_'], () => benchSmallFrames(quick ? 3 : 9)),
    job('frames_recorded', ['frames_recorded_'], () => benchRecordedFrames(quick ? 2 : 5)),
    job('frames_read', ['frames_read_syslog_', 'frames_read_native_'], () =>
      benchFrameReading('syslog', quick ? 5 : 25),
    ),
    job('frames_read_json', ['frames_read_json_'], () => benchFrameReading('ndjson', quick ? 5 : 25)),
    job('frames_read_java', ['frames_read_java_'], () =>
      benchFrameReadingInJava('syslog', quick ? { rounds: 5, warmUpMs: 500 } : { rounds: 25, warmUpMs: 4000 }, folder),
    ),
    ...(['syslog', 'ndjson'] as const).map((input) =>
      job(`stages_${input}`, [`stage_${input}_`], () => benchStages(input, stages)),
    ),
    ...endToEnd.map((test) =>
      job(test.key, ['rss_full_load_bytes'], async () => {
        // To Kafka, the target is the ratio; and a short load has much of its beginning and its end in it.
        const figure = await benchEndToEnd(test, test.deliver === 'kafka' ? closely : extent);
        return { [test.key]: figure };
      }),
    ),
    ...udpTests.map((test) => job(test.key, [], () => benchUdp(test, udp))),
    job('udp_loss', ['udp_'], () => benchUdpLoss({ ...udp, seconds: quick ? 1 : 4 })),
    ...ratios.map((ratio) => job(ratio.key, [], () => benchRatio(ratio, closely))),
    job('adaptive_step', ['adaptive_step_'], () => {
      const seconds = quick
        ? { capacity: 1, calm: 1, step: 2, after: 2 }
        : { capacity: 4, calm: 10, step: 10, after: 30 };
      return benchAdaptiveStep(seconds, folder);
    }),
    job('acknowledgement', ['ack_'], () =>
      benchAcknowledgement(quick ? { rounds: 1, seconds: 1 } : { rounds: 5, seconds: 2 }),
    ),
    job('drain_ratio', ['drain_ratio_'], () => benchDrain({ seconds: quick ? 1 : 6, folder })),
    job('recovery_scan_gbs', [], () => benchRecovery({ bytes: (quick ? 128 : 512) << 20, rounds: 5 })),
    ...(['kafka', 'store'] as const).map((deliver) =>
      job(`latency_${deliver}`, [`latency_${deliver}_`], () => benchLatency(deliver, quick ? 2 : 4)),
    ),
    job('idle_cpu_percent', [], () => (quick ? benchIdle(5, 3) : benchIdle(45, 20))),
    job('memory', ['rss_one_worker_', 'rss_per_worker_'], () => benchMemory(quick ? 300_000 : 1_500_000, folder)),
    job('system_calls', ['system_calls_'], () => countSystemCalls(counts)),
    job('allocations', ['allocations_'], () => countAllocations(counts)),
    job('collections', ['js_heap_', 'gc_share_', 'context_switches_'], () => countCollections(counts)),
    job('instructions', ['instructions_'], () => countInstructions(counts)),
  ];
}

/** Those that make what is asked for: by their own name or a figure's. Throws a sentence when one of `names` is nothing. */
export function pickJobs(jobs: readonly Job[], names: readonly string[]): Job[] {
  const wanted = (job: Job, name: string) => job.name === name || job.makes.some((prefix) => name.startsWith(prefix));
  const unknown = names.filter((name) => !jobs.some((job) => wanted(job, name)));
  if (unknown.length > 0) {
    throw new Error(
      `${unknown.join(',')}: there is no such figure; there are ${jobs.map((job) => job.name).join(' ')}`,
    );
  }
  return jobs.filter((job) => names.some((name) => wanted(job, name)));
}
