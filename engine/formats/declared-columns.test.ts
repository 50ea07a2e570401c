/** Lines under columns that their sender has declared: W3C extended (IIS) and Zeek. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Explainer } from './explain.js';
import { loadFormats } from './load.js';
import { explainerOf, run } from './test-explainer.js';

const iis = `recognise:
  - starts: ['#Fields:', '#Software:', '#Version:', '#Date:']
set: {event.kind: event}
steps:
  - w3c: {}
    required: true
    map: {'#Fields': _, '#Software': _}
  - time: {from: [date, time], formats: ['%Y-%m-%d %H:%M:%S']}
  - map: {c-ip: source.ip, s-ip: destination.ip, cs-method: http.request.method, cs(User-Agent): user_agent.original, sc-status: http.response.status_code}
  - from: cs-uri-stem
    url: {}
`;
const zeek = `recognise:
  - starts: ['#separator', '#fields', '#path', '#unset_field', '#empty_field', '#set_separator', '#types', '#open', '#close']
empty: ['(empty)']
set: {event.kind: event}
steps:
  - zeek: {}
    required: true
  - time: {from: ts, formats: [EPOCH]}
  - map: {uid: event.reference, id.orig_h: source.ip, id.resp_p: destination.port, $._path: event.dataset}
`;
const fields = '#Fields: date time s-ip cs-method cs-uri-stem c-ip cs(User-Agent) sc-status x-own';
const line = '2026-01-02 03:04:05 192.0.2.1 GET /a/b.html 198.51.100.7 Mozilla/5.0+(X) 404 7';
const zeekHead = ['#separator \\x09', '#unset_field\t-', '#path\tconn', '#fields\tts\tuid\tid.orig_h\tid.resp_p\tnote'];
const zeekLine = '1333458850.375568\tCbm\t203.0.113.9\t443\ta\\x09b';

test('a bare line of IIS under its header', () => {
  const explainer = explainerOf({ iis, zeek });
  assert.equal(run(explainer, line).taken, null);
  assert.equal(run(explainer, '#Software: Microsoft Internet Information Services 10.0').taken, 'iis');
  assert.equal(run(explainer, line).taken, null);
  assert.equal(run(explainer, fields).taken, 'iis');
  const { taken, event } = run(explainer, line);
  assert.equal(taken, 'iis');
  assert.equal(event['@timestamp'], '2026-01-02T03:04:05Z');
  assert.equal(event['source.ip'], '198.51.100.7');
  assert.equal(event['destination.ip'], '192.0.2.1');
  assert.equal(event['http.response.status_code'], 404);
  assert.equal(event['url.path'], '/a/b.html');
  assert.equal(event['url.extension'], 'html');
  assert.equal(event['iis.x-own'], '7');
  assert.equal(event.message, line);
  // What the syslog parser took for a host is not one.
  assert.equal(event['host.hostname'], undefined);
});

test('a line under a header that changes', () => {
  const explainer = explainerOf({ iis });
  run(explainer, '#Fields: c-ip sc-status');
  assert.equal(run(explainer, '198.51.100.7 200').event['source.ip'], '198.51.100.7');
  run(explainer, '#Fields: sc-status c-ip');
  assert.equal(run(explainer, '201 198.51.100.8').event['source.ip'], '198.51.100.8');
});

test('senders, hosts behind a relay and formats do not mix', () => {
  const explainer = explainerOf({ iis, zeek });
  const wrapped = (host: string, text: string) => `<13>Nov 21 10:00:00 ${host} w3svc: ${text}`;
  run(explainer, '#Fields: c-ip sc-status', undefined, 1);
  assert.equal(run(explainer, '198.51.100.7 200', undefined, 2).taken, null);
  run(explainer, wrapped('a', '#Fields: c-ip sc-status'), undefined, 3);
  run(explainer, wrapped('b', '#Fields: sc-status c-ip'), undefined, 3);
  const a = run(explainer, wrapped('a', '198.51.100.7 200'), undefined, 3).event;
  const b = run(explainer, wrapped('b', '201 198.51.100.8'), undefined, 3).event;
  assert.deepEqual([a['source.ip'], a['host.hostname'], a['http.response.status_code']], ['198.51.100.7', 'a', 200]);
  assert.deepEqual([b['source.ip'], b['host.hostname'], b['http.response.status_code']], ['198.51.100.8', 'b', 201]);
  // A log of another kind on the same connection.
  for (const head of zeekHead) assert.equal(run(explainer, head, undefined, 1).taken, 'zeek');
  assert.equal(run(explainer, zeekLine, undefined, 1).taken, 'zeek');
  assert.equal(run(explainer, '198.51.100.7 200', undefined, 1).event['source.ip'], undefined);
});

test('a line of Zeek', () => {
  const explainer = explainerOf({ iis, zeek });
  for (const head of zeekHead) run(explainer, head);
  const { taken, event } = run(explainer, zeekLine);
  assert.equal(taken, 'zeek');
  assert.equal(event['@timestamp'], '2012-04-03T13:14:10.375568Z');
  assert.equal(event['event.dataset'], 'conn');
  assert.equal(event['source.ip'], '203.0.113.9');
  assert.equal(event['destination.port'], 443);
  assert.equal(event['zeek.note'], 'a\tb');
});

test('more senders than are remembered: the oldest is forgotten, none gets the columns of another', () => {
  const explainer = explainerOf({ iis });
  for (let sender = 0; sender < 300; sender++)
    run(explainer, sender % 2 ? '#Fields: c-ip sc-status' : '#Fields: sc-status c-ip', undefined, sender);
  assert.equal(run(explainer, '200 198.51.100.7', undefined, 0).taken, null);
  assert.equal(run(explainer, '198.51.100.7 200', undefined, 299).event['source.ip'], '198.51.100.7');
  assert.equal(run(explainer, '200 198.51.100.7', undefined, 298).event['source.ip'], '198.51.100.7');
});

test('URLs, queries, base64, hexadecimal and percent-encoding', () => {
  const explainer = explainerOf({
    proxy: `recognise: [{app: proxyd}]
steps:
  - match: '%{_url:word} %{_b64:word} %{_hex:word} %{_pc:word}'
    required: true
  - from: _url
    url: {host: allowed}
  - from: url.query
    query: {}
    map: {q: labels.q}
  - map: {_b64: {to: _json, base64: true}, _hex: {to: process.command_line, hex_text: true}, _pc: {to: file.name, percent: true}}
  - from: _json
    json: {}
    map: {who: user.name}
`,
  });
  const body = Buffer.from('{"who":"ada"}').toString('base64');
  const { event } = run(
    explainer,
    `<13>Nov 21 10:00:00 h proxyd: HTTPS://u@Example.org:8443/x/y.php?q=a%20b&z=1#f ${body} 6c73002d6c a%2Fb`,
  );
  const expected = {
    'url.scheme': 'https',
    'url.domain': 'Example.org',
    'url.port': 8443,
    'url.path': '/x/y.php',
    'url.extension': 'php',
    'url.query': 'q=a%20b&z=1',
    'url.fragment': 'f',
    'url.username': 'u',
    'labels.q': 'a b',
    'proxy.z': '1',
    'process.command_line': 'ls -l',
    'file.name': 'a/b',
    'user.name': 'ada',
  };
  for (const [name, value] of Object.entries(expected)) assert.deepEqual(event[name], value, name);
});

test('what else a sender of declared columns sends is not taken for them', () => {
  const kafka =
    '[2016-08-15 14:09:00,118] INFO Registered broker 0 at path /brokers/ids/0 with 1 address (kafka.utils.ZkUtils)';
  const sshd = 'Oct 11 22:14:15 bastion sshd[1]: Failed password for root from 192.0.2.4 port 22 ssh2';
  for (const [pack, head, own] of [
    ['iis', [fields], line],
    ['zeek', zeekHead, zeekLine],
  ] as const) {
    const explainer = new Explainer(loadFormats(null));
    const taken = (text: string) => explainer.explain(Buffer.from(text), { receivedNs: 0n, sender: 1 }).pack;
    for (const text of head) assert.equal(taken(text), pack, text);
    assert.equal(taken(kafka), 'kafka', pack);
    assert.equal(taken(sshd), 'sshd', pack);
    assert.equal(taken(own), pack);
  }
});
