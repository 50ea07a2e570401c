/** The admin address and the names by which it may be asked. */
import type { Report } from './build-settings.js';
import { parseHostPort, withoutSecrets } from './url-list.js';

export interface AdminAddress {
  readonly host: string;
  readonly port: number;
  /** Beside IP addresses and localhost. */
  readonly names: readonly string[];
}

export function readAdmin(text: string, names: string, problem: Report): AdminAddress | null {
  const read = readNames(names, problem);
  if (text === 'off') return null;
  const address = parseHostPort(text);
  if (address?.port !== undefined) return { host: address.host, port: address.port, names: read };
  problem('PENSTOCK_ADMIN', withoutSecrets(text), 'HOST:PORT, or off');
  return null;
}

function readNames(text: string, problem: Report): string[] {
  const names = text.split(/[\s,]+/).filter((name) => name !== '');
  const wrong = names.filter((name) => !/^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/i.test(name));
  if (wrong.length > 0) problem('PENSTOCK_ADMIN_HOSTS', wrong.join(','), 'host names, without scheme and port');
  return names;
}
