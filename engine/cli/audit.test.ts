/** `penstock audit` on real journals, and on such that something was done to. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { compact } from '../../adapters/sinks/store/compact.js';
import { readManifest, writeManifest } from '../../adapters/sinks/store/manifest.js';
import { LaneWriter } from '../../native/journal.js';
import { runAudit } from '../../test/support/audit.js';
import { temporaryDirectory, textBatch } from '../../test/support/journal.js';
import { SinkCursor } from '../journal/cursor.js';
import { LaneReader } from '../journal/lane-reader.js';
import { listSegments, makeLane, segmentHeaderBytes, segmentPath } from '../journal/segments.js';
import { writeBook } from '../telemetry/ledger-book.js';

interface Made {
  readonly data: string;
  readonly journal: string;
  readonly store: string;
  readonly deliver: string;
}

const delivered = 20; // of these
const dropped = 2;
const journaled = 60;

/** A data directory whose store has taken 20 of 60 events, in several segments. */
function make(t: TestContext): Made {
  const data = temporaryDirectory(t);
  const [journal, store] = [join(data, 'journal'), join(data, 'store')];
  const writer = new LaneWriter(makeLane(journal, 0), { segmentBytes: 4096 });
  for (let i = 0; i < journaled / 2; i++) writer.commitGroup([textBatch(`${i} ${'x'.repeat(200)}`, `${i} b`)]);
  writer.close();
  for (const folder of [store, join(data, 'sinks', 'main')]) mkdirSync(folder, { recursive: true });
  const cursor = new SinkCursor(journal, 'main');
  const reader = new LaneReader(journal, 0, null);
  let passed = 0;
  for (let batches = reader.read(); passed < delivered; batches = reader.read()) {
    for (const batch of batches) {
      if (passed === delivered) break;
      cursor.advance(batch.next, batch.count);
      passed += batch.count;
      if (passed === delivered) cursor.drop(0, dropped);
    }
  }
  reader.close();
  cursor.close();
  writeBook(journal, { atMs: Date.now(), closed: true, journaled: { main: journaled } });
  return { data, journal, store, deliver: `store:${store}?name=main` };
}

function found({ data, deliver }: Made): string {
  const { code, report } = runAudit(data, deliver);
  assert.deepEqual([code, report.verdict], [1, 'inconsistent']);
  return report.sinks.flatMap((sink) => sink.contradictions).join('\n');
}

test('an untouched journal is consistent, and every event has its place', (t) => {
  const { data, deliver } = make(t);
  const { code, report } = runAudit(data, deliver);
  assert.deepEqual([code, report.verdict], [0, 'consistent']);
  const [sink] = report.sinks;
  assert.deepEqual([sink?.journaled, sink?.delivered, sink?.dropped, sink?.waiting], [60, 18, 2, 40]);
});

test('a segment that a kill left without its header contradicts nothing, though the sink had gone on to it', (t) => {
  const { data, deliver, journal } = make(t);
  makeLane(journal, 2);
  writeFileSync(segmentPath(journal, 2, 7), '');
  const at = (offset: number): void => {
    const cursor = new SinkCursor(journal, 'main');
    cursor.advance({ lane: 2, segment: 7, offset });
    cursor.close();
  };
  at(segmentHeaderBytes);
  assert.deepEqual(runAudit(data, deliver).code, 0);
  at(segmentHeaderBytes + 100);
  assert.equal(runAudit(data, deliver).code, 1, 'what was taken of it cannot be gone');
});

test('what was done to the journal is found', (t) => {
  const planted: [what: string, plant: (journal: string, segments: number[]) => void, expected: RegExp][] = [
    [
      'the last segment removed',
      (journal, segments) => rmSync(segmentPath(journal, 0, segments.at(-1) ?? 0)),
      /60 events had been journaled by .*, and \d+ of them are gone/,
    ],
    [
      'a segment in the middle removed',
      (journal, segments) => rmSync(segmentPath(journal, 0, segments.at(-2) ?? 0)),
      /between segments \w+ and \w+ there are some missing/,
    ],
    [
      'the end cut off',
      (journal, segments) => truncateSync(segmentPath(journal, 0, segments.at(-1) ?? 0), 300),
      /events had been journaled .* are gone/,
    ],
    [
      'a byte of a waiting batch changed',
      (journal, segments) => {
        const path = segmentPath(journal, 0, segments.at(-2) ?? 0);
        const bytes = readFileSync(path);
        bytes[300] = (bytes[300] ?? 0) ^ 1;
        writeFileSync(path, bytes);
      },
      /bytes in 1 places are damaged, with 2 events or more/,
    ],
    [
      'everything up to behind the cursor removed',
      (journal, segments) => {
        for (const segment of segments.slice(0, -1)) rmSync(segmentPath(journal, 0, segment));
      },
      /were deleted before they were delivered/,
    ],
    [
      'everything from the cursor on removed',
      (journal, segments) => {
        for (const segment of segments.slice(1)) rmSync(segmentPath(journal, 0, segment));
      },
      /ends with segment \w+, and the sink has delivered up to \w+/,
    ],
  ];
  for (const [what, plant, expected] of planted) {
    const made = make(t);
    const segments = listSegments(made.journal, 0);
    assert.ok(segments.length >= 4);
    plant(made.journal, segments);
    assert.match(found(made), expected, what);
  }
});

test('what was done to the store is found', async (t) => {
  const setUp = async (): Promise<Made> => {
    const made = make(t);
    const { store, journal } = made;
    await compact({ store, journal, retention: { days: 0, bytes: 0 }, memoryBytes: 256 << 20 });
    assert.deepEqual(runAudit(made.data, made.deliver).report.sinks[0]?.contradictions, []);
    return made;
  };
  const removed = await setUp();
  const file = readManifest(removed.store)?.files[0];
  rmSync(join(removed.store, file?.path ?? ''));
  assert.match(found(removed), /part-\w+\.parquet is missing, with 60 events/);

  const changed = await setUp();
  const manifest = readManifest(changed.store);
  assert.ok(manifest);
  writeManifest(changed.store, { ...manifest, files: manifest.files.map((part) => ({ ...part, events: 15 })) });
  assert.match(found(changed), /has 15 events by the manifest, and by itself: 60/);
  assert.match(found(changed), /holds or has forgotten 15 events, 3 fewer than it took/);
});

test('a sink that is no longer configured is still looked at; an empty directory is no fault', (t) => {
  const { data } = make(t);
  const { code, report } = runAudit(data, `store:${data}/other?name=other`);
  assert.deepEqual([code, report.sinks.map(({ sink, waiting }) => [sink, waiting])], [0, [['main', 40]]]);
  assert.match(report.sinks[0]?.notes.join() ?? '', /not among the sinks/);
  assert.equal(runAudit(temporaryDirectory(t), 'null:').code, 0);
});
