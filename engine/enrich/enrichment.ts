/** What events are enriched from, loaded: read, checked and ready for the workers. */
import { type EnrichmentPlan, type MmdbInfo, mmdbInfo } from '../../native/enrich.js';
import type { EnrichSettings } from '../config/enrich.js';
import { SettingsError } from '../errors.js';
import { type LoadedList, loadList } from './load-list.js';
import { loadRules } from './load-rules.js';
import { readShared, type SharedFile, signatureOf } from './shared-file.js';

/** A file that is in use. */
export interface EnrichmentFile extends Omit<SharedFile, 'bytes'> {
  readonly bytes: { readonly length: number };
  /** For people: of a MaxMind DB its type. */
  readonly type: string;
  /** When its content was made, as it says itself; 0: it does not. */
  readonly builtSeconds: number;
  readonly loadedMs: number;
}

export type DatabaseFile = EnrichmentFile & SharedFile;

export interface Enrichment {
  readonly settings: EnrichSettings;
  readonly files: readonly EnrichmentFile[];
  readonly databases: readonly DatabaseFile[];
  readonly indicators: LoadedList | null;
  readonly assets: LoadedList | null;
  /** By number. */
  readonly ruleNames: readonly string[];
  /** null: there is nothing to do. */
  readonly plan: EnrichmentPlan | null;
}

/** Reads what is not in `before` as it is on the disk. @throws OperatingError: a file cannot be read, or is not what it should be */
export async function loadEnrichment(settings: EnrichSettings, before: Enrichment | null = null): Promise<Enrichment> {
  const databases: DatabaseFile[] = [];
  for (const path of settings.geoip) databases.push((await unchanged(path, before)) ?? (await loadDatabase(path)));
  const indicators = await loadList('indicators', settings.indicators, before?.indicators ?? null);
  const assets = await loadList('assets', settings.assets, before?.assets ?? null);
  const rules = settings.rules === null ? null : await loadRules(settings.rules, settings);
  const plan: EnrichmentPlan = {
    databases: databases.map(({ bytes }) => bytes),
    geoFields: settings.geoFields,
    internal: settings.network.has('direction') ? settings.internalNetworks : [],
    network: settings.network.has('type'),
    communityId: settings.network.has('community_id'),
    indicators: indicators?.table ?? null,
    assets: assets?.table ?? null,
    rules: rules?.plan ?? null,
  };
  const files = [...databases, ...(indicators?.files ?? []), ...(assets?.files ?? []), ...(rules ? [rules.file] : [])];
  const idle = files.length === 0 && plan.internal.length === 0 && !plan.network && !plan.communityId;
  return { settings, files, databases, indicators, assets, ruleNames: rules?.names ?? [], plan: idle ? null : plan };
}

/** Whether a file is another than the one in use; those that are gone are not. */
export async function changedFiles({ files }: Enrichment): Promise<string[]> {
  const now = await Promise.all(files.map(({ path }) => signatureOf(path)));
  return files
    .filter(({ signature }, i) => now[i] !== null && now[i] !== signature)
    .map(({ path }, i) => `${path} ${now[i]}`);
}

async function unchanged(path: string, before: Enrichment | null): Promise<DatabaseFile | undefined> {
  const known = before?.databases.find((file) => file.path === path);
  return known && (await signatureOf(path)) === known.signature ? known : undefined;
}

async function loadDatabase(path: string): Promise<DatabaseFile> {
  const file = await readShared(path);
  let info: MmdbInfo;
  try {
    info = mmdbInfo(file.bytes);
  } catch (cause) {
    const message = `${path} is no database of addresses: ${(cause as Error).message}`;
    throw new SettingsError('GEOIP_DATABASE', message, 'let PENSTOCK_GEOIP name MaxMind DB files (.mmdb)', { cause });
  }
  return { ...file, type: info.type, builtSeconds: info.buildEpoch, loadedMs: Date.now() };
}
