/** MaxMind's own databases against what they were made from, and its damaged ones, which must neither crash nor answer nonsense. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { mmdbInfo, mmdbLookup } from './enrich.js';
import { projectRoot } from './load.js';

const data = join(projectRoot, 'test/data/geoip');
const mmdb = (name: string) => new Uint8Array(readFileSync(join(data, name)));
const lookup = (db: Uint8Array, address: string) => {
  const text = mmdbLookup(db, address);
  return typeof text === 'string' ? (JSON.parse(text) as unknown) : text;
};

/** First and last address of a network. */
function ends(network: string): string[] {
  const [address, size] = network.split('/') as [string, string];
  const v6 = address.includes(':');
  const width = v6 ? 128n : 32n;
  const groups = v6 ? expand(address).map((group) => BigInt(`0x${group}`)) : address.split('.').map(BigInt);
  const value = groups.reduce((all, group) => (all << (v6 ? 16n : 8n)) | group, 0n);
  const host = (1n << (width - BigInt(size))) - 1n;
  return [value & ~host, value | host].map((n) => (v6 ? textOfV6(n) : textOfV4(n)));
}
function expand(address: string): string[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  if (dotted) {
    const [a = 0, b = 0, c = 0, d = 0] = dotted.slice(2).map(Number);
    return expand(`${dotted[1]}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`);
  }
  const [head = '', tail] = address.split('::');
  const [before, after] = [head, tail ?? ''].map((part) => part.split(':').filter((group) => group !== '')) as [
    string[],
    string[],
  ];
  return tail === undefined
    ? before
    : [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
}
const textOfV4 = (n: bigint) => [24n, 16n, 8n, 0n].map((shift) => (n >> shift) & 255n).join('.');
const textOfV6 = (n: bigint) =>
  Array.from({ length: 8 }, (_, i) => ((n >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(':');

const sources = readdirSync(join(data, 'source-data'));
for (const source of sources) {
  const name = source.replace('.json.gz', '.mmdb');
  if (!readdirSync(join(data, 'test-data')).includes(name)) continue;
  test(`${name}: every network answers as its source says`, () => {
    const db = mmdb(join('test-data', name));
    const entries = JSON.parse(gunzipSync(readFileSync(join(data, 'source-data', source))).toString('utf8')) as Record<
      string,
      unknown
    >[];
    const networks = entries
      .flatMap((entry) => Object.entries(entry))
      .map(([text, told]) => ({ ...range(text), told }));
    assert.ok(networks.length > 0);
    // Written one after the other: the last that holds the address counts.
    for (const { text } of networks)
      for (const address of ends(text)) {
        const at = range(address).first;
        const last = networks.findLast((one) => one.first <= at && at <= one.last && one.v6 === address.includes(':'));
        assert.deepEqual(lookup(db, address), last?.told, `${address} of ${text}`);
      }
  });
}
/** Of a network, or of an address alone. */
function range(text: string): { text: string; v6: boolean; first: bigint; last: bigint } {
  const v6 = text.includes(':');
  const [base = '', size] = text.split('/');
  const bits = v6 ? 128n : 32n;
  const hosts = bits - BigInt(size ?? bits);
  const groups = v6 ? expand(base).map((group) => BigInt(`0x${group}`)) : base.split('.').map(BigInt);
  const number = groups.reduce((all, group) => (all << (v6 ? 16n : 8n)) | group, 0n);
  const first = (number >> hosts) << hosts;
  return { text, v6, first, last: first + (1n << hosts) - 1n };
}

test('all types of values', () => {
  const db = mmdb('test-data/MaxMind-DB-test-decoder.mmdb');
  assert.deepEqual(lookup(db, '1.1.1.0'), {
    array: [1, 2, 3],
    boolean: true,
    bytes: '0000002a',
    double: 42.123456,
    float: lookupFloat,
    int32: -268435456,
    map: { mapX: { arrayX: [7, 8, 9], utf8_stringX: 'hello' } },
    uint16: 100,
    uint32: 268435456,
    uint64: 2 ** 60,
    uint128: '1329227995784915872903807060280344576',
    utf8_string: 'unicode! ☯ - ♫',
  });
  assert.equal((lookup(db, '0.0.0.0') as Record<string, unknown>).utf8_string, '');
});
const lookupFloat = Math.fround(1.1);

for (const size of [24, 28, 32])
  for (const version of [4, 6])
    test(`a tree of ${size} bits and IPv${version}`, () => {
      const db = mmdb(`test-data/MaxMind-DB-test-ipv${version}-${size}.mmdb`);
      assert.equal(mmdbInfo(db).ipVersion, version);
      const address = version === 4 ? ['1.1.1.3', '1.1.1.2'] : ['::2:0:1', '::2:0:0'];
      assert.deepEqual(lookup(db, address[0] as string), { ip: version === 4 ? address[1] : '::2:0:0' });
    });

test('damaged databases are refused or answer nothing', () => {
  const bad = readdirSync(join(data, 'bad-data'), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.mmdb'));
  assert.ok(bad.length >= 19);
  const broken = readdirSync(join(data, 'test-data')).filter((name) => /[Bb]roken|Invalid/.test(name));
  const refused: string[] = [];
  for (const name of [...bad.map((file) => join('bad-data', file)), ...broken.map((file) => join('test-data', file))]) {
    const db = mmdb(name);
    try {
      mmdbInfo(db);
    } catch (error) {
      refused.push(name);
      assert.match((error as Error).message, /damaged|MaxMind DB/);
      continue;
    }
    for (let i = 0; i < 256; i++)
      for (const address of [`${i}.${i}.1.${i}`, `${i}.0.0.0`, `${i.toString(16)}::${i.toString(16)}`])
        assert.doesNotThrow(() => mmdbLookup(db, address));
  }
  assert.ok(refused.length >= 3, refused.join());
  for (const name of ['invalid-string-length', 'invalid-data-record-offset', 'cyclic-data-structure'])
    assert.equal(mmdbLookup(mmdb(`bad-data/maxminddb-golang/${name}.mmdb`), '1.1.1.1') ?? undefined, undefined, name);
});

test('every way to cut a database off, and every byte of one turned over', () => {
  const db = mmdb('test-data/MaxMind-DB-test-ipv4-24.mmdb');
  for (let size = 0; size < db.length; size++) assert.doesNotThrow(() => mmdbLookup(db.slice(0, size), '1.1.1.1'));
  for (let at = 0; at < db.length; at++)
    for (const change of [0xff, 0x80, 0x01]) {
      const other = db.slice();
      other[at] = (other[at] as number) ^ change;
      for (const address of ['1.1.1.1', '1.1.1.16', '::1']) assert.doesNotThrow(() => mmdbLookup(other, address));
    }
});
