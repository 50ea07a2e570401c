/** Messages whose header breaks RFC 5424: understood when a pack knows the text behind it, else left as they were. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Explainer, flatten } from './explain.js';
import { loadFormats } from './load.js';

const explainer = new Explainer(loadFormats(null));
const leef = 'LEEF:1.0|Vendor|Product|1|Event|src=192.0.2.1';

function explain(line: string) {
  const { pack, event } = explainer.explain(Buffer.from(line), { receivedNs: 0n });
  return { pack, event: flatten(event) };
}

for (const [name, header, host, time] of [
  ['a text behind the host', '<134>1 2026-03-02T10:11:12Z gw1 ', 'gw1', '2026-03-02T10:11:12Z'],
  ['a text behind the timestamp', '<134>1 2026-03-02T10:11:12Z ', undefined, '2026-03-02T10:11:12Z'],
  ['a tag', '<134>1 2026-03-02T10:11:12Z gw1 agent[7]: ', 'gw1', '2026-03-02T10:11:12Z'],
  ['neither time nor host', '<134>1 - - ', undefined, '1970-01-01T00:00:00Z'],
] as const) {
  test(`understood: ${name}`, () => {
    const { pack, event } = explain(header + leef);
    assert.equal(pack, 'leef');
    assert.equal(event['source.ip'], '192.0.2.1');
    assert.equal(event['host.hostname'], host);
    assert.equal(event['@timestamp'], time);
    assert.equal(event.message, leef);
    assert.equal(event['event.original'], header + leef);
    assert.deepEqual(event.tags, ['format_deviation']);
    assert.equal(event['event.kind'], 'event');
  });
}

test('what no pack understands stays a message that could not be parsed', () => {
  for (const line of [
    '<134>1 2026-03-02T10:11:12Z gw1 nothing that is known',
    '<134>1 2026-03-02T10:11:12Z gw1 agent[7',
    '<134>1 2026-03-02T10:11:12Z ',
    '<134>1 ',
    '<134>1 yesterday gw1 agent: text',
  ]) {
    const { pack, event } = explain(line);
    assert.equal(pack, null, line);
    assert.equal(event['event.kind'], 'pipeline_error', line);
    assert.equal(event['event.original'], line);
    assert.equal(event['host.hostname'], undefined, line);
    assert.equal(event['process.name'], undefined, line);
  }
});
