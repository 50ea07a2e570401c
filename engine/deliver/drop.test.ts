import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import pino from 'pino';
import { LaneWriter } from '../../native/journal.js';
import { temporaryDirectory, textBatch } from '../../test/support/journal.js';
import { until } from '../../test/support/until.js';
import type { JournalPosition, Sink, StoredBatch } from '../contracts.js';
import { DeliveryError } from '../errors.js';
import { Journal } from '../journal/journal.js';
import { listSegments } from '../journal/segments.js';
import { Deliveries } from './deliveries.js';

const fail = (error: unknown): never => assert.fail(String(error));
const log = pino({ level: 'silent' });

interface Handed {
  readonly batch: StoredBatch;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Answers when the test does; takes `inFlightBytesMax` at a time. */
function sinkOf(id: string, handed: Handed[], holds?: (lane: number) => JournalPosition | null): Sink {
  return {
    spec: { id, url: 'test:', scheme: 'test', authority: '', path: '', options: {} },
    inFlightBytesMax: 4000,
    start: async () => {},
    deliver: (batch) => new Promise((resolve, reject) => handed.push({ batch, resolve, reject })),
    forget: () => {},
    ...(holds && { holds }),
    health: () => ({ ready: true, detail: '' }),
    figures: () => ({}),
    stop: async () => {},
  };
}

/** Twenty events of 1,700 bytes, two to a segment; the limit takes half of them. */
function full(t: TestContext, ...sinks: Sink[]) {
  const journal = new Journal({ directory: temporaryDirectory(t), segmentBytes: 4096, bytesMax: 20_000 });
  const plan = journal.lanePlan(0);
  const writer = new LaneWriter(plan.directory, { segmentBytes: plan.segmentBytes, boot: journal.boot });
  for (let i = 0; i < 20; i++) writer.commitGroup([textBatch(`${i}`.padStart(1700))]);
  const deliveries = new Deliveries({ journal, sinks, log });
  t.after(async () => {
    await deliveries.stop(0);
    writer.close();
    journal.close();
  });
  return { journal, deliveries, figures: (id: string) => deliveries.figures().get(id) ?? {} };
}

test('the oldest are given up: counted, passed over by every sink, deleted; what is newer goes on', async (t) => {
  const [dead, live]: [Handed[], Handed[]] = [[], []];
  const { journal, deliveries, figures } = full(t, sinkOf('dead', dead), sinkOf('live', live));
  deliveries.start(fail);
  await until('both have what they can take', () => dead.length === 2 && live.length === 2);
  const before = listSegments(journal.directory, 0);
  const excess = journal.excess(true, 0);
  assert.ok(excess.length >= 4 && excess.length < before.length);
  const dropped = deliveries.drop(excess);
  assert.deepEqual([...dropped.values()], [2 * excess.length, 2 * excess.length]);
  for (const id of ['dead', 'live']) {
    const f = figures(id);
    assert.equal(f.in_flight_events, 2, 'what was in flight is, until its sink has taken it or not');
    assert.equal(f.dropped_events_total, 2 * excess.length - 2);
    assert.equal(f.taken_events_total, 2 * excess.length);
  }
  await until('they are deleted', () => listSegments(journal.directory, 0).length === before.length - excess.length);
  assert.equal(journal.overLimit(), false);
  assert.deepEqual(journal.excess(true, 0), []);

  // What was in flight arrives after all at one sink, and is refused at the other.
  live[0]?.resolve();
  live[1]?.reject(new DeliveryError('retry', 'TEST', 'not now'));
  for (let i = 2; i < 22 - 2 * excess.length; i++) {
    await until(`batch ${i}`, () => live.length > i);
    live[i]?.resolve();
  }
  await until('all else is delivered', () => figures('live').in_flight_events === 0);
  const f = figures('live');
  assert.equal(f.dropped_events_total, 2 * excess.length - 1);
  assert.equal(f.delivered_events_total, 20 - 2 * excess.length + 1);
  assert.equal(f.taken_events_total, 20);
  assert.equal(f.dead_lettered_events_total, 0);
});

test('what a sink keeps in the journal as its own is not given up', async (t) => {
  const handed: Handed[] = [];
  const { journal, deliveries } = full(
    t,
    sinkOf('store', handed, () => null),
  );
  deliveries.start(fail);
  await until('it is handed over', () => handed.length > 0);
  assert.equal(deliveries.drop(journal.excess(true, 0)).size, 0);
});

test('too old is what was last written to before the age; the last segment never is', async (t) => {
  const { journal } = full(t, sinkOf('a', []));
  assert.deepEqual(journal.excess(false, 60_000), []);
  await until('the figures are measured anew', () => journal.excess(false, 1).length > 0);
  const segments = listSegments(journal.directory, 0);
  assert.deepEqual(
    journal.excess(false, 1).map(({ segment }) => segment),
    segments.slice(0, -1),
  );
});
