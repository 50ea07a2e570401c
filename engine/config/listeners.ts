/** PENSTOCK_LISTEN: URLs to listeners, every mistake named. */
import type { ListenerSpec, SourceType } from '../contracts.js';
import { readAdapterOptions } from './adapter-options.js';
import { listenerOptions } from './listener-options.js';
import { didYouMean } from './suggest.js';
import { utcOffsetSeconds, zones } from './time-zone.js';
import { bracketed, parseHostPort, parseUrl, splitUrls, withoutSecrets } from './url-list.js';

/** As many as the workers' counters have room for (kStatListeners in native/src/pipeline/pipeline_stats.h). */
export const listenersMax = 64;

/** `problem(value, allowed)` is called for each mistake; what is wrong is left out of the result. */
export function readListeners(
  text: string,
  types: readonly SourceType[],
  problem: (value: string, allowed: string) => void,
): ListenerSpec[] {
  const schemes = types.flatMap((type) => type.schemes);
  const urls = splitUrls(text, schemes);
  if (urls.length === 0) problem(text, 'at least one URL');
  const listeners: ListenerSpec[] = [];
  for (const url of urls) {
    const listener = readListener(url, types, schemes, listeners.length, (allowed) =>
      problem(withoutSecrets(url), allowed),
    );
    if (!listener) continue;
    const other = listeners.find((earlier) => collide(earlier, listener));
    if (other) problem(listener.url, `an address of its own: ${other.url} has it`);
    else listeners.push(listener);
  }
  return listeners;
}

function readListener(
  url: string,
  types: readonly SourceType[],
  schemes: readonly string[],
  index: number,
  problem: (allowed: string) => void,
): ListenerSpec | undefined {
  const parts = parseUrl(url);
  if (!parts) return void problem('a URL such as syslog+tcp://127.0.0.1:5514');
  const type = types.find((candidate) => candidate.schemes.includes(parts.scheme));
  if (!type) return void problem(`a URL with one of ${schemes.join(', ')}${didYouMean(parts.scheme, schemes)}`);
  if (parts.authority.includes('@')) return void problem('a URL without user and password');
  const address = parseHostPort(parts.authority);
  if (!address) return void problem(`${parts.scheme}://HOST:PORT, e.g. ${parts.scheme}://0.0.0.0:${type.defaultPort}`);
  if (parts.path !== '' && parts.path !== '/')
    return void problem(`a URL without a path: ${parts.path} has no meaning here`);
  const options = readAdapterOptions([...type.options, ...listenerOptions], parts.query);
  for (const wrong of options.problems) problem(wrong);
  if (options.problems.length > 0) return undefined;
  const { time_zone: zone } = options.values;
  if (zone !== undefined && utcOffsetSeconds(String(zone)) === undefined)
    return void problem(`one whose time_zone=${zone} is ${zones}`);
  const port = address.port ?? type.defaultPort;
  return {
    index,
    url: `${parts.scheme}://${bracketed(address.host)}:${port}${options.shown}`,
    scheme: parts.scheme,
    host: address.host,
    port,
    options: options.values,
  };
}

/** Same transport and port, and addresses of which one includes the other. Port 0 is chosen when binding. */
function collide(a: ListenerSpec, b: ListenerSpec): boolean {
  if (a.port === 0 || a.port !== b.port || transportOf(a.scheme) !== transportOf(b.scheme)) return false;
  return a.host === b.host || isWildcard(a.host) || isWildcard(b.host);
}

/** UDP and TCP ports are apart; a scheme says which it is. */
export function transportOf(scheme: string): 'udp' | 'tcp' {
  return /(^|\+)udp$/.test(scheme) ? 'udp' : 'tcp';
}

export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
