/** PENSTOCK_DELIVER: URLs to sinks, every mistake named. */
import { createHash } from 'node:crypto';
import type { SinkSpec, SinkType } from '../contracts.js';
import { readAdapterOptions } from './adapter-options.js';
import type { OptionSpec } from './option.js';
import { didYouMean } from './suggest.js';
import { parseUrl, splitUrls, withoutSecrets } from './url-list.js';

/** Every sink has it: its positions in the journal are kept under its name. */
const nameOption: OptionSpec = {
  name: 'name',
  type: 'string',
  default: null,
  text: 'Name under which positions are kept, where two sinks would have the same. Letters, digits, dots, hyphens.',
};

export function readSinks(
  text: string,
  types: readonly SinkType[],
  problem: (value: string, allowed: string) => void,
): SinkSpec[] {
  const schemes = types.flatMap((type) => type.schemes);
  const urls = splitUrls(text, schemes);
  if (urls.length === 0) problem(text, 'at least one URL');
  const sinks: SinkSpec[] = [];
  for (const url of urls) {
    const sink = readSink(url, types, schemes, (allowed) => problem(withoutSecrets(url), allowed));
    if (!sink) continue;
    const other = sinks.find((earlier) => earlier.id === sink.id);
    if (other) problem(sink.url, `a name of its own: ${other.url} is ${other.id} too, add ?name=… to one`);
    else sinks.push(sink);
  }
  return sinks;
}

function readSink(
  url: string,
  types: readonly SinkType[],
  schemes: readonly string[],
  problem: (allowed: string) => void,
): SinkSpec | undefined {
  const parts = parseUrl(url);
  if (!parts) return void problem('a URL such as kafka://host:9092/topic or store:./data');
  const type = types.find((candidate) => candidate.schemes.includes(parts.scheme));
  if (!type) return void problem(`a URL with one of ${schemes.join(', ')}${didYouMean(parts.scheme, schemes)}`);
  if (parts.authority.includes('@')) return void problem('a URL without user and password: give them as its options');
  const options = readAdapterOptions([...type.options, nameOption], parts.query);
  for (const wrong of options.problems) problem(wrong);
  if (options.problems.length > 0) return undefined;
  const { name, ...values } = options.values;
  if (name !== undefined && !/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/.test(String(name))) {
    return void problem('a name of letters, digits, dots and hyphens');
  }
  const path = parts.authority === '' ? parts.path : parts.path.replace(/^\//, '');
  const slashes = parts.authority === '' ? '' : '//';
  return {
    id: name === undefined ? defaultId(type.name, path) : String(name),
    url: `${parts.scheme}:${slashes}${parts.authority}${parts.path}${options.shown}`,
    scheme: parts.scheme,
    authority: parts.authority,
    path,
    options: values,
  };
}

/** Names of files are made of it, which may have 255 bytes. */
const idLengthMax = 240;

/** By type and path alone: another broker address, or TLS, does not make another sink of it. */
function defaultId(type: string, path: string): string {
  const tail = path.replace(/[^A-Za-z0-9.]+/g, '-').replace(/^[-.]+|[-.]+$/g, '');
  const id = tail === '' ? type : `${type}-${tail}`;
  if (id.length <= idLengthMax) return id;
  return `${id.slice(0, 48)}-${createHash('sha256').update(id).digest('hex').slice(0, 16)}`;
}
