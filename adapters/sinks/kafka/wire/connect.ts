import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureVersion } from 'node:tls';
import { adviceOn } from './advice.js';
import { ConnectionError } from './wire-errors.js';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}
/** PEM texts. The broker's certificate and name are always verified. */
export interface TlsSettings {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly minVersion: SecureVersion;
}

/** Opens a TCP or TLS connection, handshake included, within `timeoutMs`. Rejects with ConnectionError. */
export function openSocket(endpoint: Endpoint, tls: TlsSettings | null, timeoutMs: number): Promise<Socket> {
  const { host, port } = endpoint;
  return new Promise((resolve, reject) => {
    const socket: Socket =
      tls === null
        ? connectTcp({ host, port, noDelay: true, keepAlive: true })
        : connectTls({
            host,
            port,
            ...(isIP(host) === 0 ? { servername: host } : {}),
            ...(tls.ca === undefined ? {} : { ca: tls.ca }),
            ...(tls.cert === undefined ? {} : { cert: tls.cert }),
            ...(tls.key === undefined ? {} : { key: tls.key }),
            minVersion: tls.minVersion,
            rejectUnauthorized: true,
          });
    const fail = (code: string, why: string, cause?: unknown) => {
      clearTimeout(timer);
      socket.destroy();
      reject(new ConnectionError(code, `${host}:${port}: ${why}${adviceOn(code, tls !== null)}`, { cause }));
    };
    const timer = setTimeout(() => fail('ETIMEDOUT', `no connection within ${timeoutMs} ms`), timeoutMs);
    const onError = (error: NodeJS.ErrnoException) => fail(error.code ?? 'ECONNECT', error.message, error);
    const onClose = () => fail('ECLOSED', 'the broker closed the connection during the handshake');
    socket.once('error', onError).once('close', onClose);
    socket.once(tls === null ? 'connect' : 'secureConnect', () => {
      clearTimeout(timer);
      socket.off('error', onError).off('close', onClose);
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}
