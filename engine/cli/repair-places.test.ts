import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { LaneWriter } from '../../native/journal.js';
import { temporaryDirectory } from '../../test/support/journal.js';
import { Journal } from '../journal/journal.js';
import { LaneReader } from '../journal/lane-reader.js';
import { keyHash } from '../journal/murmur2.js';
import { makeBatch } from '../journal/records.js';
import { listSegments, makeLane, segmentPath } from '../journal/segments.js';
import { repairJournal } from './journal-repair.js';
import { RepairPlaces } from './repair-places.js';

const keyed = (key: string | null) =>
  makeBatch([{ timestampMs: 0, key: key === null ? null : Buffer.from(key), value: Buffer.from('v'), headers: [] }]);
const partitionOf = (key: string, partitions: number) => keyHash(Buffer.from(key)) % partitions;

test('keys hash as in the Java client', () => {
  // org.apache.kafka.common.utils.UtilsTest.testMurmur2
  const known = { '21': -973932308, foobar: -790332482, abc: 479470107, 'a-little-bit-longer-string': -1486304829 };
  for (const [key, hash] of Object.entries(known)) assert.equal(keyHash(Buffer.from(key)), hash & 0x7fffffff, key);
});

test('a key finds its partition among those of others; without enough of them, or a key, it is any', () => {
  for (const partitions of [1, 2, 3, 12, 100, 1000]) {
    const places = new RepairPlaces();
    for (let i = 0; i < 40; i++)
      places.note({ route: 3, partition: partitionOf(`host-${i}`, partitions), bytes: keyed(`host-${i}`) });
    for (const key of ['another', 'host-7', '']) {
      const found = places.placeOf(keyed(key));
      assert.deepEqual(
        found,
        { route: 3, partition: partitionOf(key, partitions), sure: true },
        `${partitions} ${key}`,
      );
    }
    assert.deepEqual(places.placeOf(keyed(null)), { route: 3, partition: -1, sure: true });
  }
  const few = new RepairPlaces();
  few.note({ route: 0, partition: partitionOf('a', 5), bytes: keyed('a') });
  assert.equal(few.placeOf(keyed('a'))?.partition, partitionOf('a', 5), 'the same key');
  assert.deepEqual(few.placeOf(keyed('b')), { route: 0, partition: -1, sure: false });
  // The number of partitions changed in between: no one number fits.
  const changed = new RepairPlaces();
  for (let i = 0; i < 40; i++)
    changed.note({ route: 0, partition: partitionOf(`h${i}`, i < 20 ? 5 : 7), bytes: keyed(`h${i}`) });
  assert.equal(changed.placeOf(keyed('b'))?.sure, false);
  changed.note({ route: 1, partition: -1, bytes: keyed(null) });
  assert.equal(changed.placeOf(keyed(null)), null, 'several routes');
});

test('repair gives a batch without its header the route and the partition it had', (t) => {
  const directory = temporaryDirectory(t);
  const journal = new Journal({ directory, segmentBytes: 1 << 20, bytesMax: 0 });
  const writer = new LaneWriter(makeLane(directory, 0), { boot: journal.boot, node: journal.identity.node });
  const keys = Array.from({ length: 40 }, (_, i) => `host-${i}`);
  for (const key of keys)
    writer.commitGroup([{ bytes: keyed(key), count: 1, route: 2, partition: partitionOf(key, 6) }]);
  writer.close();
  journal.close();
  const before = new LaneReader(directory, 0, null).read();
  const path = segmentPath(directory, 0, listSegments(directory, 0)[0] ?? 0);
  const lost = before[11] ?? assert.fail();
  writeFileSync(path, readFileSync(path).fill(0, lost.position.offset, lost.position.offset + 64));

  const report = repairJournal(directory);
  assert.deepEqual([report.events, report.places[0]?.eventsOfAnyPartition], [1, 0]);
  const reader = new LaneReader(directory, 0, null);
  const after = [];
  for (let read = reader.read(); read.length > 0; read = reader.read()) after.push(...read);
  reader.close();
  assert.equal(after.length, 40);
  const again = after.find(({ bytes }) => bytes.equals(lost.bytes)) ?? assert.fail();
  assert.deepEqual([again.route, again.partition], [2, lost.partition]);
});
