/** What is wrong with the PEM files that options name, all of it, before anything is opened. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { whyUnreadable } from '../../engine/config/readable.js';

/** An option and the path it has. */
export interface NamedFile {
  readonly name: string;
  readonly path: string;
}

export interface PemFiles {
  /** Our certificate, with its chain; comes with the key. */
  readonly certificate?: NamedFile;
  readonly key?: NamedFile;
  /** Those whose certificates are accepted. */
  readonly authorities?: NamedFile;
}

const certificateBlock =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;
const keyMark = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/;
const encryptedMark = /-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/;

/** What the files have to be and are not: each completes "must be", and none says what is in a file. */
export function pemMistakes({ certificate, key, authorities }: PemFiles): string[] {
  const mistakes: string[] = [];
  const wrong = ({ name, path }: NamedFile, what: string): null => {
    mistakes.push(`one whose ${name}=${path} ${what}`);
    return null;
  };
  const own = certificate && certificatesOf(certificate, wrong);
  const secret = key && keyOf(key, wrong);
  certificatesOf(authorities, wrong);
  if (certificate && key && own?.[0] && secret) {
    if (!own[0].checkPrivateKey(secret)) wrong(key, `is the key of the first certificate in ${certificate.path}`);
  }
  if (mistakes.length === 0) {
    const text = (file: NamedFile | undefined) => (file ? { pem: readFileSync(file.path) } : null);
    try {
      const [cert, own, ca] = [certificate, key, authorities].map((file) => text(file)?.pem);
      createSecureContext({
        ...(cert && { cert }),
        ...(own && { key: own }),
        ...(ca && { ca }),
        minVersion: 'TLSv1.2',
      });
    } catch (error) {
      const all = [certificate, key, authorities].flatMap((file) => (file ? [`${file.name}=${file.path}`] : []));
      mistakes.push(`one whose files work together (${all.join(', ')}): ${reasonOf(error)}`);
    }
  }
  return mistakes;
}

/** When a chain of certificates in PEM stops being valid, milliseconds since the epoch: when the first of them does. */
export function certificateEndsMs(pem: Uint8Array): number {
  const blocks = Buffer.from(pem).toString('latin1').match(certificateBlock) ?? [];
  return Math.min(...blocks.map((block) => Date.parse(new X509Certificate(block).validTo)));
}

type Wrong = (file: NamedFile, what: string) => null;

function textOf(file: NamedFile, wrong: Wrong): string | null {
  const why = whyUnreadable(file.path);
  if (why !== null) return wrong(file, `can be read: ${why}`);
  const text = readFileSync(file.path, 'latin1');
  return text.trim() === '' ? wrong(file, 'is a PEM file: it is empty') : text;
}

function certificatesOf(file: NamedFile | undefined, wrong: Wrong): X509Certificate[] | null {
  const text = file ? textOf(file, wrong) : null;
  if (!file || text === null) return null;
  const blocks = text.match(certificateBlock) ?? [];
  if (blocks.length === 0) return wrong(file, 'has a certificate in PEM: there is none in it');
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch (error) {
    return wrong(file, `has certificates in PEM that can be read: ${reasonOf(error)}`);
  }
}

function keyOf(file: NamedFile, wrong: Wrong): KeyObject | null {
  const text = textOf(file, wrong);
  if (text === null) return null;
  if (!keyMark.test(text)) return wrong(file, 'has a private key in PEM: there is none in it');
  if (encryptedMark.test(text)) return wrong(file, 'has a key without a passphrase: nobody is there to type one');
  try {
    return createPrivateKey(text);
  } catch (error) {
    return wrong(file, `has a private key in PEM that can be read: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
