/** `{"accepted":N}` is what HTTP promises: N events are received, whatever the body is made of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PenstockProcess } from '../support/penstock-process.js';
import { Random } from '../support/random.js';

const bodies = 600;
const pieces = [
  '\n',
  '\r\n',
  '\r',
  ' ',
  '\t',
  '\0',
  '{',
  '}',
  '[',
  ']',
  ',',
  '"',
  'a',
  '1',
  '{"a":1}',
  '[1,{}]',
  '12 <34>',
  '\\',
  'é',
];
const types = ['application/x-ndjson', 'application/json', 'text/plain', undefined];

test('as many events are received as were accepted', async (t) => {
  const penstock = await PenstockProcess.start({ listen: ['http'], deliver: 'null:' });
  const seed = Date.now() % 1_000_000;
  const random = new Random(seed);
  try {
    let accepted = 0;
    for (let i = 0; i < bodies; i++) {
      const body = Array.from({ length: random.between(0, 30) }, () =>
        random.pick(pieces as [string, ...string[]]),
      ).join('');
      const type = types[random.between(0, types.length - 1)];
      const answer = await fetch(`http://127.0.0.1:${penstock.ports[0]}/ingest`, {
        method: 'POST',
        headers: type === undefined ? {} : { 'content-type': type },
        body: Buffer.from(body),
      });
      const said = (await answer.json()) as { accepted?: number };
      accepted += said.accepted ?? 0;
      if (i % 20 !== 0 && i !== bodies - 1) continue;
      const received = await penstock.metric('penstock_ledger_received_events_total', { source: 'http' });
      assert.equal(received, accepted, `seed ${seed}, body ${i} as ${type}: ${JSON.stringify(body)}`);
    }
    t.diagnostic(`seed ${seed}: ${accepted} events of ${bodies} bodies`);
    assert.ok(accepted > bodies / 2);
  } finally {
    await penstock.dispose();
  }
});
