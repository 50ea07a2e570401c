/** TLS of an https listener: what secures it, why a handshake failed, and connections that keep it busy with nothing else. */
import { readFileSync } from 'node:fs';
import type { Server, ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { createSecureContext, type TLSSocket, type TlsOptions, type Server as TlsServer } from 'node:tls';
import type { ListenerSpec } from '../../../engine/contracts.js';
import { OperatingError } from '../../../engine/errors.js';
import { belowOf } from '../../lib/admission.js';
import { certificateEndsMs } from '../../lib/pem-files.js';
import { senderOf } from '../../lib/senders.js';
import { Meter, MeteredSocket, meteredBelow } from './metering.js';
import type { HttpSettings } from './options.js';

/** When the certificates in force stop being valid. */
const inForce = new WeakMap<Server, number>();

export function endOfCertificate(server: Server): number {
  return inForce.get(server) as number;
}

/** Reads certificate, key and client_ca again; answers what puts them in force. @throws OperatingError */
export function refreshedTls(listener: ListenerSpec, settings: HttpSettings, server: Server): () => void {
  const options = tlsOptions(listener, settings);
  working(listener, () => createSecureContext(options));
  return () => {
    (server as unknown as TlsServer).setSecureContext(options);
    inForce.set(server, certificateEndsMs(options.cert));
  };
}

export function makeTlsServer(listener: ListenerSpec, settings: HttpSettings, options: ServerOptions): Server {
  const tls = tlsOptions(listener, settings);
  const server = working(listener, () => createTlsServer({ ...options, ...tls }));
  inForce.set(server, certificateEndsMs(tls.cert));
  return server;
}

function working<T>(listener: ListenerSpec, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new OperatingError(
      'TLS_FILE_INVALID',
      `${listener.url}: certificate, key or client_ca do not work: ${(cause as Error).message}`,
      'check that the files are PEM and that the key belongs to the certificate',
      { cause },
    );
  }
}

function tlsOptions(listener: ListenerSpec, settings: HttpSettings): TlsOptions & { readonly cert: Buffer } {
  if (settings.certificate === null || settings.key === null) {
    throw new OperatingError(
      'TLS_CERTIFICATE_MISSING',
      `${listener.url}: https needs a certificate and its key`,
      'add certificate=PATH and key=PATH to the URL',
    );
  }
  return {
    cert: readPem(listener, settings.certificate),
    key: readPem(listener, settings.key),
    ...(settings.clientCa === null
      ? {}
      : { ca: readPem(listener, settings.clientCa), requestCert: true, rejectUnauthorized: true }),
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: settings.headersTimeoutMs,
  };
}

function readPem(listener: ListenerSpec, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new OperatingError(
      'TLS_FILE_UNREADABLE',
      `${listener.url}: cannot read ${path}: ${(cause as Error).message}`,
      'check the path and its permissions',
      { cause },
    );
  }
}

/** Reasons as native/src/io/io_stats.h names them. */
export type HandshakeFailure = 'closed' | 'timeout' | 'not_tls' | 'unsupported' | 'certificate' | 'alert' | 'malformed';

/** In the order in which they are tried; the codes are OpenSSL's reasons as Node spells them. */
const failures: readonly (readonly [HandshakeFailure, RegExp])[] = [
  ['timeout', /^ERR_TLS_HANDSHAKE_TIMEOUT$/],
  ['alert', /^ERR_SSL_(TLSV1|SSLV3)_ALERT_|^ERR_SSL_TLSV13_ALERT_/],
  ['certificate', /CERTIFICATE/],
  ['not_tls', /^ERR_SSL_(HTTPS?_(PROXY_)?REQUEST|WRONG_VERSION_NUMBER|BAD_RECORD_TYPE|UNEXPECTED_MESSAGE)$/],
  ['unsupported', /^ERR_SSL_(UNSUPPORTED_|NO_|VERSION_TOO_LOW|UNKNOWN_PROTOCOL|INAPPROPRIATE_FALLBACK)/],
  ['malformed', /^ERR_SSL_/],
];

export function handshakeFailure(error: NodeJS.ErrnoException, socket: Socket): HandshakeFailure {
  // A certificate that is not accepted ends the handshake without an error of its own.
  if ((socket as TLSSocket).authorizationError) return 'certificate';
  return failures.find(([, codes]) => codes.test(error.code ?? ''))?.[0] ?? 'closed';
}

/** How often connections are looked at. */
const lookMs = 250;
/**
 * Bytes of TLS itself between two looks that are nobody's concern: of them a connection costs a twentieth of a CPU at most. More than a
 * record has (16,406, RFC 8446 section 5.2): while its last bytes are on their way, nothing of it is known to be HTTP.
 */
const ownBytesMin = 17 * 1024;
/** More of them than this for each byte of HTTP is no sender: records of a few bytes have less. */
const ownBytesPerByte = 4;

/** How long a sender's next connections are metered. */
const meteredMs = 3_600_000;
/** Senders remembered for that; a new one takes the place of the one that did it longest ago. */
const meteredSendersMax = 4096;

/**
 * Ends connections on which TLS speaks of itself without end, of new keys above all (RFC 8446 section 4.6.3): each message costs
 * microseconds for 27 bytes, and nothing of it is ever seen here but the bytes. Further connections of such a sender have their bytes metered, all
 * of them together. To be called before anybody else listens to the server.
 */
export function endFloods(server: Server, onFlood: (socket: Socket) => void): void {
  const open = new Map<TLSSocket, { readonly below: { readonly bytesRead: number }; raw: number; plain: number }>();
  const metered = new Map<string, number>();
  const meter = new Meter();
  const mark = (sender: string) => {
    metered.delete(sender);
    metered.set(sender, performance.now() + meteredMs);
    const [oldest] = metered.keys();
    if (metered.size > meteredSendersMax && oldest !== undefined) metered.delete(oldest);
  };
  const isMetered = ({ destroyed, remoteAddress }: Socket) =>
    metered.size > 0 && !destroyed && (metered.get(senderOf(remoteAddress ?? '')) ?? 0) > performance.now();
  for (const accept of server.listeners('connection')) {
    server.removeListener('connection', accept as () => void);
    server.on('connection', (socket) =>
      accept.call(server, isMetered(socket) ? new MeteredSocket(socket, meter) : socket),
    );
  }
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    for (const [socket, seen] of open) {
      const plain = socket.bytesRead - seen.plain;
      const own = seen.below.bytesRead - seen.raw - plain;
      seen.plain += plain;
      seen.raw += own + plain;
      if (own <= ownBytesMin || own <= ownBytesPerByte * plain) continue;
      mark(senderOf(socket.remoteAddress ?? ''));
      onFlood(socket);
      socket.destroy();
    }
  };
  server.on('secureConnection', (socket: TLSSocket) => {
    const slowed = meteredBelow(socket);
    if (slowed) Object.defineProperty(socket, 'remoteAddress', { value: slowed.below.remoteAddress });
    const below = slowed ?? belowOf(socket);
    if (!below) return;
    open.set(socket, { below, raw: below.bytesRead, plain: socket.bytesRead });
    timer ??= setInterval(look, lookMs).unref();
    socket.once('close', () => {
      open.delete(socket);
      if (open.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    });
  });
}
