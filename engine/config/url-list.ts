/** Takes lists of URLs and their parts apart, without WHATWG's rewriting (it would drop http's port 80). */
import { isIPv4, isIPv6 } from 'node:net';

export interface UrlParts {
  readonly scheme: string;
  /** Between // and the path; '' when there is none. */
  readonly authority: string;
  readonly path: string;
  /** Without '?'. */
  readonly query: string;
}

/**
 * Cuts at white space and at commas that a scheme follows: the commas of kafka://b1:9092,b2:9092/topic stay.
 * @param schemes known ones, recognised without //
 */
export function splitUrls(text: string, schemes: readonly string[]): string[] {
  const names = schemes.map((scheme) => scheme.replace(/[.+]/g, '\\$&')).join('|');
  const starts = names === '' ? '[a-z][a-z0-9+.-]*://' : `[a-z][a-z0-9+.-]*://|(?:${names}):`;
  return text
    .split(new RegExp(`\\s*,\\s*(?=${starts})|\\s+`, 'i'))
    .map((url) => url.replace(/,+$/, ''))
    .filter((url) => url !== '');
}

/** undefined when it is no URL. */
export function parseUrl(url: string): UrlParts | undefined {
  const match = /^([a-z][a-z0-9+.-]*):(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?$/i.exec(url);
  if (!match) return undefined;
  const [, scheme, authority = '', path, query = ''] = match;
  return { scheme: (scheme as string).toLowerCase(), authority, path: path as string, query };
}

/** As RFC 3986 has it: a + is itself, where in forms it is a blank. Passwords, tokens and paths with one would be others. */
export function queryParameters(query: string): URLSearchParams {
  return new URLSearchParams(query.replaceAll('+', '%2B'));
}

/** 'host', 'host:port', '[IPv6]:port'; undefined when it is none. `port` is undefined where it is left out. */
export function parseHostPort(text: string): { host: string; port: number | undefined } | undefined {
  const match = /^(?:\[([^[\]]+)\]|([^:[\]\s@]+))(?::(\d{1,5}))?$/.exec(text);
  if (!match) return undefined;
  const [, bracketed, plain, digits] = match;
  const host = bracketed ?? (plain as string);
  if (bracketed === undefined ? !isIPv4(host) && !isName(host) : !isIPv6(host)) return undefined;
  const port = digits === undefined ? undefined : Number(digits);
  return port !== undefined && port > 65535 ? undefined : { host, port };
}

/** RFC 1123, section 2.1, and underscores; with digits alone at its end it would be an address. */
function isName(host: string): boolean {
  return host.length <= 253 && /^(?:\w(?:[\w-]{0,61}\w)?\.)*(?!\d+\.?$)\w(?:[\w-]{0,61}\w)?\.?$/.test(host);
}

/** The host as URLs write it. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Without the user name and password that an authority may hold, and without the query. */
export function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^/?#]*@/, '//***@').replace(/\?.*$/s, (query) => (query === '?' ? '' : '?***'));
}
