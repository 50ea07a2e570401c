/** What goes wrong on a connection outside of a request, or beyond one: answered where that is possible, and counted once. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ListenerSpec, SourceContext } from '../../../engine/contracts.js';
import { type RefusalReason, reasonOf } from './refusal.js';

/** Requests of one connection not yet answered: a client that pipelines without end is cut off. */
const pipelinedMax = 8;

interface State {
  /** Requests not yet answered. */
  unanswered: number;
  last: IncomingMessage;
  /** What came after them is no HTTP: when they are answered the connection is closed. */
  faulty: boolean;
}

export class Faults {
  readonly #states = new WeakMap<Socket, State>();

  constructor(
    private readonly listener: ListenerSpec,
    private readonly context: SourceContext,
    private readonly count: (name: string, by?: number) => void,
  ) {}

  /** False: it is one too many, and the connection has ended. */
  admits(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request;
    const state = this.#states.get(socket) ?? { unanswered: 0, last: request, faulty: false };
    this.#states.set(socket, state);
    if (state.unanswered >= pipelinedMax) {
      this.count('requests_refused_total.pipelined');
      socket.destroy();
      return false;
    }
    state.unanswered++;
    state.last = request;
    response.once('close', () => {
      state.unanswered--;
      if (state.faulty && state.unanswered === 0) socket.destroySoon();
    });
    return true;
  }

  watch(server: Server): void {
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => this.#onError(error, socket));
    // Node answers these by itself.
    server.on('dropRequest', () => this.#refused('unavailable'));
    server.on('connect', (_request: IncomingMessage, socket: Socket) => {
      socket.on('error', () => {});
      this.#refused('not_found');
      answer(socket, '405 Method Not Allowed');
    });
  }

  /** The sender went away within its request. */
  aborted(socket: Socket): void {
    if (!this.#states.get(socket)?.faulty) this.#refused('aborted');
  }

  #onError(error: NodeJS.ErrnoException, socket: Socket): void {
    const state = this.#states.get(socket);
    if (state?.faulty || socket.destroyed) return;
    this.context.log.debug(
      { listener: this.listener.url, peer: socket.remoteAddress, code: error.code },
      'malformed HTTP',
    );
    if (error.code === 'ECONNRESET') return void socket.destroySoon(); // what was under way tells it
    if (state) state.faulty = true;
    const status = statusOf(error);
    this.#refused(error.code === 'HPE_INVALID_EOF_STATE' ? 'aborted' : reasonOf(Number(status.slice(0, 3))));
    const whole = (state?.unanswered ?? 0) - (state && !state.last.complete ? 1 : 0);
    // An answer would be taken for that of a request before: those are answered, each with its own.
    if (whole > 0) socket.pause();
    else answer(socket, status);
  }

  #refused(reason: RefusalReason): void {
    this.count('requests_total');
    this.count(`requests_refused_total.${reason}`);
  }
}

function statusOf({ code }: NodeJS.ErrnoException): string {
  if (code === 'HPE_HEADER_OVERFLOW') return '431 Request Header Fields Too Large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
}

/** And closes: where the next request begins is unknown. */
function answer(socket: Socket, status: string): void {
  if (socket.writable) socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  socket.destroySoon();
}
