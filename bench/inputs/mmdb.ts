/** MaxMind DB files of realistic size, made up: places and networks of addresses (maxmind.github.io/MaxMind-DB, version 2.0). */
import type { Random } from './random.js';

export type MmdbData = string | number | { readonly uint: number } | readonly MmdbData[] | MmdbMap;
export interface MmdbMap {
  readonly [name: string]: MmdbData;
}

const recordBits = 32;
const ipv4Depth = 96;

/** The tree of an IPv6 database with one record for each /24 of IPv4 in `networks` (upper 24 bits → index of `records`). */
export function makeMmdb(type: string, networks: ReadonlyMap<number, number>, records: readonly MmdbMap[]): Buffer {
  const data: Buffer[] = [];
  const offsets: number[] = [];
  let size = 0;
  for (const record of records) {
    const bytes = Buffer.from(encode(record));
    offsets.push(size);
    data.push(bytes);
    size += bytes.length;
  }
  const tree = makeTree(networks);
  const nodes = tree.length / 2;
  const out = Buffer.alloc(tree.length * 4);
  tree.forEach((child, i) => {
    // A child: another node (> 0), a record (< 0, −1 − index), or nothing.
    const value = child > 0 ? child : child < 0 ? nodes + 16 + (offsets[-1 - child] as number) : nodes;
    out.writeUInt32BE(value, i * 4);
  });
  const metadata = encode({
    node_count: { uint: nodes },
    record_size: { uint: recordBits },
    ip_version: { uint: 6 },
    database_type: type,
    languages: ['en'],
    binary_format_major_version: { uint: 2 },
    binary_format_minor_version: { uint: 0 },
    build_epoch: { uint: 1_700_000_000 },
    description: { en: 'made up' },
  });
  return Buffer.concat([
    out,
    Buffer.alloc(16),
    ...data,
    Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'),
    Buffer.from(metadata),
  ]);
}

/** Two children a node. */
function makeTree(networks: ReadonlyMap<number, number>): Int32Array {
  let tree = new Int32Array(1 << 20);
  let nodes = 1;
  const child = (at: number): number => {
    if (tree[at] === 0) {
      tree[at] = nodes++;
      if (2 * nodes > tree.length) {
        const larger = new Int32Array(2 * tree.length);
        larger.set(tree);
        tree = larger;
      }
    }
    return tree[at] as number;
  };
  let root = 0;
  for (let depth = 0; depth < ipv4Depth; depth++) root = child(2 * root);
  for (const [network, record] of networks) {
    let node = root;
    for (let bit = 23; bit > 0; bit--) node = child(2 * node + ((network >>> bit) & 1));
    tree[2 * node + (network & 1)] = -1 - record;
  }
  return tree.subarray(0, 2 * nodes);
}

function encode(value: MmdbData): number[] {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return [...head(2, bytes.length), ...bytes];
  }
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return [...head(3, 8), ...bytes];
  }
  if (Array.isArray(value)) return [...head(11, value.length), ...value.flatMap(encode)];
  if (isUint(value)) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value.uint);
    return [...head(6, 4), ...bytes];
  }
  const members = Object.entries(value as MmdbMap);
  return [...head(7, members.length), ...members.flatMap(([name, of]) => [...encode(name), ...encode(of)])];
}

function isUint(value: MmdbData): value is { uint: number } {
  return typeof value === 'object' && 'uint' in value && typeof value.uint === 'number';
}

/** Control byte; types above 7 have a second one, sizes from 29 on one or two more. */
function head(type: number, size: number): number[] {
  const code = type > 7 ? 0 : type << 5;
  const extended = type > 7 ? [type - 7] : [];
  if (size < 29) return [code | size, ...extended];
  if (size < 285) return [code | 29, ...extended, size - 29];
  return [code | 30, ...extended, (size - 285) >> 8, (size - 285) & 255];
}

/** As GeoLite2's cities: names in eight languages, a subdivision, coordinates. */
export function city(random: Random, i: number): MmdbMap {
  const names = (what: string): MmdbMap =>
    Object.fromEntries(
      ['de', 'en', 'es', 'fr', 'ja', 'pt-BR', 'ru', 'zh-CN'].map((language) => [language, `${what} ${i} ${language}`]),
    );
  const country = `${String.fromCharCode(65 + (i % 26))}${String.fromCharCode(65 + ((i >> 5) % 26))}`;
  return {
    city: { geoname_id: { uint: 5_000_000 + i }, names: names('City') },
    continent: { code: 'EU', geoname_id: { uint: 6_255_148 }, names: names('Continent') },
    country: { geoname_id: { uint: 2_600_000 + (i % 240) }, iso_code: country, names: names('Country') },
    location: {
      accuracy_radius: { uint: 20 },
      latitude: random.below(180_000) / 1000 - 90,
      longitude: random.below(360_000) / 1000 - 180,
      time_zone: 'Europe/Berlin',
    },
    postal: { code: String(10_000 + (i % 90_000)) },
    subdivisions: [{ geoname_id: { uint: 2_900_000 + (i % 4000) }, iso_code: 'BE', names: names('Region') }],
  };
}

/** As GeoLite2's autonomous systems. */
export function autonomousSystem(i: number): MmdbMap {
  return { autonomous_system_number: { uint: 1000 + i }, autonomous_system_organization: `Example Networks ${i} Ltd.` };
}
