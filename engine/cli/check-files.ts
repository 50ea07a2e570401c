/** What is wrong with the files that settings name: before anything is opened, all of it, as for the settings themselves. */
import { sinkTypes, sourceTypes } from '../../adapters/index.js';
import { pemMistakes } from '../../adapters/lib/pem-files.js';
import type { EnrichSettings } from '../config/enrich.js';
import { type LoadedSettings, readSettings } from '../config/load.js';
import { whyUnreadable } from '../config/readable.js';
import type { Settings } from '../config/settings.js';
import { loadEnrichment } from '../enrich/enrichment.js';
import { ConfigError, type ConfigProblem, OperatingError } from '../errors.js';
import { Formats } from '../formats/formats.js';
import { FormatsError } from '../formats/load.js';
import { problemText } from '../formats/pack-file.js';
import { sourceTypeOf } from '../listeners.js';
import { sinkTypeOf } from '../sinks.js';
import { InputSchemas } from '../validation/input-schemas.js';

type Mistake = Omit<ConfigProblem, 'origin'> & { readonly origin?: string };

/**
 * The settings, checked with every file they name.
 * @param whole everything is read to its end; else, of what the engine reads next in any case and takes its time to (format packs, lists,
 *   databases), it is only looked whether it is there
 * @throws ConfigError with every mistake
 */
export async function loadChecked(env: NodeJS.ProcessEnv, cwd: string, whole: boolean): Promise<LoadedSettings> {
  const { problems, ...loaded } = readSettings(env, cwd, { sourceTypes, sinkTypes });
  const { settings, effective } = loaded;
  const found: Mistake[] = [
    ...ofAdapters(settings),
    ...ofSchemas(settings),
    ...(await ofEnrichment(settings.enrich, whole)),
  ];
  if (whole || problems.length + found.length > 0) found.push(...ofFormats(settings));
  const originOf = (flag: string) => effective.find(({ name }) => name === flag)?.origin ?? 'default';
  const all = [...problems, ...found.map((mistake) => ({ origin: originOf(mistake.flag), ...mistake }))];
  if (all.length > 0) throw new ConfigError(all);
  return loaded;
}

function ofAdapters({ listeners, sinks, deadLetter }: Settings): Mistake[] {
  const say = (flag: string, value: string, mistakes: readonly string[] = []) =>
    mistakes.map((allowed) => ({ flag, value, allowed }));
  return [
    ...listeners.flatMap((spec) => say('PENSTOCK_LISTEN', spec.url, sourceTypeOf(spec).mistakes?.(spec))),
    ...sinks.flatMap((spec) => say('PENSTOCK_DELIVER', spec.url, sinkTypeOf(spec).mistakes?.(spec))),
    ...(deadLetter ? say('PENSTOCK_DEAD_LETTER', deadLetter.url, sinkTypeOf(deadLetter).mistakes?.(deadLetter)) : []),
  ];
}

function ofFormats({ formats, listeners }: Settings): Mistake[] {
  const flag = 'PENSTOCK_FORMATS';
  const value = formats ?? '';
  let loaded: Formats;
  try {
    loaded = Formats.load(formats);
  } catch (error) {
    if (error instanceof FormatsError)
      return error.problems.map((problem) => ({ flag, value, allowed: `without mistakes: ${problemText(problem)}` }));
    return [{ flag, value, allowed: sayOf(error) }];
  }
  return listeners.flatMap(({ url, options }) => {
    try {
      loaded.check([String(options.format ?? '')]);
      return [];
    } catch (error) {
      return [{ flag: 'PENSTOCK_LISTEN', value: url, allowed: sayOf(error) }];
    }
  });
}

function ofSchemas({ listeners, schemas: { caFile } }: Settings): Mistake[] {
  const flag = 'PENSTOCK_SCHEMA_REGISTRY_CA';
  const authorities = caFile === null ? [] : pemMistakes({ authorities: { name: flag, path: caFile } });
  const found: Mistake[] = authorities.map((allowed) => ({ flag, value: caFile ?? '', allowed }));
  try {
    InputSchemas.load(listeners);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    found.push(...error.problems);
  }
  return found;
}

/** Each file by itself, so that one mistake does not hide another. */
async function ofEnrichment(settings: EnrichSettings, whole: boolean): Promise<Mistake[]> {
  const { geoip, indicators, assets, rules } = settings;
  const none: EnrichSettings = { ...settings, geoip: [], indicators: [], assets: [], rules: null };
  const files: readonly (readonly [flag: string, path: string, alone: EnrichSettings, large: boolean])[] = [
    ...geoip.map((path) => ['PENSTOCK_GEOIP', path, { ...none, geoip: [path] }, true] as const),
    ...indicators.map((path) => ['PENSTOCK_INDICATORS', path, { ...none, indicators: [path] }, true] as const),
    ...assets.map((path) => ['PENSTOCK_ASSETS', path, { ...none, assets: [path] }, true] as const),
    ...(rules === null ? [] : [['PENSTOCK_RULES', rules, { ...none, rules }, false] as const]),
  ];
  const found: Mistake[] = [];
  for (const [flag, value, alone, large] of files) {
    const why = whyUnreadable(value);
    if (why !== null) found.push({ flag, value, allowed: `a file that can be read: ${why}` });
    else if (whole || !large)
      await loadEnrichment(alone).catch((error: unknown) => found.push({ flag, value, allowed: sayOf(error) }));
  }
  return found;
}

function sayOf(error: unknown): string {
  if (!(error instanceof OperatingError)) throw error;
  return `one that can be used: ${error.message}; ${error.remedy}`;
}
