import { saslAuthenticate } from './apis/sasl-authenticate.js';
import { saslHandshake } from './apis/sasl-handshake.js';
import type { Connection } from './connection.js';
import type { SaslMechanism } from './sasl/mechanism.js';
import { AuthenticationError } from './wire-errors.js';

/** Messages of one exchange: PLAIN has one, SCRAM two. */
const messagesMax = 4;

/** Runs SaslHandshake and SaslAuthenticate. Answers the session's lifetime in ms (0: no end). Rejects: AuthenticationError. */
export async function authenticate(connection: Connection, mechanism: SaslMechanism): Promise<number> {
  const { host, port } = connection.endpoint;
  const handshake = await connection.call(saslHandshake, { mechanism: mechanism.name });
  if (handshake.errorCode !== 0)
    throw new AuthenticationError(
      `broker ${host}:${port} does not offer ${mechanism.name} here (it offers ${handshake.mechanisms.join(', ') || 'none'})`,
    );
  let message: Buffer | null = mechanism.first();
  for (let i = 0; i < messagesMax; i++) {
    const answer = await connection.call(saslAuthenticate, { bytes: message });
    if (answer.errorCode !== 0)
      throw new AuthenticationError(
        `broker ${host}:${port} refused the credentials: ${answer.errorMessage ?? `error ${answer.errorCode}`}`,
      );
    message = mechanism.next(answer.bytes);
    if (message === null) return answer.sessionLifetimeMs;
  }
  throw new AuthenticationError(`broker ${host}:${port}: the ${mechanism.name} exchange does not end`);
}
