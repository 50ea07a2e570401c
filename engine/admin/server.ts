/**
 * The admin server: GET / (a page), /metrics, /compression.json, /api/unparsed, /health/live, /health/ready. Loopback unless told otherwise; bounded against any peer.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { OperatingError } from '../errors.js';
import { asksByOneOf, isLoopback } from './asked-host.js';
import { AnswerEncoder, preferredCoding } from './encoding.js';
import { panelHeaders, panelPage } from './panel.js';
import { type UnparsedReport, unparsedAnswer } from './unparsed.js';

export interface AdminHandlers {
  metrics(): string;
  /** Empty when ready; else what is not, one sentence each. */
  notReady(): readonly string[];
  /** How the sinks do: shown with readiness, without a part in it. */
  sinks?(): readonly object[];
  /** What compression does: for the page. */
  compression?(): object;
  /** What no format pack understands, at most so many templates. */
  unparsed?(most: number): UnparsedReport;
}

const connectionsMax = 64;
/** Requests of one connection not yet answered: who sends more at once is cut off. Each answer is made when its request is read, and held. */
const pipelinedMax = 8;
const requestTimeoutMs = 10_000;
/** Longer than scrapes are apart: who keeps its connection must not meet its end with the next request on the way. */
const keepAliveMs = 65_000;

export class AdminServer {
  readonly #server: Server;
  readonly #encoder = new AnswerEncoder();
  readonly #unanswered = new WeakMap<Socket, number>();
  /** By which it may be asked, beside addresses; null: by any. */
  #names: readonly string[] | null = [];

  constructor(handlers: AdminHandlers) {
    this.#server = createServer(
      {
        maxHeaderSize: 8192,
        requestTimeout: requestTimeoutMs,
        headersTimeout: requestTimeoutMs,
        keepAliveTimeout: keepAliveMs,
      },
      (request, response) => {
        if (this.#admits(request.socket, response))
          this.#answer(handlers, request, new Answer(request, response, this.#encoder));
      },
    );
    this.#server.maxConnections = connectionsMax;
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  /** `names`: by which it may be asked, beside addresses; with none, by any unless it listens on the loopback. Resolves with the bound port. */
  listen(host: string, port: number, names: readonly string[] = []): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (cause: NodeJS.ErrnoException) => {
        reject(
          new OperatingError(
            'ADMIN_CANNOT_LISTEN',
            `the admin server cannot listen on ${host}:${port}: ${cause.code ?? cause.message}`,
            'choose another address with PENSTOCK_ADMIN',
            { cause },
          ),
        );
      });
      this.#server.listen(port, host, () => {
        const bound = this.#server.address() as AddressInfo;
        this.#names = names.length > 0 || isLoopback(bound.address) ? [host, ...names] : null;
        resolve(bound.port);
      });
    });
  }

  #answer(handlers: AdminHandlers, request: IncomingMessage, response: Answer): void {
    if (this.#names && !asksByOneOf(this.#names, request.headers.host)) {
      const error =
        'asked by a name that is not known here: use an IP address or localhost, or set PENSTOCK_ADMIN_HOSTS';
      response.send(403, 'application/json', { error });
    } else answer(handlers, request, response);
  }

  #admits(socket: Socket, response: ServerResponse): boolean {
    const pending = (this.#unanswered.get(socket) ?? 0) + 1;
    if (pending > pipelinedMax) {
      socket.destroy();
      return false;
    }
    this.#unanswered.set(socket, pending);
    response.once('close', () => this.#unanswered.set(socket, (this.#unanswered.get(socket) ?? 1) - 1));
    return true;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

function answer(handlers: AdminHandlers, request: IncomingMessage, response: Answer): void {
  request.resume();
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.send(405, 'application/json', { error: 'only GET and HEAD' }, { allow: 'GET, HEAD' });
    return;
  }
  const path = (request.url ?? '').split('?', 1)[0];
  if (path === '/') response.send(200, 'text/html; charset=utf-8', panelPage, panelHeaders);
  else if (path === '/compression.json' && handlers.compression)
    response.send(200, 'application/json', handlers.compression(), { 'cache-control': 'no-store' });
  else if (path === '/api/unparsed' && handlers.unparsed) {
    const { status, body } = unparsedAnswer(request, handlers.unparsed);
    response.send(status, 'application/json', body, {
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
  } else if (path === '/metrics') response.send(200, 'text/plain; version=0.0.4; charset=utf-8', handlers.metrics());
  else if (path === '/health/live') response.send(200, 'application/json', { live: true });
  else if (path === '/health/ready') {
    const reasons = handlers.notReady();
    response.send(reasons.length === 0 ? 200 : 503, 'application/json', {
      ready: reasons.length === 0,
      reasons,
      ...(handlers.sinks && { sinks: handlers.sinks() }),
    });
  } else
    response.send(404, 'application/json', {
      error: 'try /, /metrics, /compression.json, /api/unparsed, /health/live or /health/ready',
    });
}

/** To one request. */
class Answer {
  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    readonly encoder: AnswerEncoder,
  ) {}

  send(status: number, type: string, body: string | object, headers: Readonly<Record<string, string>> = {}): void {
    const plain = Buffer.from(typeof body === 'string' ? body : `${JSON.stringify(body)}\n`);
    const coding = preferredCoding(this.request.headers['accept-encoding']);
    const encoded = coding && this.encoder.encode(plain, coding);
    const bytes = encoded || plain;
    this.response.writeHead(status, {
      'content-type': type,
      'content-length': bytes.length,
      vary: 'accept-encoding',
      ...(encoded && { 'content-encoding': coding }),
      ...headers,
    });
    this.response.end(bytes);
  }
}
