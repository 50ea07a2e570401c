/** A source of byte streams over TLS: node:tls decrypts, each decrypted read goes to the feeder in one call. */
import type { AddressInfo, Socket } from 'node:net';
import { createSecureContext, createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import type {
  FormatName,
  ListenerSpec,
  Source,
  SourceContext,
  SourceType,
  TcpSettings,
} from '../../engine/contracts.js';
import { OperatingError } from '../../engine/errors.js';
import { admit, refuse, wasRefused } from './admission.js';
import { rateOf } from './rates.js';
import { plainAddress, type Sender, Senders, senderOf } from './senders.js';
import { connectionBuffers, streamLimits } from './stream-options.js';
import { tlsOptions, tlsServerOptions } from './tls-options.js';
import { TlsStream } from './tls-stream.js';

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
    partialFrames: 'feeder',
    buffers: (listener, limits) => connectionBuffers(listener, limits, tlsConnectionBytes),
    create: (listener, context) => new TlsSource(type.framing, listener, context),
  };
}

/** TLS state and the read under way, measured. */
const tlsConnectionBytes = 48 * 1024;
/** After stop, connections may finish their last read for so long. */
const drainMs = 200;
const frameLookMs = 500;

class TlsSource implements Source {
  readonly #server;
  /** Everything accepted, handshakes under way included. */
  readonly #open = new Set<Socket>();
  /** Past their handshake, until the rings have all of them. */
  readonly #streams = new Set<TlsStream>();
  readonly #limits: Omit<TcpSettings, 'framing'>;
  readonly #senders: Senders;
  /** Senders told apart by certificate, where that is asked for. */
  readonly #subjects: Senders | null;
  #frameTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly framing: TcpSettings['framing'],
    readonly listener: ListenerSpec,
    private readonly context: SourceContext,
  ) {
    this.#limits = streamLimits(listener, context.limits);
    const { rate, connectionsMax, addressConnectionsMax = 0 } = this.#limits;
    const forgotten = () => this.#count('sources_forgotten_total');
    const bySubject = listener.options.rate_by === 'certificate';
    this.#senders = new Senders(bySubject ? undefined : rate, addressConnectionsMax, forgotten);
    this.#subjects = bySubject ? new Senders(rate, 0, forgotten) : null;
    this.#server = withFiles(listener, createServer);
    const limits = { admission: context.admission, senders: this.#senders, connectionsMax };
    this.#server.on('connection', (socket) => {
      const sender = admit(socket, this.#open.size, limits);
      if (typeof sender === 'string') {
        this.#count(`connections_refused_total.${sender}`);
        return refuse(socket);
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
      if (!wasRefused(socket)) this.#count('handshake_failures_total');
      socket.destroy();
    });
  }

  refresh(): () => void {
    const options = withFiles(this.listener, (tls) => {
      createSecureContext(tls); // throws what setSecureContext would
      return tls;
    });
    return () => this.#server.setSecureContext(options);
  }

  retune(listener: ListenerSpec): void {
    (this.#subjects ?? this.#senders).rate = rateOf(listener, 'rate_bytes');
    for (const stream of this.#streams) stream.retuned();
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
        if (this.#limits.frameTimeoutMs) this.#frameTimer = setInterval(() => this.#checkFrames(), frameLookMs).unref();
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    clearInterval(this.#frameTimer);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const timer = setTimeout(() => {
      for (const stream of this.#streams) stream.close('shutdown');
      for (const socket of this.#open) socket.destroy();
    }, drainMs);
    await closed;
    clearTimeout(timer);
    await Promise.all([...this.#streams].map((stream) => stream.ended));
  }

  #receive(socket: TLSSocket): void {
    const { feeder, admission, limits } = this.context;
    const address = plainAddress(socket.remoteAddress ?? '');
    const sender = this.#senderOf(socket, address);
    if (!sender) return void socket.destroy(); // it left while its handshake was finished
    const stream = new TlsStream(socket, feeder.open(this.listener.index, this.framing, address), sender, {
      feeder,
      admission,
      limits: this.#limits,
      senders: this.#subjects ?? this.#senders,
      heldBytesMax: limits.partialBytesMax ?? Number.POSITIVE_INFINITY,
      count: (name) => this.#count(name),
    });
    this.#streams.add(stream);
    void stream.ended.then(() => this.#streams.delete(stream));
  }

  #senderOf(socket: TLSSocket, address: string): Sender | undefined {
    const subjects = this.#subjects;
    if (!subjects) return this.#senders.known(senderOf(address));
    const subject = socket.getPeerX509Certificate()?.subject ?? `address ${senderOf(address)}`;
    const sender = subjects.connect(subject, Date.now());
    if (sender) socket.once('close', () => subjects.disconnect(sender));
    else this.#count('connections_refused_total.address');
    return sender;
  }

  #checkFrames(): void {
    const { frameTimeoutMs = 0 } = this.#limits;
    for (const stream of this.#streams) stream.checkFrame(frameTimeoutMs);
  }

  #count(name: string, count = 1): void {
    this.context.feeder.count(this.listener.index, name, count);
  }
}

/** Makes something of the listener's certificate and key. @throws OperatingError */
function withFiles<T>(listener: ListenerSpec, make: (options: TlsOptions) => T): T {
  try {
    return make(tlsServerOptions(listener));
  } catch (cause) {
    if (cause instanceof OperatingError) throw cause;
    const what = cause instanceof Error ? cause.message : String(cause);
    const remedy = 'cert and key must be PEM files that belong together';
    throw new OperatingError('TLS_FILES_INVALID', `the certificate or key of ${listener.url}: ${what}`, remedy, {
      cause,
    });
  }
}
