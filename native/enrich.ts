/** What events are enriched from, as workers get it, and MaxMind DB files. Events are enriched in the pipeline, without JavaScript. */
import { loadAddon } from './load.js';

/** Plain data and shared memory: handed to every worker, held by each as long as it uses it. */
export interface EnrichmentPlan {
  /** MaxMind DB files, `databasesMax` at most; of two that know a field the first counts. Nobody writes to them. */
  readonly databases: readonly Uint8Array[];
  /** Which fields they give: a bit for each of `geoFieldNames`. */
  readonly geoFields: number;
  /** One's own networks, as CIDR; empty: no network.direction. */
  readonly internal: readonly string[];
  /** network.type, network.transport, network.iana_number. */
  readonly network: boolean;
  readonly communityId: boolean;
  /** Tables of engine/enrich/table-writer.ts; null: none. */
  readonly indicators: Uint8Array | null;
  readonly assets: Uint8Array | null;
  /** null: none. */
  readonly rules: RulesPlan | null;
}

export interface RulesPlan {
  /** Compiled conditions (engine/enrich/read-rules.ts). */
  readonly program: Uint8Array;
  /** Of the hashes of redaction. */
  readonly key: string;
  readonly actions: readonly RuleAction[];
}

/** What becomes of an event that fits. */
export interface RuleAction {
  /** Index of the topic; −1: the listener's. */
  readonly route: number;
  /** Share of the events that is kept, 0 to 1. */
  readonly keep: number;
  readonly drop: boolean;
  /** Points. */
  readonly risk: number;
  /** Field or attribute, and 0 hash, 1 mask. */
  readonly redact: readonly (readonly [name: string, how: number])[];
}

export const databasesMax = 4;

export interface MmdbInfo {
  readonly type: string;
  /** Seconds since the epoch. */
  readonly buildEpoch: number;
  readonly nodes: number;
  readonly ipVersion: number;
}

interface Addon {
  mmdbInfo(bytes: Uint8Array): MmdbInfo;
  mmdbLookup(bytes: Uint8Array, address: string): string | null | undefined;
  geoFieldNames: string[];
  indexTable(bytes: Uint8Array): string;
  communityId(
    source: string,
    destination: string,
    protocol: number,
    sourcePort: number,
    destinationPort: number,
  ): string | null;
  tableSections: (readonly [name: string, words: number])[];
}

/** Throws, saying what is wrong, when the bytes are no MaxMind DB. */
export function mmdbInfo(bytes: Uint8Array): MmdbInfo {
  return loadAddon<Addon>().mmdbInfo(bytes);
}

/** The whole record of an address, as JSON; null: there is none; undefined: the database is damaged there, or it is no address. */
export function mmdbLookup(bytes: Uint8Array, address: string): string | null | undefined {
  return loadAddon<Addon>().mmdbLookup(bytes, address);
}

/** Names of what databases can give, below source, destination …: 'geo.city_name'. */
export function geoFieldNames(): readonly string[] {
  return loadAddon<Addon>().geoFieldNames;
}

/** Sections of a lookup table in order, and the words of a row (native/src/enrich/lookup_table.h). */
export function tableSections(): readonly (readonly [name: string, words: number])[] {
  return loadAddon<Addon>().tableSections;
}

/** Fills in what only native code needs of a table that is being made. '' or what is wrong with it. */
export function indexTable(bytes: Uint8Array): string {
  return loadAddon<Addon>().indexTable(bytes);
}

/** Of a flow, version 1 and seed 0; ports −1: the protocol has none. null: the addresses are none, or of two kinds. */
export function communityId(
  source: string,
  destination: string,
  protocol: number,
  sourcePort = -1,
  destinationPort = -1,
): string | null {
  return loadAddon<Addon>().communityId(source, destination, protocol, sourcePort, destinationPort);
}
