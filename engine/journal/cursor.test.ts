import assert from 'node:assert/strict';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { smallDisk } from '../../test/support/small-disk.js';
import { readCursor, SinkCursor } from './cursor.js';

test('a cursor made before the disk was full goes on being saved', (t) => {
  const disk = smallDisk(t, '2M');
  if (disk === null) return t.skip('mounting is not permitted');
  const cursor = new SinkCursor(disk, 'kafka-events');
  assert.equal(readCursor(disk, 'kafka-events'), null);
  const filler = openSync(join(disk, 'filler'), 'w');
  try {
    for (;;) writeSync(filler, Buffer.alloc(4096));
  } catch {
    closeSync(filler);
  }
  for (let offset = 0; offset < 10; offset++) {
    cursor.advance({ lane: 0, segment: 3, offset });
    cursor.save(true);
    assert.equal(cursor.problem, '');
    assert.equal(readCursor(disk, 'kafka-events')?.get(0)?.position.offset, offset);
  }
  cursor.close();
  const next = new SinkCursor(disk, 'kafka-events');
  assert.deepEqual(next.position(0), { lane: 0, segment: 3, offset: 9 });
  next.close();
});
