/** Rules: what they choose, what becomes of the event, and that nothing of a redacted value is left. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EnrichmentPlan } from '../../native/enrich.js';
import { type Enriched, Explainer, flatten } from '../formats/explain.js';
import { loadFormats } from '../formats/load.js';
import { routeOf } from './load-rules.js';
import { type RuleFile, readRules } from './read-rules.js';

const formats = loadFormats(null);
const key = 'a secret of enough bytes';
const topics = [['main', 'noise', 'audit']];
function read(text: string, withKey = key): RuleFile {
  return readRules('rules.yaml', text, { key: withKey, route: (topic) => routeOf(topic, topics) });
}
function explainer(text: string): Explainer {
  const { plan: rules, problems } = read(text);
  assert.deepEqual(problems, []);
  const plan: EnrichmentPlan = {
    databases: [],
    geoFields: 0,
    internal: [],
    network: false,
    communityId: false,
    indicators: null,
    assets: null,
    rules,
  };
  return new Explainer(formats, plan);
}
function run(text: string, event: object | string): { enriched: Enriched; event: Readonly<Record<string, unknown>> } {
  const json = typeof event !== 'string';
  const line = Buffer.from(json ? JSON.stringify(event) : event);
  const { enriched, event: result } = explainer(text).explain(line, { json, receivedNs: 1n });
  assert.ok(enriched);
  return { enriched, event: flatten(result) };
}
const fits = (when: string, event: object): boolean =>
  run(`rules: [{ name: r, when: ${when}, drop: true }]`, event).enriched.rules.length > 0;

test('conditions on fields, attributes, lists, numbers and the message', () => {
  const event = {
    message: 'hello world',
    source: { ip: '192.0.2.7', port: 443 },
    tags: ['a', 'b'],
    own: { name: 'x', list: ['b', 'c"d', 7], ips: ['192.0.2.9', '10.1.2.3'], none: [] },
    host: { ip: ['10.0.0.1', '2001:db8::1'] },
    event: { outcome: 'failure' },
  };
  const cases: readonly [string, boolean][] = [
    ['{ source.ip: 192.0.2.7 }', true],
    ['{ source.ip: { starts: "192.0.2." } }', true],
    ['{ source.ip: { starts: "192.0.3." } }', false],
    ['{ source.ip: { network: 192.0.2.0/24 } }', true],
    ['{ source.ip: { network: [10.0.0.0/8, 192.0.2.7] } }', true],
    ['{ source.ip: { network: [10.0.0.0/8, "2001:db8::/32"] } }', false],
    ['{ source.ip: { network: "::ffff:192.0.2.0/120" } }', true],
    ['{ source.ip: { network: 0.0.0.0/0, not: 192.0.2.7 } }', false],
    ['{ not: { source.ip: { network: 10.0.0.0/8 } } }', true],
    ['{ host.ip: { network: "2001:db8::/32" } }', true],
    ['{ destination.ip: { network: 0.0.0.0/0 } }', false],
    ['{ own.name: { network: 0.0.0.0/0 } }', false],
    ['{ source.port: 443 }', true],
    ['{ source.port: { more: 442, less: 444 } }', true],
    ['{ source.port: { more: 443 } }', false],
    ['{ tags: b }', true],
    ['{ tags: c }', false],
    ['{ own.name: x }', true],
    ['{ own.list: b }', true],
    [`{ own.list: 'c"d' }`, true],
    ['{ own.list: { more: 6 } }', true],
    ['{ own.list: z }', false],
    ['{ own.list: { present: true } }', true],
    ['{ own.ips: { network: 10.0.0.0/8 } }', true],
    ['{ own.ips: { network: 11.0.0.0/8 } }', false],
    ['{ message: { contains: WORLD, ignore_case: true } }', true],
    ['{ destination.ip: { present: false } }', true],
    ['{ destination.ip: 192.0.2.7 }', false],
    ['{ not: { source.port: 443 } }', false],
    ['{ any: [{ tags: z }, { event.outcome: failure }] }', true],
    ['{ event.outcome: failure, tags: z }', false],
  ];
  for (const [when, expected] of cases) assert.equal(fits(when, event), expected, when);
});

test('drop, route and risk: all rules that fit have their say', () => {
  const text = `
rules:
  - { name: web, when: { destination.port: [80, 443] }, route: noise, risk: 10 }
  - { name: failed, when: { event.outcome: failure }, risk: 60.5 }
  - { name: outside, when: { network.direction: inbound }, risk: 40 }
  - { name: audit, when: { user.name: root }, route: audit }
  - { name: chatter, when: { log.level: debug }, drop: true }
`;
  const one = run(text, { destination: { port: 80 }, event: { outcome: 'failure' } });
  assert.deepEqual([one.enriched.rules, one.enriched.route, one.enriched.fate], [[0, 1], 1, 'kept']);
  assert.equal(one.event['event.risk_score'], 70.5);
  const two = run(text, {
    destination: { port: 80 },
    event: { outcome: 'failure', risk_score: 3 },
    network: { direction: 'inbound' },
    user: { name: 'root' },
  });
  assert.deepEqual([two.enriched.route, two.event['event.risk_score']], [2, 100]);
  assert.equal(run(text, { log: { level: 'debug' } }).enriched.fate, 'dropped');
  const none = run(text, { log: { level: 'info' } });
  assert.deepEqual([none.enriched.rules, none.enriched.route, none.event['event.risk_score']], [[], -1, undefined]);
});

test('sampling at the ends: none or all', () => {
  const fate = (share: number) =>
    run(`rules: [{ name: s, when: { a: b }, sample: ${share} }]`, { a: 'b' }).enriched.fate;
  assert.deepEqual([fate(0), fate(1)], ['sampled out', 'kept']);
});

test('a redacted value is nowhere any more', () => {
  const text = `
rules:
  - name: people
    when: { event.action: login }
    redact: { user.name: hash, source.ip: mask, own.secret: mask, source.port: mask }
`;
  const secret = { user: { name: 'alice' }, source: { ip: '203.0.113.77', port: 51234 }, own: { secret: 'hunter2' } };
  const { event, enriched } = run(text, {
    ...secret,
    event: { action: 'login' },
    message: 'login of Alice from 203.0.113.77:51234 with hunter2',
    other: 'ALICE again',
    related: { user: ['alice'], ip: ['203.0.113.77'] },
  });
  assert.equal(enriched.redacted, true);
  assert.match(event['user.name'] as string, /^[\da-f]{32}$/);
  assert.equal(event['source.ip'], '203.0.113.0');
  assert.equal(event['own.secret'], '[redacted]');
  assert.deepEqual(event['related.user'], [event['user.name']]);
  assert.deepEqual(event['related.ip'], ['203.0.113.0']);
  for (const value of ['alice', '203.0.113.77', 'hunter2', '51234'])
    assert.ok(!JSON.stringify(event).toLowerCase().includes(value), `${value} in ${JSON.stringify(event)}`);
  const other = run(text, { ...secret, event: { action: 'logout' } });
  assert.equal(other.event['user.name'], 'alice');
});

test('hashes: the same for the same value, of an address an address, others with another key', () => {
  const text = 'rules: [{ name: h, when: { a: b }, redact: { source.ip: hash, destination.ip: hash } }]';
  const { event } = run(text, { a: 'b', source: { ip: '10.0.0.1' }, destination: { ip: '10.0.0.1' } });
  assert.equal(event['source.ip'], event['destination.ip']);
  assert.match(event['source.ip'] as string, /^fd[\da-f:]+$/);
  const v6 = run('rules: [{ name: m, when: { a: b }, redact: { source.ip: mask } }]', {
    a: 'b',
    source: { ip: '2001:db8:1:2::3' },
  });
  assert.equal(v6.event['source.ip'], '2001:db8:1::');
});

test('the original bytes of a redacted event: replaced where the value stands there, else gone', () => {
  const text = 'rules: [{ name: r, when: { process.name: sshd }, redact: { user.name: mask } }]';
  const line = '<38>Nov 21 10:00:00 host1 sshd[123]: Failed password for carol from 203.0.113.7 port 22 ssh2';
  const { event } = run(text, line);
  assert.equal(event['user.name'], '[redacted]');
  assert.ok(!JSON.stringify(event).includes('carol'), JSON.stringify(event));
  assert.match(event.message as string, /Failed password for \[redacted\] from 203\.0\.113\.7/);
});

test('a redacted value is not left in escapes, below a name, or where it did not fit its field', () => {
  const rule = (names: string) => `rules: [{ name: r, when: { a: b }, redact: { ${names} } }]`;
  const nothingOf = (values: readonly string[], names: string, event: object | string) => {
    const { enriched, event: left } = run(rule(names), event);
    assert.equal(enriched.redacted, true);
    for (const value of values)
      assert.ok(!JSON.stringify(left).toLowerCase().includes(value), `${value} in ${JSON.stringify(left)}`);
    return left;
  };
  const escaped = nothingOf(['ann'], 'user.name: mask', {
    a: 'b',
    user: { name: 'CORP\\ann' },
    message: 'of {"user":"CORP\\\\ann"}',
    other: { names: ['x', 'CORP\\ann'], kept: ['C:\\bob'] },
  });
  assert.deepEqual([escaped['other.names'], escaped['other.kept']], [null, ['C:\\bob']]);
  // As a sender writes it that escapes what it need not.
  const original = '{"a":"b","user":{"name":"zo\\u00eb"},"c":"zoë","@timestamp":"never","d":["\\u007ao\\u00EB"]}';
  nothingOf(['zo'], 'user.name: mask', JSON.parse(original));
  const { event } = explainer(rule('user.name: mask')).explain(Buffer.from(original), { json: true, receivedNs: 1n });
  assert.ok(!/zo|007a/i.test(JSON.stringify(event)), JSON.stringify(event));
  const own = { card: { number: 'c4111', owner: { name: 'o5222' } }, cardinal: 'stays' };
  assert.equal(nothingOf(['c4111', 'o5222'], 'own.card: mask', { a: 'b', own })['own.cardinal'], 'stays');
  const user = { name: 'n6333', email: 'm7444@example.org' };
  nothingOf(['n6333', 'm7444'], 'user: hash', { a: 'b', user, users: 'stays' });
  nothingOf(['notanaddress'], 'source.ip: mask', { a: 'b', source: { ip: 'notanaddress' } });
  nothingOf(['n8555', 'n9666'], 'user.name: hash', { a: 'b', user: { name: ['n8555', 'n9666'] } });
});

test('mistakes are told with their lines, all at once', () => {
  const texts = (text: string, withKey = key) =>
    read(text, withKey).problems.map(({ line, path, allowed }) => `${line} ${path}: ${allowed}`);
  const mistakes = texts(
    'rules:\n  - name: a\n    when: { x: 1 }\n  - name: a\n    when: {}\n    drop: yes please\n    sample: 2\n    route: nowhere\n    sampel: 1\n  - name: net\n    when: { source.ip: { network: 10.0.0.0/33 } }\n    drop: true\n',
  );
  for (const part of [
    'must say one of route',
    'rules[1].name: a name of its own',
    'must name at least one',
    'must be true or false',
    'from 0 to 1',
    'no sink has a topic',
    'did you mean sample',
    '11 rules[2].when.source.ip.network: must name networks',
  ])
    assert.ok(
      mistakes.some((text) => text.includes(part)),
      `${part} in ${mistakes.join('\n')}`,
    );
  assert.match(
    texts('rules: [{ name: a, when: { x: 1 }, redact: { user.name: hash } }]', 'short')[0] ?? '',
    /PENSTOCK_REDACT_KEY/,
  );
  assert.match(texts('rules: [{ name: a, when: { _text: x }, drop: true }]')[0] ?? '', /a field or an attribute/);
  assert.match(texts('rules: [')[0] ?? '', /valid YAML/);
  assert.equal(
    routeOf('audit', [['a', 'audit'], ['audit']]),
    'sinks name this topic at different places: let it stand at the same place in each list',
  );
});
