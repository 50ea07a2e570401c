import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { LaneWriter } from '../../native/journal.js';
import { temporaryDirectory, textBatch } from '../../test/support/journal.js';
import type { ListenerSpec } from '../contracts.js';
import { LaneReader } from '../journal/lane-reader.js';
import { makeLane } from '../journal/segments.js';
import type { EngineReadings } from '../readings.js';
import { ledger } from './ledger.js';
import { LedgerWatch } from './ledger-watch.js';

const log = pino({ level: 'silent' });

/** Counters of an engine in which all is well, to be put wrong. */
class Engine {
  events = 0;
  committed = 0;
  chunksHanded = 0;
  chunksTaken = 0;
  depthBytes = 0;
  datagrams = 0;
  kernelDrops = 0;
  acknowledged = 0;
  workerRestarts = 0;
  sink: Record<string, number> = { taken_events_total: 0, delivered_events_total: 0 };

  receive(events: number): void {
    this.events += events;
    this.committed += events;
    this.datagrams += events;
    this.chunksHanded++;
    this.chunksTaken++;
  }
  deliver(events: number): void {
    this.sink.taken_events_total = (this.sink.taken_events_total ?? 0) + events;
    this.sink.delivered_events_total = (this.sink.delivered_events_total ?? 0) + events;
  }

  readings(watch?: LedgerWatch): EngineReadings {
    const listener = { url: 'syslog+udp://0.0.0.0:514', scheme: 'syslog+udp', index: 0 } as ListenerSpec;
    const { events, committed, chunksTaken } = this;
    const figures = {
      chunks_total: this.chunksHanded,
      datagrams_total: this.datagrams,
      kernel_drops_total: this.kernelDrops,
      acknowledged_events_total: this.acknowledged,
    };
    return {
      state: 'running',
      startedMs: 0,
      reloads: null,
      formerListeners: [],
      listeners: [{ spec: listener, port: 514, events, failed: 0, bytes: 0, split: 0, joined: 0, figures }],
      batching: { lingerMs: 5, targetBytes: 0 },
      compression: { codec: 'zstd', workers: [], routes: [], dictionaries: null },
      pipeline: {
        totals: { events, events_committed: committed, chunks: chunksTaken },
        problems: {},
        listeners: [{ events, failed: 0, bytes: 0, split: 0, joined: 0 }],
      },
      rings: [{ producer: 0, worker: 0, depthBytes: this.depthBytes, capacityBytes: 1 }],
      queues: [],
      workers: 1,
      workerRestarts: this.workerRestarts,
      laneErrors: new Map(),
      journal: null,
      journalFull: false,
      sinks: [
        {
          spec: { id: 's', url: 's:', scheme: 's', authority: '', path: '', options: {} },
          ready: true,
          detail: '',
          figures: this.sink,
        },
      ],
      ledger: watch?.state ?? { unaccounted: 0, checks: 0, breaches: 0, sinks: new Map() },
    } as unknown as EngineReadings;
  }
}

function watched(engine: Engine): LedgerWatch {
  return new LedgerWatch({ readings: () => engine.readings(), log, journal: null }, ['s']);
}

test('the terms by sink and by class of source', () => {
  const engine = new Engine();
  engine.receive(10);
  engine.kernelDrops = 3;
  engine.sink = {
    taken_events_total: 7,
    delivered_events_total: 4,
    in_flight_events: 2,
    dead_lettered_events_total: 1,
  };
  const book = ledger(engine.readings());
  const terms = { sink: 's', opening: 0, delivered: 4, deadLettered: 1, dropped: 0, inFlight: 2 };
  assert.deepEqual(book.sinks, [{ ...terms, committedBefore: 0, inJournal: 3 }]);
  engine.sink.committed_before_events = 2; // it came later: these are not for it
  assert.deepEqual(ledger(engine.readings()).sinks, [{ ...terms, committedBefore: 2, inJournal: 1 }]);
  assert.deepEqual([...book.bySource], [['syslog+udp', 10]]);
  assert.deepEqual(book.dropped[0], { source: 'syslog+udp', reason: 'kernel_buffer_full', events: 3 });
});

test('checks of an engine at work find nothing', () => {
  const engine = new Engine();
  const watch = watched(engine);
  for (let i = 1; i < 50; i++) {
    engine.receive(i);
    watch.check();
    engine.deliver(i);
    assert.deepEqual(watch.check(), []);
  }
  assert.deepEqual([watch.state.unaccounted, watch.state.breaches, watch.state.checks], [0, 0, 98]);
});

test('a loss at any boundary is found by the next check, counted and kept in view', () => {
  const losses: Record<string, (engine: Engine) => void> = {
    'chunks: receivers → workers': (engine) => engine.chunksHanded++,
    'events: cut from chunks → in committed batches': (engine) => engine.events--,
    'datagrams: read → events of syslog+udp://0.0.0.0:514 (0)': (engine) => engine.datagrams++,
    'events: of syslog+udp://0.0.0.0:514 (0) → acknowledged': (engine) => (engine.acknowledged = 11),
    's: taken, and neither delivered nor dead-lettered nor in flight': (engine) => engine.deliver(-1),
  };
  for (const [name, lose] of Object.entries(losses)) {
    const engine = new Engine();
    engine.receive(10);
    engine.sink = { taken_events_total: 10, delivered_events_total: 10 };
    const watch = watched(engine);
    assert.deepEqual(watch.check(), []);
    lose(engine);
    if (name.startsWith('s:')) engine.sink.taken_events_total = 10;
    watch.check();
    assert.ok(
      watch.check().some((sentence) => sentence === `${name}: 1`),
      `${name}: ${watch.check()}`,
    );
    assert.ok(watch.state.unaccounted > 0 && watch.state.breaches > 0);
  }
});

test('what rests in the rings is not lost', () => {
  const engine = new Engine();
  const watch = watched(engine);
  engine.chunksHanded++;
  engine.datagrams += 5;
  engine.depthBytes = 4096;
  watch.check();
  assert.deepEqual(watch.check(), []);
  engine.depthBytes = 0;
  watch.check();
  assert.equal(watch.check().length, 2);
});

test('events are counted in the journal itself, those of earlier runs apart', (t) => {
  const journal = temporaryDirectory(t);
  const write = (boot: number, events: number): LaneWriter => {
    const writer = new LaneWriter(makeLane(journal, 0), { boot });
    for (let i = 0; i < events; i++) writer.commitGroup([textBatch(`${i}`)]);
    return writer;
  };
  write(1, 5).close();
  const engine = new Engine();
  const reader = new LaneReader(journal, 0, null);
  const earlier = reader.read().at(-1)?.position ?? { lane: 0, segment: 0, offset: 0 };
  let place = earlier; // the sink begins at the last of the five
  const watch = new LedgerWatch(
    {
      readings: () => engine.readings(),
      log,
      journal: {
        directory: journal,
        endOfEarlierRuns: (lane) => ({ lane, segment: earlier.segment + 1, offset: 64 }),
        places: () => [{ lane: 0, position: place }],
        passed: () => 4,
      },
    },
    ['s'],
  );
  assert.deepEqual(watch.check(), []);
  assert.deepEqual(watch.state.sinks.get('s'), { opening: 1, waiting: 1 });

  const writer = write(2, 3);
  engine.receive(3);
  assert.deepEqual(watch.check(), []);
  assert.deepEqual(watch.state.sinks.get('s'), { opening: 1, waiting: 4 });
  const [batch] = reader.read();
  place = batch?.position ?? place;
  engine.deliver(1);
  assert.deepEqual(watch.check(), []);
  assert.deepEqual(watch.state.sinks.get('s'), { opening: 1, waiting: 3 });

  engine.deliver(1); // says so, and its place did not move
  assert.deepEqual(watch.check(), ['s: taken, against what its places in the journal say: 1']);
  engine.deliver(-1);
  engine.receive(2); // counted as committed, and not in the journal
  assert.deepEqual(watch.check(), ['s: committed and not in the journal: 2']);
  writer.close();
  watch.close();
});

test('what earlier runs had journaled must be there at the next start', (t) => {
  const journal = temporaryDirectory(t);
  const writer = new LaneWriter(makeLane(journal, 0));
  for (let i = 0; i < 5; i++) writer.commitGroup([textBatch(`${i}`)]);
  writer.close();
  const start = (passed: number): LedgerWatch => {
    const engine = new Engine();
    const from = {
      directory: journal,
      endOfEarlierRuns: (lane: number) => ({ lane, segment: 2 ** 52, offset: 64 }),
      places: () => [{ lane: 0, position: null }],
      passed: () => passed,
    };
    return new LedgerWatch({ readings: () => engine.readings(), log, journal: from }, ['s']);
  };
  const first = start(10);
  assert.deepEqual(first.check(), []);
  first.finish();
  first.close();
  const same = start(10);
  assert.deepEqual(same.check(), []);
  same.close();
  const less = start(8);
  assert.deepEqual(less.check(), ['s: journaled by earlier runs and gone: 2']);
  assert.deepEqual(less.check(), ['s: journaled by earlier runs and gone: 2'], 'stays in view');
  less.close();
});

test('the end tells all that waits, also of a backlog that the checks have not counted to its end', (t) => {
  const journal = temporaryDirectory(t);
  const writer = new LaneWriter(makeLane(journal, 0));
  for (let i = 0; i < 20; i++) writer.commitGroup(Array.from({ length: 1000 }, () => textBatch('x')));
  writer.close();
  const engine = new Engine();
  const from = {
    directory: journal,
    endOfEarlierRuns: (lane: number) => ({ lane, segment: 2 ** 52, offset: 64 }),
    places: () => [{ lane: 0, position: null }],
    passed: () => 0,
  };
  const watch = new LedgerWatch({ readings: () => engine.readings(), log, journal: from }, ['s']);
  assert.deepEqual(watch.check(), []);
  assert.equal(watch.state.sinks.get('s')?.opening, null, 'it is counted in steps');
  watch.finish();
  assert.deepEqual(watch.state.sinks.get('s'), { opening: 20_000, waiting: 20_000 });
  watch.close();
});
