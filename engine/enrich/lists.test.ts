/** Lists of indicators and of assets: what is read, what is found, and what events get of it. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { communityId } from '../../native/enrich.js';
import { projectRoot } from '../../native/load.js';
import type { EnrichSettings } from '../config/enrich.js';
import { Explainer } from '../formats/explain.js';
import { loadFormats } from '../formats/load.js';
import { csvRows } from './csv.js';
import { loadEnrichment } from './enrichment.js';
import { flatten, type Network, parseNetwork } from './networks.js';
import { readIndicators } from './read-lists.js';
import { readPattern, readStix } from './stix.js';

const formats = loadFormats(null);
const directory = mkdtempSync(join(tmpdir(), 'penstock-lists-'));
after(() => rmSync(directory, { recursive: true, force: true }));
function file(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}
const nothing: EnrichSettings = {
  geoip: [],
  geoFields: 0,
  network: new Set(),
  internalNetworks: [],
  indicators: [],
  assets: [],
  rules: null,
  redactKey: '',
  topics: [],
  pollMs: 0,
};
async function enriched(event: object, settings: Partial<EnrichSettings>): Promise<Readonly<Record<string, unknown>>> {
  const explainer = new Explainer(formats, (await loadEnrichment({ ...nothing, ...settings })).plan);
  return explainer.explain(Buffer.from(JSON.stringify(event)), { json: true, receivedNs: 1n }).enriched?.fields ?? {};
}

const feed = `# comment
indicator,type,confidence,description,provider,tlp
203.0.113.7,ipv4-addr,High,"C2 of ""Foo"", active",abuse,GREEN
198.51.100.0/24,cidr,Low,Scanners,abuse,
198.51.100.128/25,,Medium,,,
2001:db8:bad::/48,ipv6-addr,,,,
2001:DB8::1,,,,,
Evil.Example.,domain,High,,,
*.below.example,domain,,,,
d41d8cd98f00b204e9800998ecf8427e,md5,,,,
HTTP://Bad.Example/Path?x=1,url,,,,
not an indicator,,,,,
`;
const match = async (event: object) =>
  (await enriched(event, { indicators: [file('feed.csv', feed)] }))['threat.indicator.name'];

test('what each kind of key finds, and what it does not', async () => {
  const ip = (address: string) => match({ source: { ip: address } });
  assert.equal(await ip('203.0.113.7'), '203.0.113.7');
  assert.equal(await ip('::ffff:203.0.113.7'), '203.0.113.7');
  assert.equal(await ip('203.0.113.8'), undefined);
  assert.equal(await ip('198.51.100.0'), '198.51.100.0/24');
  assert.equal(await ip('198.51.100.127'), '198.51.100.0/24');
  assert.equal(await ip('198.51.100.128'), '198.51.100.128/25');
  assert.equal(await ip('198.51.100.255'), '198.51.100.128/25');
  assert.equal(await ip('198.51.101.0'), undefined);
  assert.equal(await ip('198.51.99.255'), undefined);
  assert.equal(await ip('2001:db8:bad:ffff::1'), '2001:db8:bad::/48');
  assert.equal(await ip('2001:db8:bae::'), undefined);
  assert.equal(await ip('2001:0db8::0001'), '2001:DB8::1');
  const domain = (name: string) => match({ dns: { question: { name } } });
  assert.equal(await domain('EVIL.example'), 'Evil.Example.');
  assert.equal(await domain('a.evil.example'), undefined);
  assert.equal(await domain('a.b.below.example.'), '*.below.example');
  assert.equal(await domain('below.example'), '*.below.example');
  assert.equal(await domain('xbelow.example'), undefined);
  assert.equal(
    await match({ file: { hash: { md5: 'D41D8CD98F00B204E9800998ECF8427E' } } }),
    'd41d8cd98f00b204e9800998ecf8427e',
  );
  assert.equal(await match({ url: { full: 'http://bad.example/Path?x=1' } }), 'HTTP://Bad.Example/Path?x=1');
  assert.equal(await match({ url: { full: 'http://bad.example/path?x=1' } }), undefined);
});

test('lists as they are found: hosts files, comments behind values, defanged values, other ends of lines', async () => {
  const hosts = file(
    'hosts.txt',
    '# Title\r\n127.0.0.1 localhost localhost.localdomain\n::1\tip6-localhost\n0.0.0.0 0.0.0.0\n0.0.0.0 bad.example\n127.0.0.1\tevil.example worse.example # both\r\n',
  );
  const plain = file(
    'plain.txt',
    '\ufeff203.0.113.50 # scanner\r\n203.0.113.51\tbotnet\r\nhxxps[://]x[.]example/y\nhXXp://z.example/y\n198[.]51[.]100[.]10\nc2(.)paren.example // seen in May\nbad[dot]dot.example\nfound.example was not found\n',
  );
  const csv = file('defanged.csv', 'ioc;type\n203.0.113[.]52;ip\nhxxp://[2001:db8::1]/a;url\n');
  const found = async (event: object) =>
    (await enriched(event, { indicators: [hosts, plain, csv] }))['threat.indicator.name'];
  const domain = (name: string) => found({ dns: { question: { name } } });
  for (const name of ['bad.example', 'evil.example', 'worse.example', 'c2.paren.example', 'bad.dot.example'])
    assert.equal(await domain(name), name);
  for (const name of ['localhost.localdomain', 'ip6-localhost', 'found.example'])
    assert.equal(await domain(name), undefined, name);
  for (const ip of ['203.0.113.50', '203.0.113.51', '203.0.113.52', '198.51.100.10'])
    assert.equal(await found({ source: { ip } }), ip);
  for (const ip of ['127.0.0.1', '0.0.0.0', '::1']) assert.equal(await found({ source: { ip } }), undefined, ip);
  for (const url of ['https://x.example/y', 'http://z.example/y', 'http://[2001:db8::1]/a'])
    assert.equal(await found({ url: { full: url } }), url);
});

test('what an event gets of an indicator', async () => {
  const indicators = [file('feed.csv', feed), file('more.txt', '203.0.113.7\n')];
  const fields = await enriched({ source: { ip: '10.0.0.1' }, destination: { ip: '203.0.113.7' } }, { indicators });
  assert.deepEqual(fields, {
    tags: ['threat_indicator'],
    'threat.feed.name': 'feed',
    'threat.indicator.confidence': 'High',
    'threat.indicator.description': 'C2 of "Foo", active',
    'threat.indicator.ip': '203.0.113.7',
    'threat.indicator.marking.tlp': 'GREEN',
    'threat.indicator.name': '203.0.113.7',
    'threat.indicator.provider': 'abuse',
    'threat.indicator.type': 'ipv4-addr',
    'threat.enrichments': [
      {
        indicator: {
          'feed.name': 'feed',
          name: '203.0.113.7',
          confidence: 'High',
          description: 'C2 of "Foo", active',
          provider: 'abuse',
          'marking.tlp': 'GREEN',
          type: 'ipv4-addr',
        },
        matched: { atomic: '203.0.113.7', field: 'destination.ip' },
      },
      {
        indicator: { 'feed.name': 'more', name: '203.0.113.7', type: 'ipv4-addr' },
        matched: { atomic: '203.0.113.7', field: 'destination.ip' },
      },
    ],
  });
});

test('assets and users: below the field that names them, never over what the event says', async () => {
  const assets = [
    file('assets.csv', 'ip,host,owner,type,geo.name\n10.0.0.0/24,,network team,,Rack 1\n10.0.0.5,web1,ann,server,\n'),
    file('users.csv', 'user;full_name;department\nAlice;Alice A.;finance\n'),
  ];
  const fields = await enriched(
    {
      source: { ip: '10.0.0.5' },
      destination: { ip: '10.0.0.6' },
      host: { name: 'WEB1', type: 'said' },
      user: { name: 'alice' },
    },
    { assets },
  );
  assert.deepEqual(fields, {
    'source.owner': 'ann',
    'source.type': 'server',
    'destination.owner': 'network team',
    'destination.geo.name': 'Rack 1',
    'host.owner': 'ann',
    'user.full_name': 'Alice A.',
    'user.department': 'finance',
  });
});

test('a million keys: each is found, and none that is not there', async () => {
  const count = 1_000_000;
  const address = (i: number) => `${20 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.9`;
  const lines = Array.from({ length: count }, (_, i) => (i % 2 === 0 ? address(i) : `h${i}.example.net`));
  const { plan, indicators } = await loadEnrichment({
    ...nothing,
    indicators: [file('million.txt', lines.join('\n'))],
  });
  assert.equal(indicators?.entries, count);
  const explainer = new Explainer(formats, plan);
  const found = (event: object) =>
    'threat.indicator.name' in
    (explainer.explain(Buffer.from(JSON.stringify(event)), { json: true, receivedNs: 1n }).enriched?.fields ?? {});
  for (let i = 0; i < count; i += 9973) {
    assert.equal(found({ source: { ip: address(i) } }), i % 2 === 0, address(i));
    assert.equal(found({ dns: { question: { name: `h${i}.example.net` } } }), i % 2 === 1);
  }
});

test('ranges of networks within each other, against asking each of them', () => {
  let state = 7;
  const random = (n: number) => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * n);
  };
  for (let round = 0; round < 200; round++) {
    const networks: Network[] = [];
    for (let i = 0; i < 12; i++) {
      const network = parseNetwork(`10.0.0.${random(256)}/${24 + random(9)}`) as Omit<Network, 'entry'>;
      if (!networks.some((one) => one.first === network.first && one.bits === network.bits))
        networks.push({ ...network, entry: i });
    }
    const ranges = flatten(networks, 32);
    for (let host = 0; host < 256; host++) {
      const address = (10n << 24n) + BigInt(host);
      const holding = networks.filter(({ first, bits }) => address >> BigInt(32 - bits) === first >> BigInt(32 - bits));
      const expected = holding.sort((a, b) => b.bits - a.bits)[0]?.entry ?? null;
      assert.equal(ranges.filter(({ start }) => start <= address).at(-1)?.entry ?? null, expected);
    }
  }
  assert.deepEqual(flatten([{ v6: false, first: 0n, bits: 0, entry: 1 }], 32), [{ start: 0n, entry: 1 }]);
});

test('CSV: quotes, tabs, comments, line ends', () => {
  assert.deepEqual(
    [...csvRows('\uFEFFa,b\r\n# no\n"x, ""y""\nz", 2 \n\nlast')],
    [['a', 'b'], ['x, "y"\nz', '2'], ['last']],
  );
  assert.deepEqual(
    [...csvRows('a\tb\n1\t2')],
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  );
});

test('STIX patterns that one comparison decides', () => {
  const texts = (pattern: string) => readPattern(pattern)?.map(({ kind, text }) => `${kind} ${text}`) ?? null;
  assert.deepEqual(texts("[ipv4-addr:value = '203.0.113.1']"), ['ip 203.0.113.1']);
  assert.deepEqual(texts("[ipv4-addr:value ISSUBSET '198.51.100.0/24' OR domain-name:value = 'a.example']"), [
    'ip 198.51.100.0/24',
    'domain a.example',
  ]);
  assert.deepEqual(texts("[file:hashes.'SHA-256' = 'ab'] OR [file:hashes.MD5 IN ('cd', 'ef')]"), [
    'hash ab',
    'hash cd',
    'hash ef',
  ]);
  assert.deepEqual(texts("[url:value = 'http://a.example/\\'x']"), ["url http://a.example/'x"]);
  for (const pattern of [
    "[ipv4-addr:value = '1.1.1.1' AND url:value = 'x']",
    "[a:b = 'c'] FOLLOWEDBY [d:e = 'f']",
    "[file:name = 'x']",
    '',
    '[',
    "[ipv4-addr:value != '1.1.1.1']",
  ])
    assert.equal(texts(pattern), null, pattern);
});

test('a STIX bundle: names, confidence, marking; not what is revoked or has expired', () => {
  const indicator = { type: 'indicator', pattern: "[ipv4-addr:value = '203.0.113.1']", pattern_type: 'stix' };
  const bundle = {
    objects: [
      { type: 'identity', id: 'identity--1', name: 'ACME' },
      {
        ...indicator,
        name: 'C2',
        confidence: 70,
        created_by_ref: 'identity--1',
        object_marking_refs: ['marking-definition--f88d31f6-486f-44da-b317-01333bde0b82'],
        external_references: [{ source_name: 'x' }, { url: 'https://a.example' }],
      },
      { ...indicator, revoked: true },
      { ...indicator, valid_until: '2020-01-01T00:00:00Z' },
      { ...indicator, pattern_type: 'yara' },
    ],
  };
  const { indicators, skipped } = readStix(bundle, Date.now());
  assert.equal(skipped, 1);
  assert.deepEqual(
    indicators.map(({ cells }) => cells),
    [
      {
        name: 'C2',
        description: '',
        provider: 'ACME',
        reference: 'https://a.example',
        confidence: 'High',
        'marking.tlp': 'AMBER',
        first_seen: '',
      },
    ],
  );
  const read = readIndicators([{ path: 'b.json', text: JSON.stringify(bundle) }], Date.now());
  assert.deepEqual([read.entries, read.skipped], [1, 1]);
});

test('a list that cannot be used says why', async () => {
  await assert.rejects(
    loadEnrichment({ ...nothing, indicators: [file('bad.json', '{"objects": 1}')] }),
    /objects is no list/,
  );
  await assert.rejects(loadEnrichment({ ...nothing, assets: [file('bad.csv', 'a,b\n1,2')] }), /names no key/);
});

test('Community IDs of the specification', () => {
  const flows = JSON.parse(readFileSync(join(projectRoot, 'test/data/community-id/baseline_deflt.json'), 'utf8')) as {
    proto: number;
    saddr: string;
    daddr: string;
    sport: number | null;
    dport: number | null;
    communityid: string;
  }[];
  assert.ok(flows.length > 20);
  for (const { proto, saddr, daddr, sport, dport, communityid } of flows)
    assert.equal(communityId(saddr, daddr, proto, sport ?? -1, dport ?? -1), communityid, `${saddr} ${daddr} ${proto}`);
});

test('network.*: direction by the internal networks, type, protocol, Community ID', async () => {
  const settings = {
    network: new Set(['type', 'direction', 'community_id'] as const),
    internalNetworks: ['10.0.0.0/8', 'fc00::/7'],
  };
  const direction = async (source: string, destination: string) =>
    (await enriched({ source: { ip: source }, destination: { ip: destination } }, settings))['network.direction'];
  assert.deepEqual(
    [
      await direction('10.0.0.1', '203.0.113.1'),
      await direction('203.0.113.1', '10.0.0.1'),
      await direction('10.0.0.1', 'fd00::1'),
      await direction('203.0.113.1', '198.51.100.1'),
    ],
    ['outbound', 'inbound', 'internal', 'external'],
  );
  const flow = { source: { ip: '128.232.110.120', port: 34855 }, destination: { ip: '66.35.250.204', port: 80 } };
  assert.deepEqual(await enriched({ ...flow, network: { transport: 'tcp', direction: 'inbound' } }, settings), {
    'network.community_id': '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
    'network.iana_number': '6',
    'network.type': 'ipv4',
  });
  assert.equal((await enriched({ ...flow, network: { iana_number: '17' } }, settings))['network.transport'], 'udp');
  assert.deepEqual(await enriched({ source: { ip: '2001:db8::1' } }, settings), { 'network.type': 'ipv6' });
});

test('how sure a list is, in the words that rules ask for', async () => {
  const list = file('sure.csv', 'indicator,confidence\n192.0.2.1,90\n192.0.2.2,low\n192.0.2.3,0\n192.0.2.4,A1\n');
  const sure = async (ip: string) =>
    (await enriched({ source: { ip } }, { indicators: [list] }))['threat.indicator.confidence'];
  assert.deepEqual(await Promise.all([1, 2, 3, 4].map((i) => sure(`192.0.2.${i}`))), ['High', 'Low', 'None', 'A1']);
});

test('a file that is no list is refused by name; one of nothing is not', async () => {
  const load = (name: string, text: string) =>
    loadEnrichment({ ...nothing, indicators: [file('right.txt', '192.0.2.1\n'), file(name, text)] });
  await assert.rejects(load('page.txt', '<!DOCTYPE html>\n<title>404</title>\n'), /page\.txt: none of its lines is/);
  await assert.rejects(load('half.json', '{"type":"bundle"'), /half\.json: Expected/);
  await assert.rejects(load('other.json', '{"error":"quota"}'), /other\.json: it is no STIX bundle: it has no objects/);
  for (const text of ['', '# none today\n', 'indicator,type\n', '{"type":"bundle","id":"bundle--1"}'])
    assert.equal((await load('none.txt', text)).indicators?.entries, 1);
});

test('feeds as they are published: columns called by what they hold, named in a comment, addresses with ports', async () => {
  const name = async (text: string, event: object) =>
    (await enriched(event, { indicators: [file('published.csv', text)] }))['threat.indicator.name'];
  const ip = (text: string, address: string) => name(text, { source: { ip: address } });
  const urlhaus =
    '# URLhaus\r\n#\r\n# id,dateadded,url,threat\r\n"1","2026-01-01","http://bad.example/x","malware"\r\n"2","2026-01-01","http://bad.example/y","malware"\r\n';
  for (const at of ['x', 'y'])
    assert.equal(await name(urlhaus, { url: { full: `http://bad.example/${at}` } }), `http://bad.example/${at}`);
  const threatfox =
    '# "first_seen_utc","ioc_value","ioc_type"\n"2026-01-01 00:00:00", "203.0.113.9:4444", "ip:port"\n"2026-01-01 00:00:00", "evil.example", "domain"\n';
  assert.equal(await ip(threatfox, '203.0.113.9'), '203.0.113.9:4444');
  assert.equal(await name(threatfox, { url: { domain: 'evil.example' } }), 'evil.example');
  assert.equal(
    await ip('"first_seen_utc","dst_ip","dst_port"\n"2026-01-01","203.0.113.10","80"\n', '203.0.113.10'),
    '203.0.113.10',
  );
  assert.equal(await ip('203.0.113.11:8080\n', '203.0.113.11'), '203.0.113.11:8080');
  const hash = 'a'.repeat(64);
  assert.equal(await name(`sha256_hash,name\n${hash},Foo\n`, { file: { hash: { sha256: hash } } }), 'Foo');
  // What is only said of a plain list is no header of it.
  const plain = '# ip, domain\nevil.example\n203.0.113.12\n';
  assert.equal(await name(plain, { url: { domain: 'evil.example' } }), 'evil.example');
  assert.equal(await ip(plain, '203.0.113.12'), '203.0.113.12');
});
