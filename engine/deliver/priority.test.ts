import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import pino from 'pino';
import { LaneWriter } from '../../native/journal.js';
import { temporaryDirectory, textBatch } from '../../test/support/journal.js';
import { until } from '../../test/support/until.js';
import type { Sink, SinkSpec, StoredBatch } from '../contracts.js';
import { SinkCursor } from '../journal/cursor.js';
import { Journal } from '../journal/journal.js';
import { listSegments, priorityLane } from '../journal/segments.js';
import { SinkCount } from '../telemetry/sink-count.js';
import { Deliveries } from './deliveries.js';

const log = pino({ level: 'silent' });
const fail = (error: unknown): never => assert.fail(String(error));

/** Takes nothing until it is opened; then acknowledges in turn. */
class Gate implements Sink {
  readonly spec: SinkSpec = { id: 'gate', url: 'test:', scheme: 'test', authority: '', path: '', options: {} };
  readonly got: string[] = [];
  /** Under which number of a lane each was handed over. */
  readonly lanes = new Map<string, number>();
  readonly #waiting: (() => void)[] = [];
  isOpen = false;
  constructor(readonly inFlightBytesMax: number) {}
  async start(): Promise<void> {}
  deliver(batch: StoredBatch): Promise<void> {
    const name = /event \w+/.exec(batch.bytes.toString('latin1'))?.[0] ?? '';
    this.got.push(name);
    this.lanes.set(name, batch.position.lane);
    if (this.isOpen) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
  open(): void {
    this.isOpen = true;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
  forget(): void {}
  health = () => ({ ready: true, detail: '' });
  figures = () => ({});
  async stop(): Promise<void> {}
}

function open(directory: string, priority: boolean, segmentBytes = 1 << 20) {
  const journal = new Journal({ directory, segmentBytes, bytesMax: 0, priority });
  const { directory: lane } = journal.lanePlan(0);
  return { journal, writer: new LaneWriter(lane, { segmentBytes, boot: journal.boot }) };
}

async function setUp(t: TestContext, gate: Gate, priority = true, segmentBytes?: number) {
  const directory = temporaryDirectory(t);
  const { journal, writer } = open(directory, priority, segmentBytes);
  const deliveries = new Deliveries({ journal, sinks: [gate], log });
  deliveries.start(fail);
  return { directory, journal, writer, deliveries };
}

const event = (name: string, priority = false) => ({ ...textBatch(`event ${name}`, 'x'.repeat(900)), priority });

test('with a backlog, what has priority is handed over as soon as anything is', async (t) => {
  const gate = new Gate(4096);
  const { journal, writer, deliveries } = await setUp(t, gate);
  for (let i = 0; i < 200; i++) writer.commitGroup([event(`o${i}`)]);
  await until('three quarters of the room are full', () => gate.got.length === 3);
  for (let i = 0; i < 5; i++) writer.commitGroup([event(`o2${i}`), event(`p${i}`, true)]);
  deliveries.notify();
  await until('the last quarter is for what has priority', () => gate.got.length === 4);
  gate.open();
  await until('all is delivered', () => gate.got.length === 210);
  const places = [0, 1, 2, 3, 4].map((i) => gate.got.indexOf(`event p${i}`));
  assert.deepEqual(places, [3, 4, 5, 6, 7], 'first, and in their order');
  const rest = gate.got.filter((name) => name.startsWith('event o'));
  assert.deepEqual(
    rest,
    [...Array.from({ length: 200 }, (_, i) => `event o${i}`), ...[0, 1, 2, 3, 4].map((i) => `event o2${i}`)],
    'the rest in its own',
  );
  assert.equal(await deliveries.drain(2000), true);
  await deliveries.stop(100);
  writer.close();
  journal.close();
});

test('each is delivered once over restarts, with priority on or off', async (t) => {
  const directory = temporaryDirectory(t);
  const seen: string[] = [];
  let number = 0;
  const expected: string[] = [];
  for (const [run, priority] of [false, true, true, false, true].entries()) {
    const { journal, writer } = open(directory, priority);
    const gate = new Gate(1 << 20);
    gate.isOpen = run % 2 === 0;
    const deliveries = new Deliveries({ journal, sinks: [gate], log });
    deliveries.start(fail);
    for (let i = 0; i < 20; i++, number++) {
      writer.commitGroup([event(`e${number}`, priority && i % 3 === 0)]);
      expected.push(`event e${number}`);
    }
    deliveries.notify();
    if (gate.isOpen) {
      await until(`run ${run} has it all`, () => deliveries.delivery('gate')?.drained() === true);
      seen.push(...gate.got);
    } else await until(`run ${run} hands over and is never answered`, () => gate.got.length > 0);
    await deliveries.stop(0);
    writer.close();
    journal.close();
  }
  assert.deepEqual([...seen].sort(), [...expected].sort());
});

test('what had priority when it was stored is handed over as that by every later run, also by one without rules', async (t) => {
  const directory = temporaryDirectory(t);
  const first = open(directory, true);
  for (let i = 0; i < 10; i++) first.writer.commitGroup([event(`o${i}`), event(`p${i}`, true)]);
  first.writer.close(); // killed before it knew where to deliver to: no cursor says anything of priority
  first.journal.close();
  for (const priority of [false, true]) {
    const { journal, writer } = open(directory, priority);
    const gate = new Gate(1 << 20);
    const deliveries = new Deliveries({ journal, sinks: [gate], log });
    deliveries.start(fail);
    await until('all is handed over, nothing answered', () => gate.got.length === 20);
    await deliveries.stop(0);
    writer.close();
    journal.close();
    for (const [name, lane] of gate.lanes) assert.equal(lane, name.startsWith('event p') ? priorityLane(0) : 0, name);
  }
});

test('turned on while events flow: nothing twice, and the ledger counts each once', async (t) => {
  const gate = new Gate(1 << 20);
  gate.isOpen = true;
  const { directory, journal, writer, deliveries } = await setUp(t, gate, false);
  const delivery = deliveries.delivery('gate');
  assert.ok(delivery);
  const count = new SinkCount(directory, delivery.places(), delivery.passed(), () => null);
  writer.commitGroup([event('a'), event('b')]);
  deliveries.notify();
  await until('what came before is delivered', () => gate.got.length === 2);
  count.advance(delivery.places());
  deliveries.prioritise();
  for (let i = 0; i < 50; i++) writer.commitGroup([event(`c${i}`), event(`d${i}`, true)]);
  deliveries.notify();
  await until('the rest', () => gate.got.length === 102);
  assert.equal(new Set(gate.got).size, 102);
  assert.equal(await deliveries.drain(2000), true);
  while (!count.advance(delivery.places())) {}
  assert.deepEqual([count.committed, count.taken, count.waiting], [2 * 102, 2 * 102, 0]);
  assert.equal(delivery.figures().delivered_events_total, 2 * 102);
  count.close();
  await deliveries.stop(100);
  writer.close();
  journal.close();
  const cursor = new SinkCursor(directory, 'gate');
  assert.equal(cursor.passed(0) + cursor.passed(priorityLane(0)), 2 * 102);
  cursor.close();
});

test('segments are deleted when both sequences are through, also when only one of them has events', async (t) => {
  for (const which of ['ordinary', 'priority', 'both'] as const) {
    const gate = new Gate(1 << 20);
    gate.isOpen = true;
    const { directory, journal, writer, deliveries } = await setUp(t, gate, true, 16_384);
    for (let i = 0; i < 100; i++) {
      const priority = which === 'priority' || (which === 'both' && i % 2 === 0);
      writer.commitGroup([event(`e${i}`, priority)]);
    }
    assert.ok(listSegments(directory, 0).length > 4);
    deliveries.notify();
    await until('all is delivered', () => gate.got.length === 100);
    await until(`${which}: what is delivered is deleted`, () => listSegments(directory, 0).length === 1);
    await deliveries.stop(100);
    writer.close();
    journal.close();
  }
});

test('what is given up of a full journal is given up of both sequences, and counted', async (t) => {
  const gate = new Gate(2048);
  const { directory, journal, writer, deliveries } = await setUp(t, gate, true, 16_384);
  for (let i = 0; i < 60; i++) writer.commitGroup([event(`e${i}`, i % 2 === 0)]);
  await until('something is in flight', () => gate.got.length > 0);
  const segments = listSegments(directory, 0);
  assert.ok(segments.length > 3);
  const given = segments.slice(0, 2).map((segment) => ({ lane: 0, segment }));
  const dropped = deliveries.drop(given).get('gate') ?? 0;
  assert.ok(dropped > 20 && dropped < 100, `dropped ${dropped}`);
  gate.open();
  assert.equal(await deliveries.drain(5000), true);
  const figures = deliveries.delivery('gate')?.figures() ?? {};
  const total = (figures.delivered_events_total ?? 0) + (figures.dropped_events_total ?? 0);
  assert.equal(total, 120, 'delivered or given up');
  await deliveries.stop(100);
  writer.close();
  journal.close();
});
