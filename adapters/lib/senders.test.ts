import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Sender, Senders, senderOf } from './senders.js';

test('an address is a sender; of IPv6 its /64, however it is written', () => {
  const cases: readonly [address: string, sender: string][] = [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
    ['2001:0db8:0000:0001:ffff:ffff:ffff:ffff', '2001:db8:0:1::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4::/64'],
  ];
  for (const [address, sender] of cases) assert.equal(senderOf(address), sender, address);
});

test('over a long time it is the rate, whatever the sizes', () => {
  const senders = new Senders({ perSecond: 1000, burst: 500 }, 0);
  const sender = senders.connect('a', 0) as Sender;
  let [now, taken] = [0, 0];
  while (now < 100_000) {
    const wait = senders.wait(sender, now);
    if (wait > 0) now += wait;
    else {
      senders.charge(sender, 333);
      taken += 333;
    }
  }
  assert.ok(taken >= 100_000 && taken <= 101_500, String(taken));
});

test('a flood of senders takes no more memory; who has connections is not forgotten', () => {
  let forgotten = 0;
  const senders = new Senders({ perSecond: 10, burst: 10 }, 1, () => forgotten++, 100);
  const held = senders.connect('held', 0) as Sender;
  senders.charge(held, 1000);
  for (let n = 0; n < 10_000; n++) {
    const sender = senders.connect(`flood ${n}`, n);
    assert.ok(sender);
    senders.disconnect(sender);
  }
  assert.equal(senders.size, 100);
  assert.equal(forgotten, 10_000 - 99);
  assert.equal(senders.known('held'), held);
  assert.equal(senders.connect('held', 20_000), undefined, 'it has the one connection it may have');
  assert.ok(senders.wait(held, 20_000) > 0);
});
