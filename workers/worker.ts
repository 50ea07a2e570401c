/**
 * One worker thread: a single long task whose loop makes one native call per stage and batch.
 */
import { receiveMessageOnPort } from 'node:worker_threads';
import { Compressor } from '../native/codecs.js';
import type { EnrichmentPlan } from '../native/enrich.js';
import { FramePacker } from '../native/frames.js';
import { connectPatterns } from '../native/patterns.js';
import {
  batchCodec,
  batchHeaderBytes,
  createPipeline,
  framePlace,
  frameTailBytes,
  nativeListener,
  type Pipeline,
  paddingBytes,
  Turn,
} from '../native/pipeline.js';
import { pinThread } from '../native/threads.js';
import { BatchTarget } from './batch-target.js';
import { workerMark } from './mark.js';
import { Control, Hold, type WorkerChange, type WorkerMessage, type WorkerPlan, type WorkerTask } from './plan.js';

const idleWaitUs = 200_000;
const retryWaitUs = 100_000;
/** Open batches described at once: buffers are added one at a time, so this is a bound on their number. */
const describedBatchesMax = 1024;

/** Runs until told to stop; resolves when all that was in its rings is committed. */
export default function work({ plan, port }: WorkerTask): void {
  if (plan.cpu >= 0) pinThread(plan.cpu);
  const control = new Int32Array(plan.control);
  const info = new Uint32Array(describedBatchesMax * 3);
  const alive = control.subarray(Control.alive, Control.alive + 1);
  const pipeline = createPipeline(plan.pipeline, { ...plan, alive }, info, plan.lane);
  try {
    const tell = (message: WorkerMessage) => port.postMessage(message);
    takeFormats(pipeline, plan.formats ?? null);
    takeEnrichment(pipeline, plan.enrichment ?? null);
    const changed = (version: number) => tell({ type: 'changed', version, mark: workerMark(plan, pipeline) });
    let version = plan.version;
    const lookForChanges = () => {
      if (Atomics.load(control, Control.version) === version) return;
      for (let received = receiveMessageOnPort(port); received; received = receiveMessageOnPort(port)) {
        const change = received.message as WorkerChange;
        if (change.formats !== undefined) takeFormats(pipeline, change.formats);
        if (change.enrichment !== undefined) takeEnrichment(pipeline, change.enrichment);
        for (const [i, listener] of change.listeners?.entries() ?? [])
          pipeline.setListener(i, nativeListener(listener));
        version = change.version;
        changed(version);
      }
    };
    changed(version);
    loop(plan, pipeline, info, control, { tell, lookForChanges });
  } finally {
    pipeline.close();
  }
}

const noFormats = new Uint8Array();

/** @throws when the plan is damaged: it was compiled and tried on the main thread */
function takeFormats(pipeline: Pipeline, formats: Uint8Array | null): void {
  connectPatterns();
  const problem = pipeline.setPacks(formats ?? noFormats);
  if (problem !== '') throw new Error(problem);
}

/** @throws when a table is damaged: it was checked on the main thread */
function takeEnrichment(pipeline: Pipeline, enrichment: EnrichmentPlan | null): void {
  const problem = pipeline.setEnrichment(enrichment);
  if (problem !== '') throw new Error(problem);
}

interface Main {
  tell(message: WorkerMessage): void;
  /** Takes what main has changed since the last look. */
  lookForChanges(): void;
}

function loop(plan: WorkerPlan, pipeline: Pipeline, info: Uint32Array, control: Int32Array, main: Main): void {
  const closer = new GroupCloser(plan, pipeline, info);
  const stopping = () => Atomics.load(control, Control.stop) === 1;

  closer.addBuffer();
  for (;;) {
    main.lookForChanges();
    closer.target.take(Atomics.load(control, Control.batchPackedBytes), Atomics.load(control, Control.batchBytesMax));
    const lingerUs = Atomics.load(control, Control.lingerUs) || plan.lingerMs * 1000;
    const turn = pipeline.run(stopping() ? 0 : idleWaitUs, closer.target.bytes, lingerUs);
    if (turn === Turn.needsBuffer) closer.addBuffer();
    else if (turn === Turn.due) {
      closer.seal();
      Atomics.store(control, Control.batchBytes, closer.target.bytes);
      if (!commit(pipeline, control, main)) return;
      if (plan.lane === null) continue; // nothing is in a journal: nobody waits to read it
      Atomics.store(control, Control.committed, 1);
      if (Atomics.exchange(control, Control.told, 1) === 0) main.tell({ type: 'committed' });
    } else if (stopping() && pipeline.describe() === 0) return;
  }
}

/** False: told to stop while the lane cannot be written; what is in the rings stays there, unacknowledged. */
function commit(pipeline: Pipeline, control: Int32Array, { tell, lookForChanges }: Main): boolean {
  let failed = 0;
  for (;;) {
    const hold = Atomics.load(control, Control.hold);
    if (hold === Hold.drop) {
      pipeline.discard();
      break;
    }
    if (hold === Hold.off) {
      const errno = pipeline.commit();
      if (errno === 0) break;
      if (failed !== errno) tell({ type: 'commit-failed', errno });
      failed = errno;
    }
    if (Atomics.load(control, Control.stop) === 1) return false;
    lookForChanges();
    sleep(retryWaitUs);
  }
  if (failed !== 0) tell({ type: 'commit-recovered' });
  return true;
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
function sleep(us: number): void {
  Atomics.wait(sleeper, 0, 0, us / 1000);
}

/** Keeps the batch buffers and compresses a group's batches. */
class GroupCloser {
  readonly #raw: Uint8Array[] = [];
  readonly #compressed: Uint8Array[] = [];
  readonly #compressor: Compressor | null;
  readonly #packer: FramePacker | null;
  readonly #codec: number;
  readonly target: BatchTarget;

  constructor(
    readonly plan: WorkerPlan,
    readonly pipeline: Pipeline,
    readonly info: Uint32Array,
  ) {
    const { codec, level } = plan.compression;
    this.#codec = batchCodec[codec];
    this.target = new BatchTarget(plan.batchPackedBytes, plan.batchBytes);
    const frames = plan.pipeline.encoding === 'frames';
    this.#compressor = codec === 'none' || frames ? null : new Compressor(codec, level);
    this.#packer = codec === 'none' || !frames ? null : new FramePacker(codec === 'zstd' ? level : undefined);
  }

  addBuffer(): void {
    const raw = new Uint8Array(this.plan.bufferBytes + paddingBytes);
    this.#raw.push(raw);
    // Never larger than the plain form: a batch that does not shrink is sent as it is.
    if (this.#compressor || this.#packer) this.#compressed.push(new Uint8Array(this.plan.bufferBytes));
    this.pipeline.addBuffer(raw);
  }

  seal(): void {
    const batches = this.pipeline.describe();
    for (let i = 0; i < batches; i++) {
      if (this.plan.pipeline.encoding === 'frames') {
        this.#sealFrame(i);
        continue;
      }
      const buffer = this.info[3 * i] as number;
      const bytes = this.info[3 * i + 1] as number;
      const out = this.#compressed[buffer];
      const packed =
        this.#compressor && out
          ? this.#compressor.compressInto(
              this.#raw[buffer] as Uint8Array,
              batchHeaderBytes,
              bytes,
              out,
              batchHeaderBytes,
            )
          : -1;
      const shrank = packed >= 0 && packed < bytes;
      this.target.observe(bytes, shrank ? packed : bytes);
      if (!shrank) this.pipeline.seal(i, batchCodec.none, undefined, bytes);
      else this.pipeline.seal(i, this.#codec, out, packed);
    }
  }

  /** A frame's sections are compressed one by one; its batch is not. */
  #sealFrame(i: number): void {
    const buffer = this.info[3 * i] as number;
    const bytes = this.pipeline.endFrame(i);
    const out = this.#compressed[buffer];
    const raw = this.#raw[buffer] as Uint8Array;
    const packed =
      this.#packer && out
        ? this.#packer.packInto(raw, framePlace, bytes, out, framePlace, out.length - frameTailBytes)
        : -1;
    this.target.observe(bytes, packed < 0 ? bytes : packed);
    if (packed < 0) this.pipeline.seal(i, batchCodec.none, undefined, bytes);
    else this.pipeline.seal(i, batchCodec.none, out, packed);
  }
}
