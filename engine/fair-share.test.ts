import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FairShare } from './fair-share.js';

const takeAll = (share: FairShare, sender: string) => {
  let taken = 0;
  while (share.take(1, sender)) taken++;
  return taken;
};

test('a sender holds no more than it leaves free; what it gives back it may take again', () => {
  const share = new FairShare(1200, 0);
  assert.equal(takeAll(share, 'a'), 600);
  assert.equal(takeAll(share, 'b'), 300);
  assert.equal(takeAll(share, 'c'), 150);
  share.give(600, 'a');
  assert.equal(takeAll(share, 'b'), 225, 'b has 525, and 525 are left');
  share.give(525, 'b');
  share.give(150, 'c');
  assert.equal(takeAll(share, 'd'), 600);
});

test('so much is a sender’s in any case, while there is room', () => {
  const share = new FairShare(1000, 800);
  assert.equal(takeAll(share, 'a'), 800);
  assert.equal(takeAll(share, 'b'), 200);
  assert.equal(share.take(1, 'c'), false);
});
