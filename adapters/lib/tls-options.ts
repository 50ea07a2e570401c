/** Options of sources over TLS. */
import { readFileSync } from 'node:fs';
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import type { OptionSpec } from '../../engine/config/option.js';
import type { ListenerSpec } from '../../engine/contracts.js';
import { OperatingError } from '../../engine/errors.js';
import { rateByOption } from './rates.js';
import { streamOptions } from './stream-options.js';

export const tlsOptions: readonly OptionSpec[] = [
  ...streamOptions,
  {
    name: 'certificate',
    type: 'string',
    default: null,
    text: 'File of the certificate with its chain, PEM.',
    example: '/etc/penstock/tls.crt',
  },
  {
    name: 'key',
    type: 'string',
    default: null,
    text: 'File of the private key, PEM.',
    example: '/etc/penstock/tls.key',
  },
  {
    name: 'client_ca',
    type: 'string',
    default: null,
    text: 'File of the authorities whose client certificates are accepted, PEM. With it a client certificate is required.',
    example: '/etc/penstock/clients.crt',
  },
  rateByOption,
  {
    name: 'handshake_timeout_ms',
    type: 'duration_ms',
    default: 10_000,
    min: 100,
    max: 600_000,
    text: 'Time for a TLS handshake; then the connection is closed and counted.',
  },
];

/** What node:tls needs. TLS 1.2 at least, as RFC 9325 recommends and RFC 9662 requires of syslog. @throws OperatingError */
export function tlsServerOptions(listener: ListenerSpec): TlsOptions {
  const clientCa = fileOf(listener, 'client_ca', false);
  const options: SecureContextOptions & TlsOptions = {
    cert: fileOf(listener, 'certificate', true),
    key: fileOf(listener, 'key', true),
    minVersion: 'TLSv1.2',
    honorCipherOrder: true,
    handshakeTimeout: Number(listener.options.handshake_timeout_ms ?? 10_000),
  };
  return clientCa === undefined ? options : { ...options, ca: clientCa, requestCert: true, rejectUnauthorized: true };
}

function fileOf(listener: ListenerSpec, name: string, required: boolean): Buffer | undefined {
  const path = listener.options[name];
  if (typeof path !== 'string' || path === '') {
    if (!required) return undefined;
    const remedy = `add ?${name}=/path/to/file.pem to the listener's URL`;
    throw new OperatingError('TLS_FILE_MISSING', `the TLS listener ${listener.url} has no ${name}`, remedy);
  }
  try {
    return readFileSync(path);
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new OperatingError(
      'TLS_FILE_UNREADABLE',
      `cannot read ${name} of ${listener.url}: ${what}`,
      'check the path and its permissions',
      { cause },
    );
  }
}
