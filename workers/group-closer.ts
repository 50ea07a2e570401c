import { CompressionFigures } from '../engine/telemetry/compression-block.js';
import type { Samples } from '../native/frames.js';
import { batchCodec, describedWords, type Pipeline, paddingBytes, pipelineLayout } from '../native/pipeline.js';
import { BatchTarget } from './batch-target.js';
import { BatchPacker } from './compression/batch-packer.js';
import { SampleSchedule } from './compression/sample-schedule.js';
import { WorkerLevel } from './compression/worker-level.js';
import type { RouteDictionary, WorkerPlan } from './plan.js';

/** Keeps the batch buffers of one worker and compresses a group's batches. */
export class GroupCloser {
  readonly #raw: Uint8Array[] = [];
  readonly #packed: Uint8Array[] = [];
  readonly #frames: boolean;
  readonly #level: WorkerLevel;
  readonly #packer: BatchPacker;
  readonly target: BatchTarget;
  readonly #sampling: SampleSchedule;

  constructor(
    readonly plan: WorkerPlan,
    readonly pipeline: Pipeline,
    readonly info: Uint32Array,
  ) {
    this.#frames = plan.pipeline.encoding === 'frames';
    this.target = new BatchTarget(plan.batchPackedBytes, plan.batchBytes);
    const figures = new CompressionFigures(plan.compressionFigures);
    this.#level = new WorkerLevel(plan.compression, loadOf(plan), figures);
    this.#packer = new BatchPacker(plan.compression, this.#frames, this.#level, figures);
    this.#sampling = new SampleSchedule(plan.sampling.intervalMs);
    if (plan.sampling.intervalMs > 0) this.#packer.keepSamples();
    if (plan.dictionaries) this.#packer.useDictionaries(plan.dictionaries);
  }

  addBuffer(): void {
    const raw = new Uint8Array(this.plan.bufferBytes + paddingBytes);
    this.#raw.push(raw);
    // Never larger than the plain form: a batch that does not shrink is sent as it is.
    this.#packed.push(new Uint8Array(this.#packer.active ? this.plan.bufferBytes : 0));
    this.pipeline.addBuffer(raw);
  }

  /** Between groups: follows the worker's load. */
  look(): void {
    this.#packer.look();
  }

  /** Small frames are compressed with these from now on, and with no others. */
  useDictionaries(dictionaries: readonly RouteDictionary[]): void {
    this.#packer.useDictionaries(dictionaries);
  }

  /** What a new dictionary may be trained on, when it is time for it. */
  takeSamples(): Samples | null {
    const { intervalMs, countMin } = this.plan.sampling;
    if (intervalMs === 0) return null;
    return this.#sampling.next(performance.now(), (route) => this.#packer.takeSamples(route, countMin));
  }

  /** The worker waited so long for the journal. */
  held(ms: number): void {
    this.#level.held(ms);
  }

  seal(): void {
    const batches = this.pipeline.describe();
    for (let i = 0; i < batches; i++) {
      const at = i * describedWords;
      const buffer = this.info[at] as number;
      const bytes = this.#frames ? this.pipeline.endFrame(i) : (this.info[at + 1] as number);
      if (bytes === 0) {
        this.pipeline.seal(i, batchCodec.none, undefined, 0); // records that do not fit their listener's schema: no frame
        continue;
      }
      const raw = this.#raw[buffer] as Uint8Array;
      const out = this.#packed[buffer] as Uint8Array;
      const packed = this.#packer.pack({
        route: this.info[at + 3] as number,
        raw,
        bytes,
        out,
        bytesMax: this.target.deliverableBytes,
      });
      this.target.observe(bytes, packed < 0 ? bytes : packed);
      // A frame's sections are compressed one by one; its batch is not.
      if (packed < 0) this.pipeline.seal(i, batchCodec.none, undefined, bytes);
      else this.pipeline.seal(i, this.#packer.code, out, packed);
    }
  }
}

/** What the worker's own counters say of its load. */
function loadOf(plan: WorkerPlan) {
  const counters = new BigUint64Array(plan.stats);
  const { stats } = pipelineLayout();
  const [slept, unread] = [stats.indexOf('slept_us'), stats.indexOf('unread_permille')];
  return {
    sleptUs: () => Number(counters[slept]),
    backlog: () => Number(counters[unread]) / 1000,
  };
}
