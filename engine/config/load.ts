/** From environment and file to checked settings: all mistakes at once. */
import { createHash } from 'node:crypto';
import { ConfigError, type ConfigProblem } from '../errors.js';
import { type Adapters, buildSettings } from './build-settings.js';
import { type Environment, gather } from './gather.js';
import { options } from './options.js';
import { formatValue, type OptionValue, parseValue } from './parse-value.js';
import type { Settings } from './settings.js';

/** One line of `penstock config`: what is in effect and where it came from, secrets masked. */
export interface EffectiveOption {
  readonly name: string;
  readonly shown: string;
  readonly origin: string;
}

export interface LoadedSettings {
  readonly settings: Settings;
  readonly effective: readonly EffectiveOption[];
  /** By flag, secrets included. */
  readonly values: ReadonlyMap<string, OptionValue | null>;
  /** Of what `penstock config` shows: equal on two nodes that are configured alike, secrets aside. */
  readonly fingerprint: string;
}

/** @throws ConfigError with every mistake */
export function loadSettings(env: Environment, cwd: string, adapters: Adapters): LoadedSettings {
  const { problems, ...loaded } = readSettings(env, cwd, adapters);
  if (problems.length > 0) throw new ConfigError(problems);
  return loaded;
}

/** As `loadSettings`, with the mistakes beside what is right: what is wrong is left out, or has its default. */
export function readSettings(
  env: Environment,
  cwd: string,
  adapters: Adapters,
): LoadedSettings & { readonly problems: readonly ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const { raw, values } = readValues(env, cwd, problems);
  const originOf = (flag: string) => raw.find(({ option }) => option.name === flag)?.origin ?? 'default';
  const problem = (flag: string, value: string, allowed: string) =>
    problems.push({ flag, value, allowed, origin: originOf(flag) });
  const settings = buildSettings(values, cwd, adapters, problem);
  const shown = new Map([
    ['PENSTOCK_LISTEN', settings.listeners.map((listener) => listener.url).join(',')],
    ['PENSTOCK_DELIVER', settings.sinks.map((sink) => sink.url).join(',')],
    ['PENSTOCK_DEAD_LETTER', settings.deadLetter?.url ?? ''],
  ]);
  const effective = raw.map(({ option, origin }) => {
    const value = values.get(option.name) ?? null;
    const text = option.secret && value !== null ? '***' : formatValue(option, value);
    return { name: option.name, shown: shown.get(option.name) ?? text, origin };
  });
  return { settings, effective, values, fingerprint: fingerprintOf(effective), problems };
}

/** Every flag's value by itself; those with mistakes have their default. */
export function readValues(env: Environment, cwd: string, problems: ConfigProblem[]) {
  const raw = gather(options, env, cwd, problems);
  const values = new Map<string, OptionValue | null>();
  for (const { option, text, origin } of raw) {
    const parsed = text === null ? { value: option.default } : parseValue(option, text);
    values.set(option.name, 'value' in parsed ? parsed.value : option.default);
    if ('allowed' in parsed) problems.push({ flag: option.name, value: text ?? '', allowed: parsed.allowed, origin });
  }
  return { raw, values };
}

/** Flags whose value is another, and that only a restart takes over. */
export function flagsNeedingRestart(before: LoadedSettings, after: LoadedSettings): string[] {
  return options
    .filter(({ name, live }) => live !== true && before.values.get(name) !== after.values.get(name))
    .map(({ name }) => name);
}

function fingerprintOf(effective: readonly EffectiveOption[]): string {
  const text = effective.map(({ name, shown }) => `${name}=${shown}\n`).join('');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
