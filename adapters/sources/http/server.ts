/** The HTTP server of a listener: every limit in one place. */
import { readFileSync } from 'node:fs';
import { createServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { createSecureContext, type TlsOptions, type Server as TlsServer } from 'node:tls';
import type { ListenerSpec, SourceContext } from '../../../engine/contracts.js';
import { OperatingError } from '../../../engine/errors.js';
import { admit, refuse, wasRefused } from '../../lib/admission.js';
import { Senders } from '../../lib/senders.js';
import type { AvroContext } from './avro.js';
import { HttpConnections } from './connections.js';
import { makeHandler } from './handler.js';
import type { HttpSettings } from './options.js';
import { reasonOf } from './refusal.js';

/** Requests of one connection not yet answered: a client that pipelines without end is cut off. */
const pipelinedMax = 8;
const headerBytesMax = 16 * 1024;

export interface HttpServing {
  readonly server: Server;
  readonly connections: HttpConnections;
}

export function makeServer(
  listener: ListenerSpec,
  settings: HttpSettings,
  context: SourceContext,
  avro: AvroContext,
): HttpServing {
  const options: ServerOptions = {
    insecureHTTPParser: false,
    requireHostHeader: true,
    maxHeaderSize: headerBytesMax,
    headersTimeout: settings.headersTimeoutMs,
    requestTimeout: settings.requestTimeoutMs,
    keepAliveTimeout: settings.keepAliveMs,
    connectionsCheckingInterval: Math.min(5_000, settings.headersTimeoutMs),
    noDelay: true,
  };
  const server = listener.scheme === 'https' ? makeTlsServer(listener, settings, options) : createServer(options);
  server.maxConnections = settings.connectionsMax;
  server.maxRequestsPerSocket = settings.requestsPerConnectionMax;
  server.maxHeadersCount = 0; // a count limit drops headers silently; their bytes are limited, their number checked

  const count = (name: string, by = 1) => context.feeder.count(listener.index, name, by);
  const forgotten = () => count('sources_forgotten_total');
  const senders = new Senders(
    settings.rateByCertificate ? undefined : settings.rate,
    settings.addressConnectionsMax,
    forgotten,
  );
  const subjects = settings.rateByCertificate ? new Senders(settings.rate, 0, forgotten) : null;
  const connections = new HttpConnections(context.feeder, listener.index, senders, subjects);
  const unanswered = new WeakMap<Socket, number>();
  const handle = makeHandler(listener, settings, context, connections, () => !server.listening, avro);
  const onRequest: typeof handle = (request, response, waits) => {
    const { socket } = request;
    const pending = (unanswered.get(socket) ?? 0) + 1;
    if (pending > pipelinedMax) {
      count('requests_refused_total.pipelined');
      return void socket.destroy();
    }
    unanswered.set(socket, pending);
    response.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1));
    handle(request, response, waits);
  };
  server.on('request', (request, response) => onRequest(request, response, false));
  server.on('checkContinue', (request, response) => onRequest(request, response, true));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    context.log.debug({ listener: listener.url, peer: socket.remoteAddress, code: error.code }, 'malformed HTTP');
    const status = statusOf(error);
    if (error.code !== 'ECONNRESET') {
      count('requests_total');
      count(`requests_refused_total.${reasonOf(Number(status.slice(0, 3)))}`);
    }
    refuseMalformed(error, socket, status, (unanswered.get(socket) ?? 0) <= 1);
  });
  const limits = { admission: context.admission, senders, connectionsMax: Number.POSITIVE_INFINITY };
  server.prependListener('connection', (socket: Socket) => {
    const sender = admit(socket, 0, limits);
    if (typeof sender === 'string') {
      count(`connections_refused_total.${sender}`);
      return refuse(socket);
    }
    count('connections_accepted_total');
    count('connections_open');
    socket.once('close', () => count('connections_open', -1));
  });
  server.on('drop', () => count('connections_refused_total.limit'));
  server.on('tlsClientError', (error: Error, socket: Socket) => {
    if (wasRefused(socket)) return;
    count('handshake_failures_total');
    context.log.debug({ listener: listener.url, peer: socket.remoteAddress, err: error }, 'TLS handshake failed');
  });
  return { server, connections };
}

function statusOf({ code }: NodeJS.ErrnoException): string {
  if (code === 'HPE_HEADER_OVERFLOW') return '431 Request Header Fields Too Large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
}

/** What the parser refuses is answered and the connection closed: where the next request begins is unknown. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket, status: string, answerable: boolean): void {
  if (socket.writable && answerable && error.code !== 'ECONNRESET') {
    socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }
  socket.destroySoon();
}

/** Reads certificate, key and client_ca again; answers what puts them in force. @throws OperatingError */
export function refreshedTls(listener: ListenerSpec, settings: HttpSettings, server: Server): () => void {
  const options = tlsOptions(listener, settings);
  working(listener, () => createSecureContext(options));
  return () => (server as unknown as TlsServer).setSecureContext(options);
}

function makeTlsServer(listener: ListenerSpec, settings: HttpSettings, options: ServerOptions): Server {
  const tls = tlsOptions(listener, settings);
  return working(listener, () => createTlsServer({ ...options, ...tls }));
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

function tlsOptions(listener: ListenerSpec, settings: HttpSettings): TlsOptions {
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
