import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EngineReadings } from '../readings.js';
import { ledger } from './ledger.js';

function readings(events: number, committed: number, ...sinks: Record<string, number>[]): EngineReadings {
  const spec = (id: string) => ({ id, url: `${id}:`, scheme: id, authority: '', path: '', options: {} });
  return {
    state: 'running',
    startedMs: 0,
    listeners: [],
    pipeline: { totals: { events, events_committed: committed }, problems: {}, listeners: [] },
    rings: [],
    workers: 1,
    workerRestarts: 0,
    laneErrors: new Map(),
    journal: null,
    journalFull: false,
    sinks: sinks.map((figures, i) => ({ spec: spec(`s${i}`), ready: true, detail: '', figures })),
  };
}

test('everything delivered: nothing is unaccounted for', () => {
  const book = ledger(readings(10, 10, { taken_events_total: 10, delivered_events_total: 10 }));
  assert.equal(book.unaccounted, 0);
  assert.equal(book.sinks[0]?.inJournal, 0);
});

test('events wait in the journal, in flight, or as dead letters', () => {
  const figures = {
    taken_events_total: 7,
    delivered_events_total: 4,
    in_flight_events: 2,
    dead_lettered_events_total: 1,
  };
  const book = ledger(readings(10, 10, figures, { taken_events_total: 0 }));
  assert.deepEqual(
    book.sinks.map(({ inJournal, inFlight, deadLettered, unaccounted }) => [
      inJournal,
      inFlight,
      deadLettered,
      unaccounted,
    ]),
    [
      [3, 2, 1, 0],
      [10, 0, 0, 0],
    ],
  );
  assert.equal(book.unaccounted, 0);
});

test('a backlog of an earlier run is delivered without being received', () => {
  const figures = { taken_events_total: 15, backlog_events_total: 5, delivered_events_total: 15 };
  assert.equal(ledger(readings(10, 10, figures)).unaccounted, 0);
});

test('a loss shows, wherever it happens', () => {
  const whole = { taken_events_total: 10, delivered_events_total: 10 };
  assert.equal(ledger(readings(10, 9, { ...whole, taken_events_total: 9, delivered_events_total: 9 })).unaccounted, 1);
  assert.equal(ledger(readings(10, 10, { ...whole, delivered_events_total: 8 })).unaccounted, 2, 'taken and nowhere');
  assert.equal(ledger(readings(10, 10, { ...whole, delivered_events_total: 11 })).unaccounted, 1, 'delivered twice');
  assert.equal(
    ledger(readings(10, 10, { taken_events_total: 12, delivered_events_total: 12 })).unaccounted,
    2,
    'delivered and never committed',
  );
});
