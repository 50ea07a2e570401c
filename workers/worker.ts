/**
 * One worker thread: a single long task whose loop makes one native call per stage and batch.
 */
import { receiveMessageOnPort } from 'node:worker_threads';
import type { EnrichmentPlan } from '../native/enrich.js';
import { connectPatterns } from '../native/patterns.js';
import { createPipeline, describedWords, nativeListener, type Pipeline, Turn } from '../native/pipeline.js';
import { pinThread } from '../native/threads.js';
import { GroupCloser } from './group-closer.js';
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
  const info = new Uint32Array(describedBatchesMax * describedWords);
  const alive = control.subarray(Control.alive, Control.alive + 1);
  const pipeline = createPipeline(plan.pipeline, { ...plan, alive }, info, plan.lane);
  try {
    const closer = new GroupCloser(plan, pipeline, info);
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
        if (change.dictionaries !== undefined) closer.useDictionaries(change.dictionaries);
        for (const [i, listener] of change.listeners?.entries() ?? [])
          pipeline.setListener(i, nativeListener(listener));
        version = change.version;
        changed(version);
      }
    };
    changed(version);
    loop(plan, pipeline, closer, control, { tell, lookForChanges });
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

function loop(plan: WorkerPlan, pipeline: Pipeline, closer: GroupCloser, control: Int32Array, main: Main): void {
  const stopping = () => Atomics.load(control, Control.stop) === 1;

  closer.addBuffer();
  for (;;) {
    main.lookForChanges();
    closer.look();
    const samples = closer.takeSamples();
    if (samples !== null) main.tell({ type: 'samples', samples });
    closer.target.take(Atomics.load(control, Control.batchPackedBytes), Atomics.load(control, Control.batchBytesMax));
    const lingerUs = Atomics.load(control, Control.lingerUs) || plan.lingerMs * 1000;
    const turn = pipeline.run(stopping() ? 0 : idleWaitUs, closer.target.bytes, lingerUs);
    if (turn === Turn.needsBuffer) closer.addBuffer();
    else if (turn === Turn.due) {
      closer.seal();
      Atomics.store(control, Control.batchBytes, closer.target.bytes);
      if (!commit(pipeline, control, main, closer)) return;
      if (plan.lane === null) continue; // nothing is in a journal: nobody waits to read it
      Atomics.store(control, Control.committed, 1);
      if (Atomics.exchange(control, Control.told, 1) === 0) main.tell({ type: 'committed' });
    } else if (stopping() && pipeline.describe() === 0) return;
  }
}

/** False: told to stop while the lane cannot be written; what is in the rings stays there, unacknowledged. */
function commit(
  pipeline: Pipeline,
  control: Int32Array,
  { tell, lookForChanges }: Main,
  closer: Pick<GroupCloser, 'held'>,
): boolean {
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
    closer.held(retryWaitUs / 1000);
  }
  if (failed !== 0) tell({ type: 'commit-recovered' });
  return true;
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
function sleep(us: number): void {
  Atomics.wait(sleeper, 0, 0, us / 1000);
}
