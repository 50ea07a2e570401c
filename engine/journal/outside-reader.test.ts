import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LaneWriter } from '../../native/journal.js';
import { projectRoot } from '../../native/load.js';
import { temporaryDirectory, textBatch } from '../../test/support/journal.js';
import { LaneReader } from './lane-reader.js';
import { listSegments, makeLane, segmentPath } from './segments.js';

// The Python reader shares no code with the writer: it holds the documentation to what is on disk.
test('a reader in another language finds the same batches', (t) => {
  if (spawnSync('python3', ['--version']).status !== 0) {
    t.diagnostic('python3 is not installed: nothing compared');
    return;
  }
  const journal = temporaryDirectory(t);
  const writer = new LaneWriter(makeLane(journal, 0));
  for (let i = 0; i < 12; i++) {
    const batches = Array.from({ length: i % 4 }, (_, k) => ({
      ...textBatch(`event ${i}.${k}`, 'x'.repeat(i * 90)),
      route: k,
      partition: i - 1,
      firstReceivedMs: 1_700_000_000_000 + i,
      eventTimesMs: Array.from({ length: i }, (_, n) => 1_600_000_000_000 + n),
    }));
    assert.equal(writer.commitGroup(batches, [[i % 3, i]]), 0);
  }
  writer.close();
  const [segment = 0] = listSegments(journal, 0);
  const path = segmentPath(journal, 0, segment);
  assert.equal(compare(journal, path), 18);

  const bytes = readFileSync(path);
  const second = new LaneReader(journal, 0, null).read()[1];
  const header = second?.position.offset ?? 0;
  bytes.writeUInt8(bytes.readUInt8(header + 30) ^ 255, header + 30); // one byte of a header, which is mended
  writeFileSync(path, bytes);
  assert.equal(compare(journal, path), 18);
  bytes.writeUInt8(bytes.readUInt8(header + 40) ^ 255, header + 40); // two of them, which is not
  bytes.writeUInt8(255, bytes.length - 700); // somewhere near the end
  writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(200, 1)]));
  assert.ok(compare(journal, path) >= 15);
});

/** Compares both readers' batches; answers their number. */
function compare(journal: string, path: string): number {
  const run = spawnSync('python3', [join(projectRoot, 'tools', 'journal_reader.py'), path], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  const theirs = run.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  const ours = new LaneReader(journal, 0, null).read().map((batch) => ({
    segment: batch.position.segment,
    offset: batch.position.offset,
    route: batch.route,
    partition: batch.partition,
    count: batch.count,
    bytes: batch.bytes.length,
    first_received_ns: batch.firstReceivedMs * 1e6,
    samples: batch.eventTimesMs().map((ms) => ms * 1e6),
    sha256: createHash('sha256').update(batch.bytes).digest('hex'),
  }));
  assert.deepEqual(
    theirs.map(({ group: _, ...rest }) => rest),
    ours,
  );
  return ours.length;
}
