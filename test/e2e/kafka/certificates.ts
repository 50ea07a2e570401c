import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** PEM files of a throw-away authority, the broker's certificate (for 127.0.0.1 and localhost) and a client's. */
export interface Certificates {
  readonly ca: string;
  readonly brokerKeyStore: string;
  readonly clientCert: string;
  readonly clientKey: string;
}

export function makeCertificates(directory: string): Certificates {
  const at = (name: string) => join(directory, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'ignore'] });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...curve,
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
    '-days',
    '2',
    '-subj',
    '/CN=test-ca',
  );
  const issue = (name: string, extension: string) => {
    writeFileSync(at(`${name}.ext`), extension);
    openssl('req', ...curve, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`), '-subj', `/CN=${name}`);
    openssl(
      ...['x509', '-req', '-in', at(`${name}.csr`), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial'],
      ...['-days', '2', '-extfile', at(`${name}.ext`), '-out', at(`${name}.pem`)],
    );
  };
  issue('broker', 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  issue('client', 'extendedKeyUsage=clientAuth\n');
  const store = readFileSync(at('broker.key'), 'utf8') + readFileSync(at('broker.pem'), 'utf8');
  writeFileSync(at('broker-store.pem'), store);
  return {
    ca: at('ca.pem'),
    brokerKeyStore: at('broker-store.pem'),
    clientCert: at('client.pem'),
    clientKey: at('client.key'),
  };
}
