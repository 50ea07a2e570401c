/** What events are enriched from: the flags' values, checked as far as that needs no file. */
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { databasesMax, geoFieldNames } from '../../native/enrich.js';
import type { Report } from './build-settings.js';
import type { OptionValue } from './parse-value.js';
import { didYouMean } from './suggest.js';
import { parseUrl, splitUrls } from './url-list.js';

export const networkFields = ['type', 'direction', 'community_id'] as const;
export type NetworkField = (typeof networkFields)[number];

export interface EnrichSettings {
  /** MaxMind DB files; absolute. */
  readonly geoip: readonly string[];
  /** What of them is wanted: a bit for each of `geoFieldNames`. */
  readonly geoFields: number;
  /** Of network.*: type (and transport), direction, community_id. */
  readonly network: ReadonlySet<NetworkField>;
  /** One's own, as CIDR. */
  readonly internalNetworks: readonly string[];
  /** Lists of indicators, and of assets and users; absolute. */
  readonly indicators: readonly string[];
  readonly assets: readonly string[];
  /** File of rules; absolute; null: none. */
  readonly rules: string | null;
  /** Of the hashes of redaction; '': none. */
  readonly redactKey: string;
  /** Topics of the sinks that have several, by route. */
  readonly topics: readonly (readonly string[])[];
  /** How often to look at the files; 0: never. */
  readonly pollMs: number;
}

export function readEnrich(
  values: ReadonlyMap<string, OptionValue | null>,
  cwd: string,
  problem: Report,
): EnrichSettings {
  const list = (flag: string) => listOf(String(values.get(flag) ?? ''));
  const geoip = list('PENSTOCK_GEOIP');
  const paths = (flag: string) => list(flag).map((path) => resolve(cwd, path));
  if (geoip.length > databasesMax) problem('PENSTOCK_GEOIP', geoip.join(), `${databasesMax} files at most`);
  return {
    geoip: paths('PENSTOCK_GEOIP'),
    geoFields: bits('PENSTOCK_GEOIP_FIELDS', list('PENSTOCK_GEOIP_FIELDS'), geoFieldNames(), problem),
    network: readNetwork(list('PENSTOCK_NETWORK_FIELDS'), problem),
    internalNetworks: list('PENSTOCK_INTERNAL_NETWORKS').filter((text) => {
      if (isNetwork(text)) return true;
      problem('PENSTOCK_INTERNAL_NETWORKS', text, 'networks such as 10.0.0.0/8 or fc00::/7');
      return false;
    }),
    indicators: paths('PENSTOCK_INDICATORS'),
    assets: paths('PENSTOCK_ASSETS'),
    rules: paths('PENSTOCK_RULES')[0] ?? null,
    redactKey: String(values.get('PENSTOCK_REDACT_KEY') ?? ''),
    topics: splitUrls(String(values.get('PENSTOCK_DELIVER') ?? ''), []).map(topicsOf),
    pollMs: Number(values.get('PENSTOCK_ENRICH_POLL_MS')),
  };
}

function readNetwork(names: readonly string[], problem: Report): ReadonlySet<NetworkField> {
  if (names.join() === 'off') return new Set();
  for (const name of names)
    if (!networkFields.some((known) => known === name))
      problem('PENSTOCK_NETWORK_FIELDS', name, `off, or of ${networkFields.join(', ')}`);
  return new Set(names as NetworkField[]);
}

function isNetwork(text: string): boolean {
  const [address = '', bits] = text.split('/');
  const family = isIP(address);
  return family !== 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)));
}

/** What a sink's URL names behind its host: `kafka://host/first,second`. */
function topicsOf(url: string): string[] {
  const path = parseUrl(url)?.path.replace(/^\//, '') ?? '';
  return path === '' ? [] : path.split(',');
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** A bit for each of `names` that is in the list. */
function bits(flag: string, list: readonly string[], names: readonly string[], problem: Report): number {
  let set = 0;
  for (const name of list) {
    const place = names.indexOf(name);
    if (place < 0) problem(flag, name, `of ${names.join(', ')}${didYouMean(name, new Set(names))}`);
    else set |= 1 << place;
  }
  return set;
}
