/** Sinks that are dead or slow: the journal keeps what they have not, and holds up nobody. Short forms of the proof scripts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spike } from './spike.js';
import { TwoSinks } from './two-sinks.js';

test('with one of two sinks dead the other gets everything, and the dead one all of it when it is back', async () => {
  const two = await TwoSinks.start();
  try {
    await two.dying.nodes[0]?.kill();
    const before = await two.delivered('dying');
    two.feed();
    await two.rate(3);
    const sent = await two.rest();
    assert.ok(sent > 0);
    await two.penstock.expectMetric('penstock_events_delivered_total', sent, { sink: 'live' });
    assert.equal(await two.delivered('dying'), before);
    await two.dying.nodes[0]?.start();
    await two.penstock.expectMetric('penstock_events_delivered_total', sent, { sink: 'dying' });
    assert.equal(await two.penstock.stop(), 0);
    const books = [...two.penstock.output.matchAll(/ledger (\w+): .* = (\d+) delivered .* 0 unaccounted for/g)];
    assert.deepEqual(books.map(([, sink, delivered]) => [sink, Number(delivered)]).sort(), [
      ['dying', sent],
      ['live', sent],
    ]);
  } finally {
    await two.end();
  }
});

test('ten times what a slow sink takes is absorbed and drained while new events flow', async (t) => {
  assert.deepEqual(await spike({ eventsPerSecond: 500, spikeSeconds: 4, say: (line) => t.diagnostic(line) }), []);
});
