import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import pino from 'pino';
import { LaneWriter } from '../../native/journal.js';
import { temporaryDirectory, textBatch } from '../../test/support/journal.js';
import { until } from '../../test/support/until.js';
import type { JournalPosition, Sink, SinkSpec, StoredBatch } from '../contracts.js';
import { DeliveryError } from '../errors.js';
import { positionText, readDeadLetters } from '../journal/dead-letter.js';
import { Journal } from '../journal/journal.js';
import { readBatchRecords } from '../journal/records.js';
import { listSegments } from '../journal/segments.js';
import { Breakers } from './breakers.js';
import { Deliveries } from './deliveries.js';

const log = pino({ level: 'silent' });

/** Keeps what it is handed until the test answers. */
class ScriptedSink implements Sink {
  readonly spec: SinkSpec;
  readonly handed: { batch: StoredBatch; resolve: () => void; reject: (error: Error) => void }[] = [];
  readonly forgotten: JournalPosition[] = [];
  auto = false;
  starts: Promise<void> = Promise.resolve();
  constructor(
    id: string,
    readonly inFlightBytesMax = 1 << 20,
  ) {
    this.spec = { id, url: 'test:', scheme: 'test', authority: '', path: '', options: {} };
  }
  start(): Promise<void> {
    return this.starts;
  }
  deliver(batch: StoredBatch): Promise<void> {
    return new Promise((resolve, reject) => {
      this.handed.push({ batch, resolve, reject });
      if (this.auto) resolve();
    });
  }
  forget(position: JournalPosition): void {
    this.forgotten.push(position);
  }
  health() {
    return { ready: true, detail: '' };
  }
  figures() {
    return {};
  }
  async stop(): Promise<void> {}
}

const fail = (error: unknown): never => assert.fail(String(error));

function open(directory: string, segmentBytes = 1 << 20, priority = false) {
  const journal = new Journal({ directory, segmentBytes, bytesMax: 0, priority });
  const writers = [0, 1].map((lane) => {
    const plan = journal.lanePlan(lane);
    return new LaneWriter(plan.directory, { lane, segmentBytes, boot: journal.boot });
  });
  return { journal, writers };
}

function setUp(t: TestContext, ...sinks: ScriptedSink[]) {
  const directory = temporaryDirectory(t);
  const { journal, writers } = open(directory);
  const deliveries = new Deliveries({ journal, sinks, log });
  return { directory, journal, writers, deliveries };
}

test('delivers in order per lane, advances over contiguous acknowledgements, resumes there', async (t) => {
  const sink = new ScriptedSink('a');
  const { directory, journal, writers, deliveries } = setUp(t, sink);
  for (let i = 0; i < 6; i++) for (const writer of writers) writer.commitGroup([textBatch(`event ${i}`)]);
  deliveries.start(fail);
  await until('all are handed over without waiting', () => sink.handed.length === 12);
  const ofLane = (lane: number) => sink.handed.filter(({ batch }) => batch.position.lane === lane);
  const offsets = ofLane(0).map(({ batch }) => batch.position.offset);
  assert.deepEqual(
    offsets,
    [...offsets].sort((x, y) => x - y),
  );
  for (const i of [0, 1, 3, 5]) ofLane(0)[i]?.resolve();
  for (const entry of ofLane(1)) entry.resolve();
  writers[0]?.commitGroup([textBatch('while running')]);
  deliveries.notify();
  await until('a new group is seen', () => sink.handed.length === 13);
  await deliveries.stop(100);
  for (const writer of writers) writer.close();
  journal.close();

  const again = new ScriptedSink('a');
  again.auto = true;
  const second = open(directory);
  const next = new Deliveries({ journal: second.journal, sinks: [again], log });
  next.start(fail);
  await until('the rest is delivered', () => again.handed.length === 5);
  await new Promise((resolve) => setTimeout(resolve, 120));
  assert.deepEqual(
    again.handed.map(({ batch }) => batch.position.offset),
    [...offsets.slice(2), sink.handed[12]?.batch.position.offset],
  );
  await next.stop(100);
  second.journal.close();
});

test('many small batches are bounded by their number, and handed over as others are done', async (t) => {
  const sink = new ScriptedSink('a', 1 << 30);
  const { journal, writers, deliveries } = setUp(t, sink);
  const small = textBatch('x');
  for (let i = 0; i < 20; i++) writers[0]?.commitGroup(Array.from({ length: 1000 }, () => small));
  deliveries.start(fail);
  await until('as many as may be', () => sink.handed.length >= 16_384);
  assert.equal(sink.handed.length, 16_384);
  sink.auto = true;
  for (const { resolve } of [...sink.handed].reverse()) resolve();
  await until('all are handed over', () => sink.handed.length === 20_000);
  await until('nothing is in flight', () => deliveries.delivery('a')?.inFlightBytes === 0);
  assert.equal(deliveries.delivery('a')?.passed(), 20_000);
  await deliveries.stop(100);
  for (const writer of writers) writer.close();
  journal.close();
});

test('keeps within the bytes in flight; a dead sink holds up nobody but keeps its segments', async (t) => {
  const directory = temporaryDirectory(t);
  const { journal, writers } = open(directory, 8192);
  const dead = new ScriptedSink('dead', 5000);
  const live = new ScriptedSink('live', 5000);
  live.auto = true;
  for (let i = 0; i < 20; i++) writers[0]?.commitGroup([textBatch('x'.repeat(2000))]);
  const deliveries = new Deliveries({ journal, sinks: [dead, live], log });
  deliveries.start(fail);
  await until('the live sink has all', () => live.handed.length === 20);
  assert.equal(dead.handed.length, 2);
  await until('the live sink may forget', () => live.forgotten.length > 0);
  const segments = listSegments(directory, 0).length;
  await new Promise((resolve) => setTimeout(resolve, 1100));
  assert.equal(listSegments(directory, 0).length, segments);
  dead.auto = true;
  for (const { resolve } of dead.handed) resolve();
  await until('the dead sink came back', () => dead.handed.length === 20);
  await until('delivered segments are deleted', () => listSegments(directory, 0).length === 1);
  await deliveries.stop(100);
  journal.close();
});

test('what is refused for ever becomes a dead letter; other failures are tried again', async (t) => {
  const sink = new ScriptedSink('a');
  const observed: number[] = [];
  const directory = temporaryDirectory(t);
  const { journal, writers } = open(directory);
  const deliveries = new Deliveries({
    journal,
    sinks: [sink],
    log,
    onDelivered: (_, batch) => observed.push(batch.count),
  });
  const refused = textBatch('poison', 'and more');
  writers[0]?.commitGroup([refused, textBatch('fine')]);
  deliveries.start(fail);
  await until('both are handed over', () => sink.handed.length === 2);
  sink.handed[0]?.reject(new DeliveryError('never', 'MESSAGE_TOO_LARGE', 'too large for the topic'));
  sink.handed[1]?.reject(new Error('surprise'));
  await until('the second is tried again', () => sink.handed.length === 3);
  sink.handed[2]?.resolve();
  await until('it is delivered', () => observed.length === 1);
  const figures = deliveries.figures().get('a');
  assert.equal(figures?.delivered_events_total, 1);
  assert.equal(figures?.dead_lettered_events_total, 2);
  assert.equal(figures?.in_flight_bytes, 0);
  await deliveries.stop(100);
  const letters = [...readDeadLetters(directory, 'a')];
  assert.deepEqual(
    letters.map(({ record }) => record),
    readBatchRecords(refused.bytes),
  );
  for (const { reason } of letters) {
    assert.deepEqual([reason.sink, reason.code, reason.form], ['a', 'MESSAGE_TOO_LARGE', 'record']);
    assert.equal(reason.message, 'too large for the topic');
    assert.equal(reason.position, positionText(sink.handed[0]!.batch.position));
  }
  assert.ok(existsSync(join(directory, 'cursor-a')));
  journal.close();
});

test('of a batch refused in part only that part becomes a dead letter', async (t) => {
  const sink = new ScriptedSink('a');
  const { directory, journal, writers, deliveries } = setUp(t, sink);
  writers[0]?.commitGroup([textBatch('fine', 'poison', 'fine too')]);
  deliveries.start(fail);
  await until('it is handed over', () => sink.handed.length === 1);
  const { batch, reject } = sink.handed[0]!;
  const part = { ...batch, ...textBatch('poison') };
  const refused = [{ batch: part, code: 'MESSAGE_TOO_LARGE', message: 'too large for the topic' }];
  reject(new DeliveryError('never', 'MESSAGE_TOO_LARGE', '1 of its events', { refused }));
  await until('it is a dead letter', () => deliveries.figures().get('a')?.dead_lettered_events_total === 1);
  assert.equal(deliveries.figures().get('a')?.delivered_events_total, 2);
  assert.equal(deliveries.figures().get('a')?.in_flight_events, 0);
  await deliveries.stop(100);
  assert.deepEqual(
    [...readDeadLetters(directory, 'a')].map(({ record }) => String(record.value)),
    ['poison'],
  );
  journal.close();
});

test('the loop costs little per batch', async (t) => {
  const sink = new ScriptedSink('a', 64 << 20);
  sink.auto = true;
  const { journal, writers, deliveries } = setUp(t, sink);
  const batch = textBatch('y'.repeat(20_000));
  for (let i = 0; i < 400; i++) writers[0]?.commitGroup(Array.from({ length: 10 }, () => batch));
  const before = process.cpuUsage();
  deliveries.start(fail);
  await until('all are delivered', () => sink.handed.length === 4000);
  const used = process.cpuUsage(before);
  const microseconds = (used.user + used.system) / 4000;
  t.diagnostic(`${microseconds.toFixed(1)} µs of CPU per batch of 20 KB, reading included`);
  assert.ok(microseconds < 300);
  await deliveries.stop(100);
  journal.close();
});

test('while the breaker is open nothing is handed over; its probe is one batch; the other sink goes on', async (t) => {
  const directory = temporaryDirectory(t);
  const { journal, writers } = open(directory);
  const failing = new ScriptedSink('failing');
  const live = new ScriptedSink('live');
  live.auto = true;
  // A probe that is not answered counts as lost after this time, and another goes: longer than this process may stand still.
  const settings = { failures: 1, afterMs: 0, probeMs: 3000 };
  const breakers = new Breakers(settings, log, () => deliveries.notify());
  const deliveries = new Deliveries({ journal, sinks: [failing, live], log, breakerOf: (id) => breakers.of(id) });
  for (let i = 0; i < 3; i++) writers[0]?.commitGroup([textBatch(`event ${i}`)]);
  deliveries.start(fail);
  await until('all are handed over', () => failing.handed.length === 3);
  for (const { reject } of failing.handed.splice(0)) reject(new DeliveryError('wait', 'DOWN', 'down'));
  await until('the breaker is open', () => breakers.of('failing').state !== 'closed');
  for (let i = 0; i < 5; i++) writers[0]?.commitGroup([textBatch(`later ${i}`)]);
  deliveries.notify();
  await until('the other sink has all', () => live.handed.length === 8);
  await until('one probe goes', () => failing.handed.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(failing.handed.length, 1);
  assert.equal(breakers.of('failing').state, 'half_open');
  failing.auto = true;
  failing.handed[0]?.resolve();
  await until('the rest follows', () => failing.handed.length === 8);
  assert.equal(breakers.of('failing').state, 'closed');
  await deliveries.stop(100);
  for (const writer of writers) writer.close();
  journal.close();
});

test('a crash between a dead letter and the saved cursor does not make it two', async (t) => {
  const first = new ScriptedSink('a');
  const directory = temporaryDirectory(t);
  const { journal, writers } = open(directory);
  for (const texts of [['fine'], ['poison', 'worse'], ['later']]) writers[0]?.commitGroup([textBatch(...texts)]);
  // The cursor stays at the first batch, which is not acknowledged: what a kill leaves behind.
  const deliveries = new Deliveries({ journal, sinks: [first], log });
  deliveries.start(fail);
  await until('all are handed over', () => first.handed.length === 3);
  const { batch } = first.handed[1]!;
  const refused = [{ batch: { ...batch, ...textBatch('poison') }, code: 'INVALID_RECORD', message: 'bad' }];
  first.handed[1]?.reject(new DeliveryError('never', 'INVALID_RECORD', 'bad', { refused }));
  await until('it is a dead letter', () => deliveries.figures().get('a')?.dead_lettered_events_total === 1);
  await deliveries.stop(100);
  for (const writer of writers) writer.close();
  journal.close();

  const second = open(directory);
  const again = new ScriptedSink('a');
  const next = new Deliveries({ journal: second.journal, sinks: [again], log });
  next.start(fail);
  await until('all are handed over again', () => again.handed.length === 3);
  for (const i of [1, 2]) again.handed[i]?.reject(new DeliveryError('never', 'INVALID_RECORD', 'bad'));
  again.handed[0]?.resolve();
  await until('refused again, and more of it', () => next.figures().get('a')?.dead_lettered_events_total === 3);
  await next.stop(100);
  assert.deepEqual(
    [...readDeadLetters(directory, 'a')].map(({ record }) => String(record.value)),
    ['poison', 'worse', 'later'],
  );
  for (const writer of second.writers) writer.close();
  second.journal.close();
});
