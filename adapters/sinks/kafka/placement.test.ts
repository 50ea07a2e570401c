import assert from 'node:assert';
import { test } from 'node:test';
import { pino } from 'pino';
import type { StoredBatch } from '../../../engine/contracts.js';
import { type BatchItem, newItem } from './batch-item.js';
import type { BrokerLinks } from './broker-links.js';
import { Placement } from './placement.js';
import type { SinkHost } from './sink-host.js';

function setUp() {
  const replaced: BatchItem[] = [];
  const host = {
    firstSequence: 0,
    log: { find: () => [] },
    count: () => {},
    replace: (items: readonly BatchItem[]) => replaced.push(...items),
  } as unknown as SinkHost;
  const links = { to: () => null } as unknown as BrokerLinks;
  const placement = new Placement(['events'], links, host, pino({ level: 'silent' }));
  const follow = (id: string, ...indices: number[]) => {
    const partitions = indices.map((index) => ({ errorCode: 0, index, leader: 10 + index, leaderEpoch: 0 }));
    placement.follow({ errorCode: 0, name: 'events', id, partitions });
  };
  const place = (partition: number) => {
    const batch = { route: 0, partition, bytes: Buffer.alloc(61), position: { lane: 0, segment: 1, offset: 0 } };
    const item = newItem(batch as unknown as StoredBatch, { resolve: () => {}, reject: () => {} });
    assert.ok(placement.place(item));
    return item;
  };
  return { placement, replaced, follow, place };
}

test('a broker that lags behind and tells of fewer partitions takes none away', () => {
  const { placement, replaced, follow, place } = setUp();
  follow('a', 0, 1, 2);
  const item = place(2);
  follow('a', 0);
  assert.strictEqual(placement.partitionsOf('events'), 3);
  assert.strictEqual(placement.leaderOf('events', 2), 12);
  assert.deepStrictEqual(replaced, []);
  follow('b', 0); // created anew with one
  assert.strictEqual(placement.partitionsOf('events'), 1);
  assert.deepStrictEqual(replaced, [item]);
});

test('a partition that the answer leaves out has no leader yet', () => {
  const { placement, follow, place } = setUp();
  follow('a', 2, 0);
  assert.strictEqual(placement.partitionsOf('events'), 3);
  assert.deepStrictEqual(
    [0, 1, 2].map((index) => placement.leaderOf('events', index)),
    [10, -1, 12],
  );
  for (let i = 0; i < 6; i++) place(-1);
});
