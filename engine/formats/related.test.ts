/** related.* and lists: of what a pack sets itself, and of arrays with null. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainerOf, run } from './test-explainer.js';

const explainer = explainerOf({
  gate: `
recognise: [{app: gate}]
set: {user.name: root}
steps:
  - match: '%{source.ip:ip}%{_rest:*}'
    set: {destination.ip: 192.0.2.9, observer.product: gate}
`,
});

test('constants fill related.*, where their field does', () => {
  const { event } = run(explainer, '<13>Nov 21 10:00:00 h gate: 192.0.2.1');
  assert.deepEqual(event['related.user'], ['root']);
  assert.deepEqual(event['related.ip'], ['192.0.2.9', '192.0.2.1']);
  assert.deepEqual(event['related.hosts'], ['h']);
});

test('null in a list is no value of it', () => {
  const lists = explainerOf({
    lists: `
recognise: [{json: {list: '*'}}]
steps:
  - map: {'items[*].name': related.user, 'users': related.hosts}
`,
  });
  const { event } = run(lists, {
    list: 1,
    items: [{ name: 'a' }, { name: null }, {}, { name: 'b' }],
    users: [null, 'h'],
  });
  assert.deepEqual(event['related.user'], ['a', 'b']);
  assert.deepEqual(event['related.hosts'], ['h']);
  assert.equal(event.tags, undefined);
});
