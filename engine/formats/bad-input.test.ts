/** Input made to break parsers, through all packs: nothing crashes, nothing is lost, nothing takes long for its size, and what is wrong is said. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { casesReceivedNs } from './cases.js';
import { Explainer, flatten } from './explain.js';
import { loadFormats } from './load.js';

const explainer = new Explainer(loadFormats(null));

function explain(input: string | Buffer): { pack: string | null; flat: Record<string, unknown> } {
  const frame = Buffer.from(input as string);
  const { pack, event } = explainer.explain(frame, { json: frame[0] === 0x7b, receivedNs: casesReceivedNs });
  return { pack, flat: flatten(event) };
}

const xml = (head: string, user = 'alice') =>
  `<13>1 2024-01-02T03:04:05Z dc win - - - ${head}<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>4624</EventID><Computer>dc</Computer></System><EventData><Data Name='TargetUserName'>${user}</Data></EventData></Event>`;

test('an XML bomb and an external entity stay what they are', () => {
  const lols = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');
  for (const head of [
    `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">${lols}]>`,
    '<!DOCTYPE x [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
  ]) {
    const line = xml(head, '&l9;');
    const { flat } = explain(line);
    assert.equal(flat['event.original'], line);
    assert.ok(JSON.stringify(flat).length < 4 * line.length + 4000);
    assert.doesNotMatch(JSON.stringify({ ...flat, 'event.original': '', message: '' }), /lollol|root:/);
  }
});

test('a line of 10 MB', () => {
  for (const line of [
    `<38>Nov 21 10:00:00 h sshd[1]: Failed password for ${'a'.repeat(10 << 20)} from 203.0.113.7 port 22 ssh2`,
    `<13>date=2024-10-14 logid="1" type="event" subtype="vpn" level="alert" vd="root" ${'k="'.repeat(3 << 20)}`,
    `CEF:0|a|b|c|d|e|1|${'x='.repeat(5 << 20)}`,
    `{"a":"${'b'.repeat(10 << 20)}"}`,
  ]) {
    const { flat } = explain(line);
    assert.equal(
      String(flat['event.original'] ?? flat.message ?? flat.a).length >= 10 << 20 || flat['event.original'] === line,
      true,
    );
  }
});

test('an object of 100,000 keys, and a text of as many pairs', () => {
  const keys = Array.from({ length: 100_000 }, (_, i) => i);
  const object = `{${keys.map((i) => `"k${i}":${i}`).join(',')}}`;
  const { flat } = explain(object);
  assert.equal(flat['event.original'], object);
  assert.equal(flat['event.kind'], 'pipeline_error');
  assert.match(String(flat['error.message']), /more fields than the limit|more memory than the limit/);
  const pairs = `level=info msg=x ${keys.map((i) => `k${i}=${i}`).join(' ')}`;
  assert.equal(explain(pairs).flat['event.original'], pairs);
});

test('NULs and overlong UTF-8', () => {
  const bytes = Buffer.concat([
    Buffer.from('<38>Nov 21 10:00:00 h sshd[1]: Failed password for a\0b'),
    Buffer.from([0xc0, 0xaf, 0xe0, 0x80, 0xaf, 0xf0, 0x80, 0x80, 0xaf, 0xed, 0xa0, 0x80, 0xff]),
    Buffer.from(' from 203.0.113.7 port 22 ssh2'),
  ]);
  const { pack, flat } = explain(bytes);
  assert.equal(pack, 'sshd');
  assert.equal(flat['source.ip'], '203.0.113.7');
  assert.match(String(flat.tags), /invalid_utf8/);
  // Never the slash that the overlong forms stand for.
  assert.doesNotMatch(String(flat['user.name']), /\//);
});

test('names that collide with objects of ECS', () => {
  for (const [name, value] of [
    ['user', '"root"'],
    ['source', '42'],
    ['event', '[1,2]'],
    ['host', 'null'],
    ['user', '{"name":{"first":"a"}}'],
    ['related', '{"ip":"no address"}'],
  ] as const) {
    const object = `{"${name}":${value},"message":"m","other":1}`;
    const { flat } = explain(object);
    assert.equal(flat.other, 1, object);
    const said = JSON.stringify(flat);
    for (const part of value.match(/[a-z]{4,}|\d+/g) ?? [])
      if (part !== 'null') assert.ok(said.includes(part), `${object}\n${said}`);
  }
});

test('times that no clock shows, and numbers that fit no type', () => {
  for (const time of [
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '1677-09-20T00:00:00Z',
    '2262-04-12T00:00:00Z',
    '2024-02-30T25:61:61Z',
  ]) {
    const { flat } = explain(`<13>1 ${time} h app - - - x`);
    assert.ok(Date.parse(String(flat['@timestamp'])) > 0, `${time} ${flat['@timestamp']}`);
    const { flat: json } = explain(`{"@timestamp":"${time}","a":1}`);
    assert.ok(JSON.stringify(json).includes(time.slice(0, 10)), JSON.stringify(json));
  }
  for (const number of ['-1', '65536', '99999999999999999999999999', '1e400', '-9223372036854775809']) {
    const object = `{"source":{"port":${number}},"http":{"response":{"status_code":${number}}}}`;
    const { flat } = explain(object);
    const kept = Object.values(flat).filter((value) => Number(value) === Number(number));
    assert.ok(kept.length >= 2, `${object} ${JSON.stringify(flat)}`);
    const line = `<38>Nov 21 10:00:00 h sshd[1]: Failed password for root from 203.0.113.7 port ${number} ssh2`;
    assert.equal(explain(line).flat['event.original'], line);
  }
});

test('what looks like a format or a template is text', () => {
  for (const evil of [
    '%s%n%x%d',
    '%{user.name}',
    `$\{jndi:ldap://x/a}`,
    '{{7*7}}',
    '$(reboot)',
    '\u001b[2J',
    "'; DROP TABLE x; --",
  ]) {
    const { pack, flat } = explain(
      `<38>Nov 21 10:00:00 h sshd[1]: Failed password for ${evil} from 203.0.113.7 port 22 ssh2`,
    );
    assert.equal(pack, 'sshd', evil);
    assert.equal(flat['user.name'], evil);
    assert.equal(flat['source.ip'], '203.0.113.7');
  }
});
