import type { SaslMechanism } from './mechanism.js';

/** PLAIN (RFC 4616): only sensible inside TLS. */
export function plain(username: string, password: string): SaslMechanism {
  return { name: 'PLAIN', first: () => Buffer.from(`\0${username}\0${password}`, 'utf8'), next: () => null };
}
