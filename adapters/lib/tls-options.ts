/** Options of sources over TLS. */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { OptionSpec } from '../../engine/config/option.js';
import type { ListenerSpec, TlsSettings } from '../../engine/contracts.js';
import { OperatingError } from '../../engine/errors.js';
import { type NamedFile, pemMistakes } from './pem-files.js';
import { rateByOption } from './rates.js';
import { streamOptions } from './stream-options.js';

export const tlsOptions: readonly OptionSpec[] = [
  ...streamOptions,
  {
    name: 'certificate',
    type: 'string',
    default: null,
    text: 'PEM file with the certificate and its chain.',
    example: '/etc/penstock/tls.crt',
  },
  {
    name: 'key',
    type: 'string',
    default: null,
    text: 'PEM file with the private key.',
    example: '/etc/penstock/tls.key',
  },
  {
    name: 'client_ca',
    type: 'string',
    default: null,
    text: 'PEM file with certificate authorities. Clients must then show a certificate signed by one of them (mutual TLS).',
    example: '/etc/penstock/clients.crt',
  },
  rateByOption,
  {
    name: 'handshake_timeout_ms',
    type: 'duration_ms',
    default: 10_000,
    min: 100,
    max: 600_000,
    text: 'Longest time for a TLS handshake. Then the connection is closed and counted.',
  },
];

/** What is wrong with the files a listener names. */
export function tlsMistakes({ options }: ListenerSpec): string[] {
  const file = (name: string): NamedFile | undefined =>
    options[name] ? { name, path: String(options[name]) } : undefined;
  const [certificate, key, authorities] = [file('certificate'), file('key'), file('client_ca')];
  const missing = !certificate || !key ? ['one with certificate=PATH and key=PATH'] : [];
  return [
    ...missing,
    ...pemMistakes({ ...(certificate && { certificate }), ...(key && { key }), ...(authorities && { authorities }) }),
  ];
}

/** Reads the files a listener names. @throws OperatingError */
export function tlsSettings(listener: ListenerSpec): TlsSettings {
  const clientCa = listener.options.client_ca ? fileOf(listener, 'client_ca') : undefined;
  const settings: TlsSettings = {
    certificate: fileOf(listener, 'certificate'),
    key: fileOf(listener, 'key'),
    ...(clientCa && { clientCa }),
    handshakeTimeoutMs: Number(listener.options.handshake_timeout_ms ?? 10_000),
    rateByCertificate: listener.options.rate_by === 'certificate',
  };
  checkFiles(listener, settings);
  return settings;
}

/** Node says in its usual words what is wrong with the files. The receivers secure connections with the same library. */
function checkFiles(listener: ListenerSpec, { certificate, key, clientCa }: TlsSettings): void {
  try {
    const [cert, own, ca] = [certificate, key, clientCa].map((bytes) => bytes && Buffer.from(bytes));
    createSecureContext({ cert, key: own, ...(ca && { ca }), minVersion: 'TLSv1.2' });
    if (ca && !/-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/.test(ca.toString('latin1')))
      throw new Error('there is no certificate in client_ca');
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    const remedy = 'all must be PEM files; certificate and key belong together';
    throw new OperatingError(
      'TLS_FILES_INVALID',
      `the certificate, key or client_ca of ${listener.url}: ${what}`,
      remedy,
      {
        cause,
      },
    );
  }
}

function fileOf(listener: ListenerSpec, name: string): Buffer {
  const path = listener.options[name];
  if (typeof path !== 'string' || path === '') {
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
