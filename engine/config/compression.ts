import { codecLevels } from '../../native/codecs.js';
import type { OptionValue } from './parse-value.js';
import type { Settings } from './settings.js';

type Report = (flag: string, value: string, allowed: string) => void;
type CompressionSettings = Pick<
  Settings,
  | 'compression'
  | 'compressionLevel'
  | 'compressionLevelMin'
  | 'compressionLevelMax'
  | 'compressionMinBytes'
  | 'compressionGainMinPercent'
  | 'dictionaries'
  | 'dictionaryBytes'
  | 'dictionaryGainMinPercent'
  | 'dictionaryIntervalMs'
>;

/** Codec, level and what is worth compressing. Problems are reported by flag. */
export function readCompression(values: ReadonlyMap<string, OptionValue | null>, problem: Report): CompressionSettings {
  const number = (flag: string) => Number(values.get(flag));
  const compression = values.get('PENSTOCK_COMPRESSION') as Settings['compression'];
  const settings = {
    compression,
    compressionLevelMin: number('PENSTOCK_COMPRESSION_LEVEL_MIN'),
    compressionLevelMax: number('PENSTOCK_COMPRESSION_LEVEL_MAX'),
    compressionMinBytes: number('PENSTOCK_COMPRESSION_MIN_BYTES'),
    compressionGainMinPercent: number('PENSTOCK_COMPRESSION_GAIN_MIN_PERCENT'),
    dictionaries: values.get('PENSTOCK_DICTIONARIES') === 'on',
    dictionaryBytes: number('PENSTOCK_DICTIONARY_BYTES'),
    dictionaryGainMinPercent: number('PENSTOCK_DICTIONARY_GAIN_MIN_PERCENT'),
    dictionaryIntervalMs: number('PENSTOCK_DICTIONARY_INTERVAL_MS'),
  };
  if (settings.compressionLevelMin > settings.compressionLevelMax)
    problem(
      'PENSTOCK_COMPRESSION_LEVEL_MIN',
      String(settings.compressionLevelMin),
      `at most PENSTOCK_COMPRESSION_LEVEL_MAX, ${settings.compressionLevelMax}`,
    );
  if (settings.compressionLevelMin === 0 && settings.compressionLevelMax === 0)
    problem(
      'PENSTOCK_COMPRESSION_LEVEL_MAX',
      '0',
      'at least 1, or below 0 as PENSTOCK_COMPRESSION_LEVEL_MIN: zstd has no level 0',
    );
  checkFrames(values.get('PENSTOCK_ENCODING') === 'frames', settings, problem);
  return {
    ...settings,
    compressionLevel: readLevel(compression, String(values.get('PENSTOCK_COMPRESSION_LEVEL')), problem),
  };
}

/** What only frames can have, and what they cannot: said at the start, where it would otherwise do nothing. */
function checkFrames(
  frames: boolean,
  { compression, dictionaries }: Pick<Settings, 'compression' | 'dictionaries'>,
  problem: Report,
): void {
  if (frames && compression !== 'zstd' && compression !== 'none')
    problem('PENSTOCK_COMPRESSION', compression, 'zstd or none: frames know no other codec (PENSTOCK_ENCODING=frames)');
  if (dictionaries && !(frames && compression !== 'none'))
    problem('PENSTOCK_DICTIONARIES', 'on', 'off: only compressed frames can use them (PENSTOCK_ENCODING=frames)');
}

function readLevel(codec: Settings['compression'], text: string, problem: Report): number | 'auto' {
  if (codec === 'none') return 0;
  const { min, max, default: usual } = codecLevels[codec];
  if (text === 'auto') return codec === 'zstd' ? 'auto' : usual;
  const level = Number(text);
  // zstd's own 0 is "as usual", level 3: whoever writes it means no compression, or the least.
  const isLevel = level >= min && level <= max && !(codec === 'zstd' && level === 0);
  if (/^-?\d+$/.test(text) && isLevel) return level;
  const levels =
    codec === 'zstd'
      ? `${min} to -1 and 1 to ${max}; PENSTOCK_COMPRESSION=none compresses nothing`
      : `${min} to ${max}`;
  problem('PENSTOCK_COMPRESSION_LEVEL', text, `auto, or a whole number: ${codec} has levels ${levels}`);
  return usual;
}
