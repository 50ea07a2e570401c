/** `structured_data`: what syslog's structured data says stands once in the event, under the pack's names. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainerOf, run } from './test-explainer.js';

const explainer = explainerOf({
  boxes: `
recognise: [{app: [BOX]}]
steps:
  - from: _structured_data
    structured_data: {}
    required: true
  - map: {who: user.name}
`,
});
const line = (elements: string, text = 'text') => `<134>1 2026-05-10T11:37:47Z host BOX - - ${elements} ${text}`;
const copies = (event: Record<string, unknown>) =>
  Object.keys(event).filter((name) => name.startsWith('log.syslog.structured_data'));

test('all of it is taken out, whatever the number of elements', () => {
  const { event } = run(explainer, line('[a@1 who="ann" path="C:\\\\dir"][b@1 note="a \\]"]'));
  assert.equal(event['user.name'], 'ann');
  assert.equal(event['boxes.path'], 'C:\\dir');
  assert.equal(event['boxes.note'], 'a ]');
  assert.equal(event['event.original'], line('[a@1 who="ann" path="C:\\\\dir"][b@1 note="a \\]"]'));
  assert.equal(event['host.hostname'], 'host');
  assert.equal(event['log.syslog.priority'], 134);
  assert.deepEqual(copies(event), []);
});

test('what the pack leaves is kept as it was', () => {
  const { event } = run(explainer, line('[timeQuality tzKnown="1"][a@1 who="ann"]'));
  assert.equal(event['user.name'], 'ann');
  assert.equal(event['boxes.tzKnown'], undefined);
  assert.deepEqual(copies(event), [
    'log.syslog.structured_data.timeQuality.tzKnown',
    'log.syslog.structured_data.a@1.who',
  ]);
});

test('a pack that does not take the event leaves it alone', () => {
  const { taken, event } = run(explainer, line('[timeQuality tzKnown="1"]'));
  assert.equal(taken, null);
  assert.deepEqual(copies(event), ['log.syslog.structured_data.timeQuality.tzKnown']);
});
