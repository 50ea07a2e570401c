/** Texts of lists as keys: what kind they are, and in the form that native code looks them up (native/src/enrich/key_fields.h). */
import { addressBytes, parseNetwork } from './networks.js';
import type { KeyKindName, TableWriter } from './table-writer.js';

export const keyBytesMax = 2048;

/** Names of kinds as lists have them: ECS's, STIX's and what feeds write. */
const kinds = new Map<string, KeyKindName>(
  Object.entries({
    ip: 'ip',
    'ipv4-addr': 'ip',
    'ipv6-addr': 'ip',
    ipv4: 'ip',
    ipv6: 'ip',
    cidr: 'ip',
    network: 'ip',
    'ip-src': 'ip',
    'ip-dst': 'ip',
    'ip:port': 'ip',
    dst_ip: 'ip',
    src_ip: 'ip',
    'domain-name': 'domain',
    domain: 'domain',
    hostname: 'domain',
    fqdn: 'domain',
    file: 'hash',
    hash: 'hash',
    md5: 'hash',
    sha1: 'hash',
    sha256: 'hash',
    sha512: 'hash',
    'sha-1': 'hash',
    'sha-256': 'hash',
    'sha-512': 'hash',
    md5_hash: 'hash',
    sha1_hash: 'hash',
    sha256_hash: 'hash',
    ja3: 'hash',
    imphash: 'hash',
    url: 'url',
    uri: 'url',
    user: 'user',
    username: 'user',
    host: 'host',
    mac: 'mac',
  } as const),
);

export function kindOf(name: string): KeyKindName | undefined {
  return kinds.get(name.trim().toLowerCase());
}

/** What a text is that has no kind beside it. */
export function guessKind(text: string): KeyKindName | undefined {
  if (parseNetwork(withoutPort(text)) !== undefined) return 'ip';
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return 'url';
  if (/^(?:[\da-f]{32}|[\da-f]{40}|[\da-f]{64}|[\da-f]{128})$/i.test(text)) return 'hash';
  if (/^(?:\*\.|\.)?(?:[\w-]{1,63}\.)+[a-z][\w-]*\.?$/i.test(text)) return 'domain';
  return undefined;
}

/** Indicators are often written so that nobody follows them by mistake: hxxp://evil[.]example, 192.0.2(.)1. */
export function refanged(text: string): string {
  if (!/[[({]|^h(?:xx|\*\*)/i.test(text)) return text;
  return text
    .replace(/\[(\.|:|\/|:\/\/)\]|\((\.)\)|\{(\.)\}/g, '$1$2$3')
    .replace(/\[dot\]|\(dot\)/gi, '.')
    .replace(/^h(?:xx|\*\*)(ps?:\/\/)/i, 'htt$1');
}

/** Adds a key; false: the text is none of that kind. */
export function addKey(table: TableWriter, kind: KeyKindName, text: string, row: number): boolean {
  if (kind === 'ip') {
    const network = parseNetwork(withoutPort(text));
    if (network === undefined) return false;
    const { v6, first, bits } = network;
    if (bits === (v6 ? 128 : 32)) table.add('ip', addressBytes({ v6, value: first }), row);
    else table.addNetwork(network, row);
    return true;
  }
  const below = kind === 'domain' && /^\*?\./.test(text);
  const key = Buffer.from(keyForm(kind, below ? text.replace(/^\*?\./, '') : text));
  if (key.length === 0 || key.length > keyBytesMax) return false;
  table.add(kind, key, row, below);
  return true;
}

/** `192.0.2.1:443`: the address is what events are searched for. */
function withoutPort(text: string): string {
  return text.replace(/^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/, '$1');
}

/** ASCII letters alone are folded, as native code does. */
function keyForm(kind: KeyKindName, text: string): string {
  if (kind === 'domain') return lower(text.replace(/\.$/, ''));
  if (kind !== 'url') return lower(text);
  const host = /^[^:/?#]*:\/\/[^/?#]*/.exec(text)?.[0] ?? '';
  return lower(host) + text.slice(host.length);
}

function lower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
