/** Files of rules and lists as nobody should write them: refused in words or read, and what was read holds for any event. */
import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import { test } from 'node:test';
import type { EnrichmentPlan } from '../../native/enrich.js';
import { Explainer } from '../formats/explain.js';
import { loadFormats } from '../formats/load.js';
import { mutations, randomOf } from '../formats/mutate.js';
import { problemText } from '../formats/pack-file.js';
import { type ReadList, readAssets, readIndicators } from './read-lists.js';
import { readRules } from './read-rules.js';
import { readPattern } from './stix.js';

const formats = loadFormats(null);
const nothing: EnrichmentPlan = {
  databases: [],
  geoFields: 0,
  internal: [],
  network: false,
  communityId: false,
  indicators: null,
  assets: null,
  rules: null,
};
const events = [
  '{"message":"Failed password","source":{"ip":"203.0.113.7","port":22},"user":{"name":"root"},"tags":["a","threat_indicator"],"own":{"name":"x"}}',
  '{"event":{"action":"heartbeat","risk_score":3},"host":{"ip":["10.0.0.5","2001:db8:bad::1"]},"url":{"full":"https://evil.example/x"}}',
  '{"dns":{"question":{"name":"a.below.example"}},"constructor":"c","__proto__":{"ip":"x"},"process":{"hash":{"md5":"d41d8cd98f00b204e9800998ecf8427e"}}}',
];

/** What a file may hold that JavaScript, YAML and native code could each take for something else. */
const words = [
  'constructor',
  '__proto__',
  'toString',
  '\0',
  '\u2028',
  '.nan',
  '-0',
  '1e999',
  '&a [*a]',
  '!!js x',
  '[',
  '{',
  "'",
  '"',
  '\\',
  ',',
  '\n',
];

function* hostile(seeds: readonly string[], seed: number, each: number): Iterable<string> {
  const random = randomOf(seed);
  for (const text of seeds) {
    yield text;
    for (const changed of mutations(Buffer.from(text), random, each)) {
      yield changed.toString();
      const at = Math.floor(random() * changed.length);
      const word = words[Math.floor(random() * words.length)] as string;
      yield changed.subarray(0, at) + word + changed.subarray(at + Math.floor(random() * 3));
    }
  }
}

/** Making an explainer takes longer than all the rest: of every so many that could be made, one is. */
const explainedOf = 25;

function holdsForEvents(plan: EnrichmentPlan): void {
  const explainer = new Explainer(formats, plan);
  for (const event of events)
    assert.ok(explainer.explain(Buffer.from(event), { json: true, receivedNs: 1n }).event, event);
}

const rules = [
  `rules:
  - name: heartbeats
    when: { event.action: heartbeat }
    drop: true
  - name: allowed
    when: { any: [{ source.ip: { starts: "203." } }, { not: { tags: [a, b] } }, { source.port: { more: 21, less: 23 } }] }
    sample: 0.1
    route: noise
  - { name: people, when: { user.name: { present: true } }, redact: { user.name: hash, source.ip: mask, own.name: mask } }
  - { name: bad, when: { all: [{ tags: threat_indicator }, { message: { contains: FAILED, ignore_case: true } }] }, risk: 50 }
`,
  'rules: [{ name: r, when: { host.ip: { ip: 10.0.0.0/8 } }, redact: { host.ip: hash } }, { name: q, risk: -5 }]',
];

test('files of rules: every mistake is told in words, and what is none compiles and runs', () => {
  let taken = 0;
  let refused = 0;
  const context = {
    key: 'a secret of enough bytes',
    route: (topic: string) => (topic === 'noise' ? 1 : 'no such topic'),
  };
  for (const text of hostile(rules, 7, 400)) {
    const { plan, problems } = readRules('rules.yaml', text, context);
    for (const problem of problems) assert.match(problemText(problem), /rules\.yaml.*\S/, text);
    if (problems.length > 0) refused++;
    else {
      if (taken++ % explainedOf === 0) holdsForEvents({ ...nothing, rules: plan });
    }
  }
  assert.ok(taken > 20 && refused > 400, `${taken} taken, ${refused} refused`);
});

const indicators = [
  `# comment
indicator,type,confidence,description,provider,tlp
203.0.113.7,ipv4-addr,High,"C2 of ""Foo"", active",abuse,GREEN
198.51.100.0/24,cidr,Low,Scanners,abuse,
2001:db8:bad::/48,ipv6-addr,,,,
*.below.example,domain,,,,
https://evil.example/x,,High,,,
d41d8cd98f00b204e9800998ecf8427e,md5,,,,
`,
  'value;kind\n10.0.0.0/8;cidr\n10.0.0.0/9;cidr\nroot;user\n',
  '203.0.113.7\nevil.example\n\n0.0.0.0/0\n::/0\n',
  JSON.stringify({
    type: 'bundle',
    objects: [
      { type: 'identity', id: 'identity--1', name: 'CERT' },
      {
        type: 'indicator',
        id: 'indicator--1',
        name: 'bad',
        pattern: "[ipv4-addr:value = '203.0.113.7' OR ipv4-addr:value ISSUBSET '198.51.100.0/24']",
        confidence: 80,
        valid_from: '2024-01-01T00:00:00Z',
        valid_until: '2099-01-01T00:00:00Z',
        created_by_ref: 'identity--1',
        external_references: [{ url: 'https://cert.example' }],
        object_marking_refs: ['marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da'],
      },
      { type: 'indicator', id: 'indicator--2', pattern: "[file:hashes.'SHA-256' IN ('a', 'b')]" },
      null,
      7,
    ],
  }),
];

const assets = [
  'ip,host,owner,type\n10.0.0.0/24,,network team,\n10.0.0.5,web1,ann,server\n2001:db8:bad::/48,,"a ""b""",\n',
  'user\tfull_name\nroot\tThe Superuser\n',
];

for (const [name, seeds, read] of [
  ['indicators', indicators, (text: string) => readIndicators([{ path: 'list.csv', text }], 0)],
  ['assets', assets, (text: string) => readAssets([{ path: 'list.csv', text }])],
] as const)
  test(`lists of ${name}: read, what is no key skipped, or refused in words; what was read is found`, () => {
    let taken = 0;
    for (const text of hostile(seeds, 11, 250)) {
      let list: ReadList;
      try {
        list = read(text);
      } catch (error) {
        // The texts of JSON.parse and of ours; TypeErrors are defects.
        assert.ok(error instanceof SyntaxError || (error as Error).constructor === Error, `${error}: ${text}`);
        continue;
      }
      assert.ok(list.entries >= 0 && list.skipped >= 0);
      if (taken++ % explainedOf === 0) holdsForEvents({ ...nothing, [name]: list.bytes });
    }
    assert.ok(taken > 200, `${taken} taken`);
  });

test('a STIX pattern costs what its length does, however it is written', () => {
  const list = "[ipv4-addr:value IN ('1.1.1.1'";
  for (const gap of [' ', '  ', '\t\n ', ', ', ' , ']) {
    assert.equal(readPattern(list + `${gap}'a'`.repeat(10_000)), null, 'without its end');
    const read = readPattern(`${list}${`${gap}'2.2.2.2'`.repeat(1000)})]`);
    assert.equal(read?.length, 1001);
    assert.ok(read?.every(({ text }) => isIPv4(text) || isIPv6(text)));
  }
  assert.equal(readPattern('['.repeat(100_000)), null);
  assert.equal(readPattern(`[${' '.repeat(100_000)}x`), null);
});
