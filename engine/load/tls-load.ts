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

const handshakeMs = 10_000;

/** The message of an error, and what to do about it where that can be told. */
export function adviceOnTls(error: NodeJS.ErrnoException): string {
  const { code = '', message } = error;
  const advice = /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)/.test(code)
    ? 'name its authority, or the certificate itself: --ca FILE'
    : /CERTIFICATE_REQUIRED|ALERT_(HANDSHAKE_FAILURE|UNKNOWN_CA|BAD_CERTIFICATE)/.test(code)
      ? 'it wants a certificate that it trusts: --cert FILE --key FILE'
      : /ALTNAME_INVALID/.test(code)
        ? 'send to a name that the certificate has'
        : /EPROTO|WRONG_VERSION_NUMBER|HANDSHAKE_TIMEOUT/.test(code)
          ? 'is this a port for TLS?'
          : /ECONNREFUSED/.test(code)
            ? 'does anything listen there?'
            : '';
  const [line = ''] = message.split('\n');
  return advice === '' ? line : `${line}: ${advice}`;
}

export async function runTlsLoad(options: TlsLoadOptions, template: LoadTemplate): Promise<LoadResult> {
  const sockets = Array.from({ length: options.connections }, () => connect(tlsOptions(options)));
  const links = sockets.map((socket) => new TlsLink(socket));
  const load = new TlsLoad(new Chunks(options, template));
  let error = '';
  const giveUp = (): void => {
    for (const socket of sockets) socket.destroy(new Error('gave up: the listener takes nothing'));
  };
  const { seconds, stop } = options;
  const end = seconds > 0 ? setTimeout(giveUp, seconds * 1000 + patienceMs) : undefined;
  stop.addEventListener('abort', () => setTimeout(giveUp, 1000).unref());
  try {
    await Promise.all(links.map((link) => link.opened()));
    await Promise.all(links.map((link) => load.feed(link)));
  } catch (cause) {
    error = adviceOnTls(cause as Error);
  }
  clearTimeout(end);
  for (const socket of sockets) socket.destroy();
  const { startedMs } = load.chunks;
  return { sent: load.sent, bytes: load.bytes, seconds: (performance.now() - startedMs) / 1000, retries: 0, error };
}

/** A connection that may end at any time: whoever waits for something of it learns so. */
class TlsLink {
  readonly #closed: Promise<void>;
  readonly #gone: Promise<never>;

  constructor(readonly socket: TLSSocket) {
    socket.resume();
    const closed = () => new Error('the listener closed the connection');
    this.#closed = new Promise((resolve, reject) => {
      // Whoever writes to a connection that the other side has ended gets this, if the end has not been told before.
      socket.on('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EPIPE' ? closed() : error));
      socket.on('close', () => resolve());
    });
    this.#gone = this.#closed.then(() => {
      throw closed();
    });
    this.#gone.catch(() => {});
  }

  async opened(): Promise<void> {
    const { socket } = this;
    const late = Object.assign(new Error(`no handshake within ${handshakeMs / 1000} s`), { code: 'HANDSHAKE_TIMEOUT' });
    const timer = setTimeout(() => socket.destroy(late), handshakeMs);
    await this.before(once(socket, 'secureConnect')).finally(() => clearTimeout(timer));
  }

  /** @throws Error when the connection ends first */
  before<T>(event: Promise<T>): Promise<T> {
    return Promise.race([event, this.#gone]);
  }

  async close(): Promise<void> {
    this.socket.end();
    await this.#closed;
  }
}

class TlsLoad {
  sent = 0;
  bytes = 0;

  constructor(readonly chunks: Chunks) {}

  async feed(link: TlsLink): Promise<void> {
    let mine = 0;
    for (let chunk = this.chunks.next(mine); chunk !== null; chunk = this.chunks.next(mine)) {
      const isTaken = link.socket.write(chunk.bytes);
      this.sent += chunk.count;
      this.bytes += chunk.bytes.length;
      mine += chunk.count;
      if (!isTaken) await link.before(once(link.socket, 'drain'));
      const pauseMs = this.chunks.pauseMs(mine);
      if (pauseMs > 0) await link.before(delay(pauseMs));
    }
    await link.close();
  }
}
