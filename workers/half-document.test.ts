/** A document that a worker has half done, for want of a buffer, when packs and listeners change: it is ended by those it was begun with. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { compileFormats } from '../engine/formats/compile.js';
import { type PackProblem, problemText } from '../engine/formats/pack-file.js';
import { readPack } from '../engine/formats/read-pack.js';
import { RingFeeder } from '../engine/ring/feeder.js';
import { IoStats } from '../engine/ring/io-stats.js';
import { createDoorbell, createRing } from '../engine/ring/rings.js';
import { readPipelineTotal } from '../engine/telemetry/pipeline-figures.js';
import {
  createPipeline,
  describedWords,
  type ListenerPlan,
  nativeListener,
  type PipelinePlan,
  paddingBytes,
  pipelineLayout,
  Turn,
} from '../native/pipeline.js';

const alive = setInterval(() => undefined, 1000); // the feeder alone keeps no event loop alive
after(() => clearInterval(alive));

/** A plan of packs by name. */
function compiled(packs: Readonly<Record<string, string>>): Uint8Array {
  const problems: PackProblem[] = [];
  const names = Object.keys(packs);
  const sources = Object.entries(packs).flatMap(([name, body]) => {
    const text = `name: ${name}\ntitle: ${name}\n${body}`;
    const { pack, shared, problems: wrong } = readPack(`${name}/pack.yaml`, name, text);
    problems.push(...wrong);
    return pack ? [{ pack, file: `${name}/pack.yaml`, text, shared }] : [];
  });
  const { plan } = compileFormats(sources, (name) => names.indexOf(name), problems);
  assert.deepEqual(problems.map(problemText), []);
  return plan;
}

const begun = compiled({
  doors: "recognise:\n  - json: {doors: '*'}\nsplit: doors\nset: {event.provider: doors}\nsteps: []\n",
  step: "recognise:\n  - json: {step: '*'}\nset: {event.action: begun}\nsteps: []\n",
});
/** Documents do not come apart with these, and the first is another. */
const next = compiled({
  another: "recognise:\n  - json: {another: '*'}\nsteps: []\n",
  doors: "recognise:\n  - json: {doors: '*'}\nset: {event.provider: next}\nsteps: []\n",
  step: "recognise:\n  - json: {step: '*'}\nset: {event.action: next}\nsteps: []\n",
});

const listener: ListenerPlan = { format: 'json', source: 'test', route: 0, utcOffsetSeconds: 0, priority: [] };
const plan: PipelinePlan = {
  listeners: [listener],
  encoding: 'json',
  frameEvents: 1000,
  frameBytesMax: 1 << 20,
  partitioning: 'sticky',
  partitionField: '',
  partitions: 0,
  keepOriginal: 'never',
  eventHash: false,
  messageBytesMax: 1 << 20,
  jsonDepthMax: 64,
  documentEventsMax: 10_000,
  joinAudit: false,
  node: 1,
  boot: 1,
  schema: '12345678',
  schemaId: -1,
  fsyncIntervalMs: 0,
  lastStage: 'all',
};
const elements = 600;
const bufferBytes = 64 << 10;

function setUp() {
  const [ring, doorbell] = [createRing(1 << 20), createDoorbell()];
  const { count, unparsedBytes } = pipelineLayout();
  const stats = new SharedArrayBuffer(count * 8 + unparsedBytes);
  const info = new Uint32Array(64 * describedWords);
  const memory = { rings: [ring], ringIds: [0], doorbell, stats, alive: new Int32Array(new SharedArrayBuffer(4)) };
  const pipeline = createPipeline(plan, memory, info, null);
  const feeder = new RingFeeder({
    listeners: 1,
    messageBytesMax: 1 << 20,
    rings: [ring],
    doorbells: [doorbell],
    stats: new IoStats(1, 1),
  });
  const buffers: Uint8Array[] = [];
  const addBuffer = () => {
    buffers.push(new Uint8Array(bufferBytes + paddingBytes));
    pipeline.addBuffer(buffers.at(-1) as Uint8Array);
  };
  /** Works on until a group is due; the text of its records. */
  const group = (): string => {
    for (
      let turn = pipeline.run(1_000_000, 1 << 20, 1000);
      turn !== Turn.due;
      turn = pipeline.run(1_000_000, 1 << 20, 1000)
    )
      if (turn === Turn.needsBuffer) addBuffer();
    const batches = Array.from({ length: pipeline.describe() }, (_, i) => info.subarray(i * describedWords));
    const text = batches.map(([at = 0]) => Buffer.from(buffers[at] as Uint8Array).toString('latin1')).join('');
    assert.equal(pipeline.commit(), 0);
    for (const buffer of buffers) buffer.fill(0);
    return text;
  };
  const total = (name: string) => readPipelineTotal([stats], name);
  const deliver = (body: string) => {
    const connection = feeder.open(0, 'line', '192.0.2.1');
    void feeder.deliver(connection, 'line', Buffer.from(`${body}\n`), 'json').catch(() => {});
  };
  return { pipeline, feeder, addBuffer, group, total, deliver };
}

const times = (text: string, what: string): number => text.split(what).length - 1;
const document = JSON.stringify({
  doors: Array.from({ length: elements }, (_, i) => ({ step: `step-${i}-`, note: 'n'.repeat(200) })),
});

test('a document half done is ended by the packs and the listener it was begun with; the next one has the new', (t) => {
  const { pipeline, feeder, addBuffer, group, total, deliver } = setUp();
  t.after(() => {
    feeder.stop();
    pipeline.close();
  });
  assert.equal(pipeline.setPacks(begun), '');
  addBuffer();
  deliver(document);
  assert.equal(pipeline.run(1_000_000, 1 << 20, 1000), Turn.needsBuffer);
  assert.equal(total('documents_split'), 0, 'half done');

  assert.equal(pipeline.setPacks(next), '');
  pipeline.setListener(0, nativeListener({ ...listener, pack: 1 })); // doors, of the next packs
  const text = group();
  assert.deepEqual([total('events'), total('documents_split')], [elements, 1]);
  assert.deepEqual([times(text, '"begun"'), times(text, '"next"')], [elements, 0]);
  for (let i = 0; i < elements; i++) assert.equal(times(text, `"step-${i}-"`), 1, `element ${i}`);

  deliver('{"doors":[{"step":"one"},{"step":"two"}]}');
  const after = group();
  assert.deepEqual([total('events'), total('documents_split')], [elements + 1, 1]);
  assert.deepEqual([times(after, '"begun"'), times(after, '"provider":"next"')], [0, 1], after);
});
