/**
 * By what name a request asks for the admin address (its Host). A page in a browser can have a name of its own point here (DNS rebinding)
 * and then read the answers as its own; it cannot do so with an address, nor with a name that is not its own.
 */
import { isIP } from 'node:net';

/** `host`: the header; a request without one is of no browser. */
export const asksByAddress = (host: string | undefined): boolean => isLocalOrAddress(nameOf(host ?? ''));

/** Whether the request may be answered: asked by address, or by one of `names`. */
export function asksByOneOf(names: readonly string[], host: string | undefined): boolean {
  const name = nameOf(host ?? '');
  return name === '' || isLocalOrAddress(name) || names.some((other) => other.toLowerCase() === name);
}

export const isLoopback = (address: string): boolean => /^(::ffff:)?127\.|^::1$/.test(address);

const isLocalOrAddress = (name: string) => name === 'localhost' || isIP(name) !== 0;

/** Without port, brackets and the dot of the root. */
const nameOf = (host: string) =>
  host
    .trim()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
