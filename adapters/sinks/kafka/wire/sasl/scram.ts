import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import { AuthenticationError } from '../wire-errors.js';
import type { SaslMechanism } from './mechanism.js';

export type ScramHash = 'sha256' | 'sha512';

/** More than any broker uses; a hostile one must not keep us busy. */
const iterationsMax = 100_000;
/** Kafka's own minimum for both hashes (ScramMechanism). */
const iterationsMin = 4096;

/** SCRAM-SHA-256 and SCRAM-SHA-512 (RFC 5802, RFC 7677), without channel binding, as Kafka has it. */
export function scram(hash: ScramHash, username: string, password: string, nonce = freshNonce()): SaslMechanism {
  const clientFirstBare = `n=${escapeName(username)},r=${nonce}`;
  let serverSignature: Buffer | null = null;

  function answerServerFirst(text: string): Buffer {
    const fields = parseFields(text);
    const combined = fields.get('r') ?? '';
    const salt = Buffer.from(fields.get('s') ?? '', 'base64');
    const iterations = Number(fields.get('i'));
    if (!combined.startsWith(nonce) || combined.length === nonce.length)
      throw new AuthenticationError('SCRAM: the broker answered with a nonce that is not ours');
    if (!(iterations >= iterationsMin && iterations <= iterationsMax) || salt.length === 0)
      throw new AuthenticationError(`SCRAM: the broker asked for ${fields.get('i')} iterations or gave no salt`);
    const length = hash === 'sha256' ? 32 : 64;
    const salted = pbkdf2Sync(password.normalize('NFKC'), salt, iterations, length, hash);
    const clientKey = hmac(salted, 'Client Key');
    const withoutProof = `c=biws,r=${combined}`;
    const authMessage = `${clientFirstBare},${text},${withoutProof}`;
    const clientSignature = hmac(createHash(hash).update(clientKey).digest(), authMessage);
    const proof = Buffer.from(clientKey.map((byte, i) => byte ^ clientSignature[i]!));
    serverSignature = hmac(hmac(salted, 'Server Key'), authMessage);
    return Buffer.from(`${withoutProof},p=${proof.toString('base64')}`, 'utf8');
  }

  function checkServerFinal(text: string, expected: Buffer): null {
    const fields = parseFields(text);
    const error = fields.get('e');
    if (error !== undefined) throw new AuthenticationError(`SCRAM: the broker refused the password: ${error}`);
    const given = Buffer.from(fields.get('v') ?? '', 'base64');
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      throw new AuthenticationError(
        'SCRAM: the broker does not prove that it knows the password: it may be an impostor',
      );
    return null;
  }

  const hmac = (key: Buffer, data: string) => createHmac(hash, key).update(data, 'utf8').digest();
  return {
    name: hash === 'sha256' ? 'SCRAM-SHA-256' : 'SCRAM-SHA-512',
    first: () => Buffer.from(`n,,${clientFirstBare}`, 'utf8'),
    next(message) {
      const text = message.toString('utf8');
      return serverSignature === null ? answerServerFirst(text) : checkServerFinal(text, serverSignature);
    },
  };
}

function freshNonce(): string {
  return randomBytes(24).toString('base64').replaceAll(',', '');
}
function escapeName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C');
}
function parseFields(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const part of text.split(',')) if (part[1] === '=') fields.set(part[0]!, part.slice(2));
  return fields;
}
