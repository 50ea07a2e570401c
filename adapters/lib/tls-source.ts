/** A source of byte streams over TLS: node:tls decrypts, each decrypted read goes to the feeder in one call. */
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import type {
  FormatName,
  ListenerSpec,
  Source,
  SourceContext,
  SourceType,
  TcpSettings,
} from '../../engine/contracts.js';
import { OperatingError } from '../../engine/errors.js';
import { streamLimits } from './stream-options.js';
import { tlsOptions, tlsServerOptions } from './tls-options.js';

interface TlsType {
  readonly name: string;
  readonly scheme: string;
  readonly defaultPort: number;
  readonly format: FormatName;
  readonly framing: TcpSettings['framing'];
}

export function tlsSource(type: TlsType): SourceType {
  return {
    name: type.name,
    schemes: [type.scheme],
    defaultPort: type.defaultPort,
    format: type.format,
    options: tlsOptions,
    create: (listener, context) => new TlsSource(type.framing, listener, context),
  };
}

/** After stop, connections may finish their last read for so long. */
const drainMs = 200;

class TlsSource implements Source {
  readonly #server;
  /** Everything accepted, handshakes under way included. */
  readonly #open = new Set<Socket>();
  /** One for every connection past its handshake: resolves when it is closed and the rings have all of it. */
  readonly #ending = new Set<Promise<void>>();
  #stopping = false;

  constructor(
    private readonly framing: TcpSettings['framing'],
    readonly listener: ListenerSpec,
    private readonly context: SourceContext,
  ) {
    const { connectionsMax } = streamLimits(listener, context.limits);
    try {
      this.#server = createServer(tlsServerOptions(listener));
    } catch (cause) {
      if (cause instanceof OperatingError) throw cause;
      const what = cause instanceof Error ? cause.message : String(cause);
      const remedy = 'cert and key must be PEM files that belong together';
      throw new OperatingError('TLS_FILES_INVALID', `the certificate or key of ${listener.url}: ${what}`, remedy, {
        cause,
      });
    }
    this.#server.on('connection', (socket) => {
      if (this.#open.size >= connectionsMax) {
        this.#count('connections_refused_total');
        socket.destroy();
        return;
      }
      this.#open.add(socket);
      this.#count('connections_accepted_total');
      this.#count('connections_open');
      socket.once('close', () => {
        this.#open.delete(socket);
        this.#count('connections_open', -1);
      });
    });
    this.#server.on('secureConnection', (socket) => this.#receive(socket));
    this.#server.on('tlsClientError', (_error, socket) => {
      this.#count('handshake_failures_total');
      socket.destroy();
    });
  }

  start(): Promise<number> {
    return new Promise((resolve, reject) => {
      const { host, port, url } = this.listener;
      const onError = (cause: NodeJS.ErrnoException) => {
        const inUse = cause.code === 'EADDRINUSE';
        const remedy = inUse ? 'stop the other process or choose another port' : 'check the address and the port';
        const code = inUse ? 'LISTEN_ADDRESS_IN_USE' : 'LISTEN_FAILED';
        reject(new OperatingError(code, `cannot listen on ${url}: ${cause.message}`, remedy, { cause }));
      };
      this.#server.once('error', onError);
      const address = host.replace(/^\[(.*)\]$/, '$1');
      this.#server.listen({ ...(address === '' || address === '*' ? {} : { host: address }), port }, () => {
        this.#server.off('error', onError);
        this.#server.on('error', (error) => this.context.log.error({ err: error, listener: url }, 'TLS listener'));
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const timer = setTimeout(() => {
      this.#stopping = true;
      for (const socket of this.#open) socket.destroy();
    }, drainMs);
    await closed;
    clearTimeout(timer);
    await Promise.all(this.#ending);
  }

  #receive(socket: TLSSocket): void {
    const { feeder } = this.context;
    const stream = feeder.open(this.listener.index, this.framing, plainAddress(socket.remoteAddress ?? ''));
    let reason = 'connections_closed_by_peer_total';
    const { idleTimeoutMs: idleMs } = streamLimits(this.listener, this.context.limits);
    if (idleMs > 0)
      socket.setTimeout(idleMs, () => {
        if (socket.isPaused()) return; // it waits for us
        reason = 'connections_closed_idle_total';
        socket.destroy();
      });
    socket.on('data', (bytes: Buffer) => {
      if (!feeder.write(stream, bytes, () => socket.resume())) socket.pause();
    });
    socket.on('end', () => socket.end());
    socket.on('error', () => {
      reason = 'connections_closed_error_total';
    });
    const ended = new Promise<void>((resolve) => socket.once('close', () => resolve())).then(() => {
      this.#count(this.#stopping ? 'connections_closed_shutdown_total' : reason);
      return feeder.close(stream);
    });
    this.#ending.add(ended);
    void ended.then(() => this.#ending.delete(ended));
  }

  #count(name: string, count = 1): void {
    this.context.feeder.count(this.listener.index, name, count);
  }
}

/** An IPv4 peer of an IPv6 socket as IPv4. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
