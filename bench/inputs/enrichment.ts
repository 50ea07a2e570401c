/** What a site that uses all of enrichment's tables has: databases of places and networks, and a million indicators. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { autonomousSystem, city, makeMmdb } from './mmdb.js';
import { type Random, seeded } from './random.js';

const networkCount = 200_000;
/** Addresses in the input, each with a network of its own. */
const attackerCount = 20_000;
const cityCount = 20_000;
const systemCount = 20_000;
const indicatorCount = 1_000_000;
const seed = 20_240_502;

/** Written on first use. */
export function enrichmentFiles(folder: string): NodeJS.ProcessEnv {
  mkdirSync(folder, { recursive: true });
  const [cities, systems, indicators] = ['cities.mmdb', 'systems.mmdb', 'indicators.txt'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  if (!existsSync(indicators)) {
    const random = seeded(seed);
    const networks = new Map<number, number>();
    for (let i = 0; i < attackerCount; i++) networks.set(networkOf(i), networks.size);
    while (networks.size < networkCount) networks.set(publicNetwork(random.below(1 << 24)), networks.size);
    const modulo = (count: number) => new Map([...networks].map(([network, i]) => [network, i % count]));
    writeFileSync(
      cities,
      makeMmdb(
        'GeoLite2-City',
        modulo(cityCount),
        Array.from({ length: cityCount }, (_, i) => city(random, i)),
      ),
    );
    writeFileSync(
      systems,
      makeMmdb(
        'GeoLite2-ASN',
        modulo(systemCount),
        Array.from({ length: systemCount }, (_, i) => autonomousSystem(i)),
      ),
    );
    const lines = Array.from({ length: indicatorCount }, (_, i) =>
      i % 3 === 0 ? `host-${i}.bad.example` : addressOf(publicNetwork(random.below(1 << 24)), random.below(256)),
    );
    writeFileSync(indicators, `${lines.join('\n')}\n`);
  }
  return { PENSTOCK_GEOIP: `${cities},${systems}`, PENSTOCK_INDICATORS: indicators };
}

/** An address that attacks hosts on the internet: a few are most of what they see. */
export function attacker(random: Random): string {
  const i = random.below(attackerCount);
  return addressOf(networkOf(random.below(10) < 7 ? i % 200 : i), i & 255);
}

const networkOf = (i: number) => publicNetwork(seeded(i).below(1 << 24));

/** Upper 24 bits, within what registries give out. */
function publicNetwork(network: number): number {
  const first = network >>> 16;
  const outside =
    first >= 11 && first < 224 && first !== 100 && first !== 127 && first !== 169 && first !== 172 && first !== 192;
  return outside ? network : (network & 0xffff) | (45 << 16);
}

function addressOf(network: number, host: number): string {
  return `${network >>> 16}.${(network >>> 8) & 255}.${network & 255}.${host}`;
}
