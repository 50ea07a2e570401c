/** Dates that two formats can read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flatten } from './explain.js';
import { explainerOf, run } from './test-explainer.js';

const pack = (nearest: string) => `
recognise: [{starts: ['AT ']}]
steps:
  - match: 'AT %{_time:*}'
  - time: {from: _time, formats: ['MM/dd/yyyy HH:mm:ss', 'dd/MM/yyyy HH:mm:ss']${nearest}}
`;

function timeOf(text: string, received: string, nearest: string): unknown {
  const receivedNs = BigInt(Date.parse(received)) * 1_000_000n;
  const explained = explainerOf({ clock: pack(nearest) }).explain(Buffer.from(`AT ${text}`), {
    json: false,
    receivedNs,
  });
  return flatten(explained.event)['@timestamp'];
}

for (const [text, received, first, nearest] of [
  ['07/08/2026 10:00:00', '2026-07-08T10:00:01Z', '2026-07-08T10:00:00Z', '2026-07-08T10:00:00Z'],
  ['07/08/2026 10:00:00', '2026-08-07T10:00:01Z', '2026-07-08T10:00:00Z', '2026-08-07T10:00:00Z'],
  ['07/08/2026 10:00:00', '2026-08-07T09:59:59Z', '2026-07-08T10:00:00Z', '2026-08-07T10:00:00Z'],
  ['27/08/2026 10:00:00', '2026-01-01T00:00:00Z', '2026-08-27T10:00:00Z', '2026-08-27T10:00:00Z'],
  ['08/08/2026 10:00:00', '1970-01-01T00:00:00Z', '2026-08-08T10:00:00Z', '2026-08-08T10:00:00Z'],
] as const)
  test(`${text}, received ${received}`, () => {
    assert.equal(timeOf(text, received, ''), first);
    assert.equal(timeOf(text, received, ', nearest: true'), nearest);
  });

const tagged = (steps: string, text: string): boolean => {
  const { taken, event } = run(explainerOf({ clock: `recognise: [{starts: ['AT ']}]\nsteps:\n${steps}` }), text);
  assert.equal(taken, 'clock');
  return Array.isArray(event.tags) && event.tags.includes('format_deviation');
};

test('a text that fits no format is a deviation, unless another step may read it or there is none', () => {
  const take = "  - match: 'AT %{when:word} %{then:*}'\n";
  const day = '{from: when, formats: [yyyy-MM-dd]}';
  const clock = '{from: [when, then], formats: [yyyy-MM-dd HH:mm]}';
  assert.equal(tagged(`${take}  - time: ${day}`, 'AT 2026-01-01 x'), false);
  assert.equal(tagged(`${take}  - time: ${day}`, 'AT noon x'), true);
  assert.equal(tagged(`${take}  - time: ${day}`, `AT ${'2'.repeat(200)} x`), true);
  assert.equal(tagged(`${take}  - time: ${clock}`, 'AT 2026-01-01 25:00'), true);
  assert.equal(tagged(`${take}  - time: ${clock}`, `AT 2026-01-01 ${'2'.repeat(200)}`), true);
  assert.equal(tagged(`${take}  - first_of: [{time: ${day}}, {time: ${clock}}]`, 'AT noon x'), false);
  assert.equal(tagged(`${take}  - time: ${day}`, 'AT elsewhere'), false);
});
