/**
 * Load over TLS: the same messages, sent by node:tls. Slower than the native generator; the handshake and the records are what it
 * is for.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import type { LoadOptions, LoadResult, LoadTemplate } from '../../native/load-generator.js';
import { Chunks } from './chunks.js';

export interface TlsLoadOptions extends LoadOptions {
  /** PEM texts: the authority that signed the server's certificate, and a certificate of our own. */
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** Ends sending. */
  readonly stop: AbortSignal;
}

/** How long a listener that takes nothing may hold up the end. */
export const patienceMs = 5000;

/** What node:tls connects with. */
export function tlsOptions({ host, port, ca, cert, key }: TlsLoadOptions) {
  return { host, port, minVersion: 'TLSv1.2', ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) } as const;
}

export async function runTlsLoad(options: TlsLoadOptions, template: LoadTemplate): Promise<LoadResult> {
  const sockets = Array.from({ length: options.connections }, () => connect(tlsOptions(options)));
  const startedMs = performance.now();
  const load = new TlsLoad(new Chunks(options, template));
  let error = '';
  const giveUp = (): void => {
    for (const socket of sockets) socket.destroy(new Error('gave up: the listener takes nothing'));
  };
  const { seconds, stop } = options;
  const end = seconds > 0 ? setTimeout(giveUp, seconds * 1000 + patienceMs) : undefined;
  stop.addEventListener('abort', () => setTimeout(giveUp, 1000).unref());
  try {
    await Promise.all(sockets.map((socket) => once(socket, 'secureConnect')));
    await Promise.all(sockets.map((socket) => load.feed(socket)));
  } catch (cause) {
    error = cause instanceof Error ? cause.message : String(cause);
  }
  clearTimeout(end);
  for (const socket of sockets) socket.destroy();
  return { sent: load.sent, bytes: load.bytes, seconds: (performance.now() - startedMs) / 1000, retries: 0, error };
}

class TlsLoad {
  sent = 0;
  bytes = 0;

  constructor(readonly chunks: Chunks) {}

  async feed(socket: TLSSocket): Promise<void> {
    let mine = 0;
    for (let chunk = this.chunks.next(); chunk !== null; chunk = this.chunks.next()) {
      this.sent += chunk.count;
      this.bytes += chunk.bytes.length;
      mine += chunk.count;
      if (!socket.write(chunk.bytes)) await once(socket, 'drain');
      const pauseMs = this.chunks.pauseMs(mine);
      if (pauseMs > 0) await delay(pauseMs);
    }
    socket.end();
    await once(socket, 'close');
  }
}
