import { AuthenticationError } from '../wire-errors.js';
import type { SaslMechanism } from './mechanism.js';

/** OAUTHBEARER (RFC 7628; Kafka: KIP-255). A refusal comes as a JSON challenge, answered with one 0x01 byte. */
export function oauthbearer(token: string): SaslMechanism {
  return {
    name: 'OAUTHBEARER',
    first: () => Buffer.from(`n,,\x01auth=Bearer ${token}\x01\x01`, 'utf8'),
    next(message) {
      if (message.length === 0) return null;
      throw new AuthenticationError(`the broker refused the token: ${message.toString('utf8').slice(0, 200)}`);
    },
  };
}
