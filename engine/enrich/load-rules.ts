/** The file of rules: read and compiled. */
import type { RulesPlan } from '../../native/enrich.js';
import type { EnrichSettings } from '../config/enrich.js';
import { SettingsError } from '../errors.js';
import { problemText } from '../formats/pack-file.js';
import type { EnrichmentFile } from './enrichment.js';
import { readRules } from './read-rules.js';
import { readShared } from './shared-file.js';

const bytesMax = 1 << 20;

export interface LoadedRules {
  readonly file: EnrichmentFile;
  readonly plan: RulesPlan;
  readonly names: readonly string[];
}

/** @throws OperatingError with every mistake */
export async function loadRules(path: string, settings: EnrichSettings): Promise<LoadedRules> {
  const { bytes, signature } = await readShared(path);
  const remedy = 'see docs/enrichment.md for what rules are like';
  if (bytes.length > bytesMax)
    throw new SettingsError('RULES_INVALID', `${path} is larger than ${bytesMax} bytes`, remedy);
  const route = (topic: string) => routeOf(topic, settings.topics);
  const text = Buffer.from(bytes).toString('utf8');
  const { plan, names, problems } = readRules(path, text, { key: settings.redactKey, route });
  if (problems.length > 0) throw new SettingsError('RULES_INVALID', problems.map(problemText).join('\n'), remedy);
  const file = {
    path,
    signature,
    bytes: { length: bytes.length },
    type: 'rules',
    builtSeconds: 0,
    loadedMs: Date.now(),
  };
  return { file, plan, names };
}

/** All sinks know a topic by its place in their list; one that has not so many sends the events to its first. */
export function routeOf(topic: string, sinks: readonly (readonly string[])[]): number | string {
  const places = new Set(sinks.map((topics) => topics.indexOf(topic)).filter((place) => place >= 0));
  if (places.size > 1) return 'sinks name this topic at different places: let it stand at the same place in each list';
  const [place] = places;
  return place ?? 'no sink has a topic of that name: name it behind the first, kafka://host/first,second';
}
