/** What events are enriched from, loaded: read, checked and ready for the workers. */
import { type EnrichmentPlan, type MmdbInfo, mmdbInfo } from '../../native/enrich.js';
import type { EnrichSettings } from '../config/enrich.js';
import { SettingsError } from '../errors.js';
import { type LoadedList, loadList } from './load-list.js';
import { type LoadedRules, loadRules } from './load-rules.js';
import { readShared, type SharedFile, type Signature, signatureOf } from './shared-file.js';

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
  readonly rules: LoadedRules | null;
  /** By number. */
  readonly ruleNames: readonly string[];
  /** null: there is nothing to do. */
  readonly plan: EnrichmentPlan | null;
}

/** Told why some files are not taken, and goes on with what was loaded of them before. */
export type OnRefused = (error: unknown, paths: readonly string[]) => void;

/**
 * Reads what is not in `before` as it is on the disk.
 * @param onRefused a database, list or file of rules that is wrong leaves what `before` has of it, and does not keep the others from being
 *   taken; else it is thrown
 * @throws OperatingError: a file cannot be read, or is not what it should be
 */
export async function loadEnrichment(
  settings: EnrichSettings,
  before: Enrichment | null = null,
  onRefused: OnRefused | null = null,
): Promise<Enrichment> {
  const or = async <T>(known: T | null | undefined, paths: readonly string[], load: () => Promise<T>): Promise<T> => {
    try {
      return await load();
    } catch (error) {
      if (onRefused === null || !known) throw error;
      onRefused(error, paths);
      return known;
    }
  };
  const databases: DatabaseFile[] = [];
  for (const path of settings.geoip) {
    const known = before?.databases.find((file) => file.path === path);
    databases.push(await or(known, [path], async () => (await unchanged(known)) ?? loadDatabase(path)));
  }
  const list = (kind: 'indicators' | 'assets') =>
    or(before?.[kind], settings[kind], () => loadList(kind, settings[kind], before?.[kind] ?? null));
  const indicators = await list('indicators');
  const assets = await list('assets');
  const { rules: path } = settings;
  const rules = path === null ? null : await or(before?.rules, [path], () => loadRules(path, settings));
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
  return {
    settings,
    files,
    databases,
    indicators,
    assets,
    rules,
    ruleNames: rules?.names ?? [],
    plan: idle ? null : plan,
  };
}

/** Files that are others than those in use, and what they are now (`gone`: it cannot be looked at). */
export async function changedFiles({
  files,
}: Enrichment): Promise<{ readonly path: string; readonly signature: Signature }[]> {
  const now = await Promise.all(files.map(({ path }) => signatureOf(path)));
  return files.flatMap(({ path, signature }, i) => {
    const seen = now[i];
    return seen === signature ? [] : [{ path, signature: seen ?? 'gone' }];
  });
}

async function unchanged(known: DatabaseFile | undefined): Promise<DatabaseFile | undefined> {
  return known && (await signatureOf(known.path)) === known.signature ? known : undefined;
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
