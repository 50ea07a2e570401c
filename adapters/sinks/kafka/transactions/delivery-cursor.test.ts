import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeliveryCursor } from './delivery-cursor.js';

const at = (lane: number, segment: number, offset: number) => ({ lane, segment, offset });

test('a cursor covers what lies before it in its lane, also when it was written and read', () => {
  const cursor = new DeliveryCursor('a');
  cursor.advance(at(0, 3, 500));
  cursor.advance(at(0, 3, 400));
  cursor.advance(at(7, 1, 64));
  cursor.refused = [{ position: at(0, 3, 100), code: 'MESSAGE_TOO_LARGE', ranges: [[4, 2]] }];
  for (const one of [cursor, cursor.copy(), DeliveryCursor.parse(cursor.text())!]) {
    assert.equal(one.by, 'a');
    assert.deepEqual(
      [at(0, 3, 499), at(0, 3, 500), at(0, 2, 900), at(0, 4, 0), at(7, 1, 0), at(7, 1, 64), at(1, 0, 0)].map((place) =>
        one.covers(place),
      ),
      [true, false, true, false, true, false, false],
    );
    assert.deepEqual(one.refusedOf(at(0, 3, 100))?.ranges, [[4, 2]]);
    assert.equal(one.refusedOf(at(1, 3, 100)), undefined);
  }
});

test('it fits what Kafka keeps with an offset, whatever was refused; other text is no cursor', () => {
  const cursor = new DeliveryCursor('0123456789ab');
  for (let lane = 0; lane < 64; lane++) cursor.advance(at(lane, 4_000_000_000, 4_000_000_000));
  cursor.refused = Array.from({ length: 500 }, (_, i) => ({
    position: at(0, 1, i),
    code: 'INVALID_RECORD',
    ranges: [[0, 1]],
  }));
  const text = cursor.text();
  assert.ok(text.length <= 4096);
  const read = DeliveryCursor.parse(text)!;
  assert.ok(read.refused.length > 10 && read.covers(at(63, 4_000_000_000, 3_999_999_999)));
  for (const other of ['', '{}', 'null', '{"by":1,"lanes":[3],"refused":[]}', text.slice(0, -1)])
    assert.equal(DeliveryCursor.parse(other), null);
});
