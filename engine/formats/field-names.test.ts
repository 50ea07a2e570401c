/** What follows from ECS' names that a JSON object has itself, whether or not a pack knows it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainerOf, run } from './test-explainer.js';

const explainer = explainerOf({
  door: `
recognise: [{json: {door: '*'}}]
namespace: door
steps:
  - map: {who: user.name}
`,
  inner: `
recognise: [{starts: ['INNER ']}]
steps:
  - match: 'INNER %{_object:*}'
  - from: _object
    json: {}
`,
});
const event = (input: string | object) => run(explainer, input).event;

const cases: [name: string, input: object, expected: Record<string, unknown>][] = [
  [
    'addresses, users, hosts and hashes are related, each once, in the order they stand in',
    {
      source: { ip: '192.0.2.1' },
      destination: { ip: '192.0.2.1' },
      'client.ip': '192.0.2.2',
      'user.name': 'ann',
      'user.target.name': 'bob',
      'host.name': 'web1',
      'url.domain': 'example.com',
      'file.hash.md5': 'd41d8cd98f00b204e9800998ecf8427e',
    },
    {
      'related.ip': ['192.0.2.1', '192.0.2.2'],
      'related.user': ['ann', 'bob'],
      'related.hosts': ['web1', 'example.com'],
      'related.hash': ['d41d8cd98f00b204e9800998ecf8427e'],
    },
  ],
  [
    'what the object itself says is related is not said twice',
    { related: { ip: ['192.0.2.9', '192.0.2.1'] }, source: { ip: '192.0.2.1' }, server: { ip: '192.0.2.3' } },
    { 'related.ip': ['192.0.2.9', '192.0.2.1', '192.0.2.3'] },
  ],
  [
    'a list is related element by element',
    { host: { ip: ['192.0.2.1', '2001:DB8::0001'] } },
    { 'host.ip': ['192.0.2.1', '2001:db8::1'], 'related.ip': ['192.0.2.1', '2001:db8::1'] },
  ],
  [
    'hardware addresses, hashes and IPv6 have one form',
    { source: { mac: '00:00:5e:00:53:23', ip: '::FFFF:192.0.2.7' }, file: { hash: { sha1: 'DA39A3EE' } } },
    {
      'source.mac': '00-00-5E-00-53-23',
      'source.ip': '192.0.2.7',
      'file.hash.sha1': 'da39a3ee',
      'related.hash': ['da39a3ee'],
    },
  ],
  [
    'what has no such form stays as it is',
    { source: { mac: 'none' }, user: { name: '' } },
    { 'source.mac': 'none', 'related.user': undefined },
  ],
];

test('of an object that no pack knows', async (t) => {
  for (const [name, input, expected] of cases)
    await t.test(name, () => {
      const said = event(input);
      for (const [field, value] of Object.entries(expected)) assert.deepEqual(said[field], value, field);
    });
});

test('of names that a pack left', async (t) => {
  for (const [name, input, expected] of cases)
    await t.test(name, () => {
      const said = event({ door: 7, ...input });
      assert.equal(said['door.door'], 7);
      for (const [field, value] of Object.entries(expected)) assert.deepEqual(said[field], value, field);
    });
});

test('of an object within a text', () => {
  const said = event('INNER {"source":{"ip":"2001:DB8::1"},"file":{"hash":{"md5":"AB"}}}');
  assert.equal(said['source.ip'], '2001:db8::1');
  assert.deepEqual(said['related.ip'], ['2001:db8::1']);
  assert.deepEqual(said['related.hash'], ['ab']);
});

test('beside what a pack related itself', () => {
  const said = event({ door: 7, who: 'ann', 'user.target.name': 'bob', 'user.effective.name': 'ann' });
  assert.deepEqual([said['related.user']].flat().toSorted(), ['ann', 'bob']);
});

test('the original is kept where a value was written otherwise, and only there', () => {
  assert.equal(event({ source: { ip: '192.0.2.1' } })['event.original'], undefined);
  assert.match(String(event({ source: { ip: '2001:DB8::1' } })['event.original']), /2001:DB8::1/);
});

test('so many values are related at most, and none is a loss', () => {
  const addresses = Array.from({ length: 600 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
  const said = event({ host: { ip: addresses } });
  assert.deepEqual(said['host.ip'], addresses);
  assert.deepEqual(said['related.ip'], addresses.slice(0, 64));
  assert.equal(said.tags, undefined);
});
