/** The settings that decide what becomes of a line, as `run` would have them: from the environment and the YAML file. */
import { resolve } from 'node:path';
import { readFormats, readTimeZone } from '../config/build-settings.js';
import { type EnrichSettings, readEnrich } from '../config/enrich.js';
import { readValues } from '../config/load.js';
import { ConfigError, type ConfigProblem } from '../errors.js';
import type { FinishSettings } from '../formats/explain.js';

export interface LineSettings {
  /** Directory of the user's packs; null: none; 'off': no packs at all. */
  readonly formats: string | null;
  /** Of times that name no zone. */
  readonly utcOffsetSeconds: number;
  readonly jsonDepthMax: number;
  readonly enrich: EnrichSettings;
  readonly finish: FinishSettings;
}

/** @throws ConfigError naming what is wrong with these, and with the flags and the file as such: `run` would not start either */
export function readLineSettings(): LineSettings {
  const problems: ConfigProblem[] = [];
  const { values } = readValues(process.env, process.cwd(), problems);
  const report = (flag: string, value: string, allowed: string) =>
    problems.push({ flag, value, allowed, origin: 'configuration' });
  const formats = readFormats(String(values.get('PENSTOCK_FORMATS') ?? ''), process.cwd());
  const settings = {
    formats,
    utcOffsetSeconds: readTimeZone(String(values.get('PENSTOCK_TIME_ZONE') ?? ''), report),
    jsonDepthMax: Number(values.get('PENSTOCK_JSON_DEPTH_MAX')),
    enrich: readEnrich(values, process.cwd(), report),
    finish: {
      eventHash: values.get('PENSTOCK_EVENT_HASH') === true,
      keepOriginal: values.get('PENSTOCK_KEEP_ORIGINAL') as FinishSettings['keepOriginal'],
      messageBytesMax: Number(values.get('PENSTOCK_MESSAGE_BYTES_MAX')),
      documentEventsMax: Number(values.get('PENSTOCK_DOCUMENT_EVENTS_MAX')),
    },
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return settings;
}

/** The directory of the user's packs: the one given, else the one set; null: none. Says so where the engine tries no packs. */
export function packsDirectory(given: string | undefined, { formats }: LineSettings): string | null {
  if (given !== undefined) return resolve(given);
  if (formats !== 'off') return formats;
  process.stderr.write(
    'PENSTOCK_FORMATS is off: the engine tries no format packs; this is what the built-in ones would do\n',
  );
  return null;
}
