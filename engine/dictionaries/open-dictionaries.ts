import { join } from 'node:path';
import type { Logger } from 'pino';
import type { RouteDictionary } from '../../workers/plan.js';
import type { Settings } from '../config/settings.js';
import type { ListenerSpec, Sink } from '../contracts.js';
import { Dictionaries } from './dictionaries.js';
import { DictionaryFolder } from './dictionary-folder.js';

export type { Dictionaries } from './dictionaries.js';

/** Level of the trial: dictionaries are compared at one, whatever a worker can afford at the moment. */
const trialLevel = 1;

export interface DictionaryUsers {
  readonly sinks: () => readonly Sink[];
  readonly listeners: () => readonly { readonly spec: ListenerSpec }[];
  readonly tell: (dictionaries: readonly RouteDictionary[]) => Promise<unknown>;
}

/** null: they are off, or nothing is written that could use them. */
export function openDictionaries(settings: Settings, log: Logger, users: DictionaryUsers): Dictionaries | null {
  if (!settings.dictionaries || settings.encoding !== 'frames' || settings.compression !== 'zstd') return null;
  return new Dictionaries({
    log,
    ...users,
    options: {
      bytesMax: settings.dictionaryBytes,
      gainMin: settings.dictionaryGainMinPercent / 100,
      level: trialLevel,
    },
    folder: new DictionaryFolder(join(settings.dataDir, 'dictionaries')),
    sourceOf: (route) => users.listeners().find(({ spec }) => spec.index === route)?.spec.url,
    routesOf: (source) => users.listeners().flatMap(({ spec }) => (spec.url === source ? [spec.index] : [])),
  });
}
