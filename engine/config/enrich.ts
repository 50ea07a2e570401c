/** What events are enriched from: the flags' values, checked as far as that needs no file. */
import { resolve } from 'node:path';
import { databasesMax, geoFieldNames } from '../../native/enrich.js';
import type { Report } from './build-settings.js';
import type { OptionValue } from './parse-value.js';
import { didYouMean } from './suggest.js';

export interface EnrichSettings {
  /** MaxMind DB files; absolute. */
  readonly geoip: readonly string[];
  /** What of them is wanted: a bit for each of `geoFieldNames`. */
  readonly geoFields: number;
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
  if (geoip.length > databasesMax) problem('PENSTOCK_GEOIP', geoip.join(), `${databasesMax} files at most`);
  return {
    geoip: geoip.map((path) => resolve(cwd, path)),
    geoFields: bits('PENSTOCK_GEOIP_FIELDS', list('PENSTOCK_GEOIP_FIELDS'), geoFieldNames(), problem),
    pollMs: Number(values.get('PENSTOCK_ENRICH_POLL_MS')),
  };
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
