/** JSON without a pack: what it says by names that senders and forwarders usually give. */
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
  for (const name of ['timestamp', 'time', 'ts', 'date', 'datetime', '@t', '_time'])
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

const sshd = 'Failed password for root from 203.0.113.7 port 22 ssh2';
const withPacks = explainerOf({
  sshd: "recognise:\n  - app: sshd\nsteps:\n  - match: 'Failed password for %{user.name} from %{source.ip:ip} %{:*}'\n    required: true\n",
  door: "recognise:\n  - starts: 'DOOR|'\nsteps:\n  - match: 'DOOR|%{user.name:*}'\n    required: true\n",
  gate: "recognise:\n  - json: {gate: '*'}\nsteps:\n  - map: {gate: event.action}\n",
});
const eventOf = (object: object) => run(withPacks, object).event as Record<string, unknown>;

test('what libraries write has its message, level and logger', () => {
  const cases: readonly (readonly [object, Record<string, unknown>])[] = [
    [
      { level: 30, pid: 7, hostname: 'h', msg: 'x' },
      { message: 'x', 'process.pid': 7, 'host.hostname': 'h' },
    ],
    [
      { level: 'INFO', msg: 'x' },
      { message: 'x', 'log.level': 'INFO', level: 'INFO', msg: 'x' },
    ],
    [
      { '@mt': 'a {b}', '@l': 'Warning' },
      { message: 'a {b}', 'log.level': 'Warning' },
    ],
    [{ '@mt': 'a {b}', '@m': 'a 1' }, { message: 'a 1' }],
    [
      { short_message: 'x', host: 'h', level: 6 },
      { message: 'x', 'host.hostname': 'h', 'related.hosts': ['h'] },
    ],
    [
      { logger_name: 'a.B', message: 'x', msg: 'y' },
      { message: 'x', 'log.logger': 'a.B' },
    ],
    [{ levelname: 'ERROR', severity: '', message: 'x' }, { 'log.level': 'ERROR' }],
    [
      { msg: 5, log: 'x' },
      { message: 'x', msg: 5 },
    ],
  ];
  for (const [object, expected] of cases) {
    const event = eventOf(object);
    for (const [name, value] of Object.entries(expected)) assert.deepEqual(event[name], value, JSON.stringify(object));
  }
});

test('what would be something else is left alone', () => {
  const cases: readonly (readonly [object, string])[] = [
    [{ level: 30, msg: 'x' }, 'log.level'],
    [{ level: '30', msg: 'x' }, 'log.level'],
    [{ host: 'www.example.com', status: 200, msg: 'x' }, 'host.hostname'],
    [{ program: 'loyalty' }, 'process.name'],
    [{ pid: -1, msg: 'x' }, 'process.pid'],
    [{ pid: '12a', msg: 'x' }, 'process.pid'],
    [{ msg: '' }, 'message'],
    [{ in: { msg: 'x' } }, 'message'],
    [{ gate: 'open', msg: 'x' }, 'message'],
  ];
  for (const [object, name] of cases) assert.equal(eventOf(object)[name], undefined, JSON.stringify(object));
  assert.equal(eventOf({ host: { hostname: 'a' }, hostname: 'b' })['host.hostname'], 'a');
});

test('a forwarded line is understood as the line itself is', () => {
  const lines: readonly object[] = [
    { appname: 'sshd', message: sshd, hostname: 'h1', procid: 9, source_type: 'syslog' },
    { ident: 'sshd', message: sshd, host: 'h1', pid: '9' },
    { PROGRAM: 'sshd', MESSAGE: sshd, HOST: 'h1', PID: '9' },
    { _raw: `Nov 21 10:00:00 h1 sshd[9]: ${sshd}`, host: 'relay' },
    { log: `<38>Nov 21 10:00:00 h1 sshd[9]: ${sshd}` },
    { message: `<38>1 2026-11-21T10:00:00Z h1 sshd 9 - - ${sshd}`, host: 'relay' },
    { message: `2026-11-21T10:00:00.5+01:00 h1 sshd[9]: ${sshd}` },
  ];
  for (const line of lines) {
    const event = eventOf(line);
    for (const [name, value] of Object.entries({
      message: sshd,
      'user.name': 'root',
      'source.ip': '203.0.113.7',
      'process.name': 'sshd',
      'process.pid': 9,
      'host.hostname': 'h1',
    }))
      assert.deepEqual(event[name], value, `${name} of ${JSON.stringify(line)}`);
  }
  assert.equal(eventOf({ log: 'DOOR|ann' })['user.name'], 'ann');
  assert.equal(eventOf({ log: '{"gate":"open"}' })['event.action'], 'open');
});

test('the header within tells the time, unless @timestamp does; what it replaces is in the original', () => {
  const line = { message: '<38>1 2026-11-21T10:00:00Z h1 app 9 - - x', timestamp: '2026-01-02T03:04:05Z' };
  const event = eventOf(line);
  assert.equal(event['@timestamp'], '2026-11-21T10:00:00Z');
  assert.equal(event['event.original'], JSON.stringify(line));
  assert.equal(event['log.syslog.priority'], 38);
  assert.equal(eventOf({ ...line, '@timestamp': '2026-01-02T03:04:05Z' })['@timestamp'], '2026-01-02T03:04:05Z');
  // With a program beside it, it is a text like any other.
  assert.equal(eventOf({ ...line, appname: 'relayd' })['message'], line.message);
  for (const message of ['<a href="x">', 'Nov 21 is a day', '<13>', '<999>x', '1 2 3'])
    assert.equal(eventOf({ message })['message'], message);
});

test('the message that an envelope makes is recognised as if it had come by itself', () => {
  const explainer = explainerOf({
    sshd: "recognise:\n  - app: sshd\nset: {event.module: sshd, event.kind: event}\nsteps:\n  - match: 'Failed password for %{user.name} from %{source.ip:ip} %{:*}'\n    required: true\n",
    gate: "recognise:\n  - json: {gate: '*'}\nsteps:\n  - map: {gate: event.action}\n",
    post: "recognise:\n  - json: {post: '*'}\nenvelope: true\nset: {event.module: post}\nsteps:\n  - map: {post: message, by: host.hostname, to: user.name}\n",
  });
  const post = (object: object) => run(explainer, object);
  const { taken, event } = post({ post: `<38>Nov 21 10:00:00 h1 sshd[9]: ${sshd}`, by: 'relay', to: 'ann' });
  assert.equal(taken, 'sshd');
  assert.deepEqual(
    ['event.module', 'message', 'user.name', 'host.hostname', 'process.pid'].map((name) => event[name]),
    ['sshd', sshd, 'root', 'relay', 9],
  );
  assert.deepEqual(event['related.user'], ['ann', 'root']);
  assert.equal(post({ post: '{"gate":"open"}' }).event['event.action'], 'open');
  const other = post({ post: 'hello', by: 'relay' });
  assert.deepEqual([other.taken, other.event.message, other.event['event.module']], ['post', 'hello', 'post']);
  assert.equal(post({ post: 'hello', by: 'relay' }).taken, 'post');
});
