/** Binding a server and letting go of it. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListenerSpec } from '../../../engine/contracts.js';
import { OperatingError } from '../../../engine/errors.js';

const remedies: Readonly<Record<string, readonly [code: string, remedy: string]>> = {
  EADDRINUSE: ['LISTEN_ADDRESS_IN_USE', 'stop the other process or choose another port'],
  EADDRNOTAVAIL: ['LISTEN_ADDRESS_NOT_AVAILABLE', 'use an address of this host, or 0.0.0.0'],
  EACCES: ['LISTEN_PERMISSION_DENIED', 'choose a port above 1023 or grant CAP_NET_BIND_SERVICE'],
};

/** Resolves with the bound port. @throws OperatingError */
export function listen(server: Server, listener: ListenerSpec): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException) => {
      const [code, remedy] = remedies[cause.code ?? ''] ?? ['LISTEN_FAILED', 'check the address'];
      reject(new OperatingError(code, `cannot listen on ${listener.url}: ${cause.message}`, remedy, { cause }));
    };
    server.once('error', onError);
    server.listen({ host: listener.host, port: listener.port }, () => {
      server.off('error', onError);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Takes no new connection; answers what is being delivered, then closes, at the latest after `timeoutMs`. */
export function stop(server: Server, timeoutMs: number): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), timeoutMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
