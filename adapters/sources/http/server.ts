/** The HTTP server of a listener: every limit in one place. */
import { createServer, type Server, type ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { ListenerSpec, SourceContext } from '../../../engine/contracts.js';
import { admit, refuse, wasRefused } from '../../lib/admission.js';
import { Senders } from '../../lib/senders.js';
import type { AvroContext } from './avro.js';
import { HttpConnections } from './connections.js';
import { Faults } from './faults.js';
import { makeHandler } from './handler.js';
import type { HttpSettings } from './options.js';
import { endFloods, handshakeFailure, makeTlsServer } from './tls.js';

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
    requireHostHeader: false, // it is asked for where refusals are counted
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
  if (listener.scheme === 'https') endFloods(server, () => count('connections_closed_error_total'));
  const forgotten = () => count('sources_forgotten_total');
  const senders = new Senders(
    settings.rateByCertificate ? undefined : settings.rate,
    settings.addressConnectionsMax,
    forgotten,
  );
  const subjects = settings.rateByCertificate ? new Senders(settings.rate, 0, forgotten) : null;
  const connections = new HttpConnections(context.feeder, listener.index, senders, subjects);
  const faults = new Faults(listener, context, count);
  const handle = makeHandler(listener, settings, context, connections, () => !server.listening, avro, faults);
  const onRequest: typeof handle = (request, response, waits) => {
    if (faults.admits(request, response)) handle(request, response, waits);
  };
  server.on('request', (request, response) => onRequest(request, response, false));
  server.on('checkContinue', (request, response) => onRequest(request, response, true));
  server.on('checkExpectation', (request, response) => onRequest(request, response, false));
  faults.watch(server);
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
  // Before Node's own listener, which makes a malformed request of it.
  server.prependListener('tlsClientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    socket.destroy();
    if (wasRefused(socket)) return;
    count(`handshake_failures_total.${handshakeFailure(error, socket)}`);
    context.log.debug({ listener: listener.url, peer: socket.remoteAddress, err: error }, 'TLS handshake failed');
  });
  return { server, connections };
}
