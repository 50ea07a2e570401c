/** JSON without a pack and without @timestamp: when it was, by what senders usually call it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainerOf, run } from './test-explainer.js';

const explainer = explainerOf({ gate: "recognise:\n  - json: {gate: '*'}\nsteps: []\n" });
const received = '2026-05-06T07:08:09Z';
const receivedNs = BigInt(Date.parse(received)) * 1_000_000n;
function timeOf(object: object): unknown {
  const explained = explainer.explain(Buffer.from(JSON.stringify(object)), { json: true, receivedNs });
  return (explained.event as Record<string, unknown>)['@timestamp'];
}

test('an event has the time that it says, by any usual name', () => {
  for (const name of ['timestamp', 'time', 'ts', 'date', 'datetime', '@t'])
    for (const value of [
      '2026-01-02T03:04:05.5Z',
      '2026-01-02T04:04:05.5+01:00',
      1767323045.5,
      1767323045500,
      '1767323045500',
    ])
      assert.equal(timeOf({ a: 1, [name]: value }), '2026-01-02T03:04:05.500Z', `${name} ${value}`);
  assert.equal(timeOf({ ts: 1767323045123456789n.toString() }), '2026-01-02T03:04:05.123456789Z');
});

test('one name goes before others, and @timestamp before all', () => {
  const [first, second] = ['2026-01-02T03:04:05Z', '2026-02-02T03:04:05Z'];
  assert.equal(timeOf({ time: second, timestamp: first }), first);
  assert.equal(timeOf({ timestamp: first, time: second }), first);
  assert.equal(timeOf({ timestamp: 'yesterday', time: second }), second);
  assert.equal(timeOf({ timestamp: second, '@timestamp': first }), first);
  // A pack says itself what it knows.
  assert.equal(timeOf({ gate: 1, timestamp: first }), received);
});

test('what is no time of day leaves the moment it came in', () => {
  const values = [
    12,
    1.5,
    -1,
    0,
    1e300,
    null,
    true,
    '12',
    '',
    'x'.repeat(100),
    '2026-01-02',
    '2026-13-02T03:04:05Z',
    [1],
    { a: 1 },
    4102444800,
    '1767323045.5e3',
  ];
  for (const value of values) assert.equal(timeOf({ timestamp: value }), received, JSON.stringify(value));
  assert.equal(timeOf({ in: { timestamp: '2026-01-02T03:04:05Z' } }), received);
});

test('the attribute stays', () => {
  const { event } = run(explainer, { timestamp: '2026-01-02T03:04:05Z' });
  assert.equal(event.timestamp, '2026-01-02T03:04:05Z');
});
