import type { Socket } from 'node:net';
import { adviceOn } from './advice.js';
import type { Api } from './api.js';
import { apiVersions } from './apis/api-versions.js';
import { authenticate } from './authenticate.js';
import { BufferReader } from './buffer-reader.js';
import { BufferWriter } from './buffer-writer.js';
import { type Endpoint, openSocket, type TlsSettings } from './connect.js';
import { ResponseFrames } from './response-frames.js';
import type { SaslMechanism } from './sasl/mechanism.js';
import { ConnectionError, ProtocolError, UnsupportedError } from './wire-errors.js';

export interface ConnectionSettings {
  readonly clientId: string;
  readonly tls: TlsSettings | null;
  /** A fresh mechanism for each connection; null: no SASL. May read a renewed secret. */
  readonly sasl: (() => SaslMechanism) | null;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

interface Waiting {
  readonly correlationId: number;
  readonly name: string;
  readonly flexible: boolean;
  readonly settle: (reader: BufferReader) => void;
  readonly fail: (error: Error) => void;
  deadline: number;
}

/** No response that we ask for comes near this; Metadata of a cluster with 100,000 partitions takes about 4 MB. */
const responseBytesMax = 32 << 20;
/** More requests than this are never outstanding: five produce requests and a few others. */
const requestsInFlightMax = 64;

/**
 * One connection to one broker: requests go out in order, answers come back in the same order (the protocol guarantees it),
 * matched by correlation id. When an answer is late the connection is closed: every request that waits then rejects with
 * ConnectionError, and may have been executed.
 */
export class Connection {
  /** Resolves when the connection is closed, with the reason. */
  readonly closed: Promise<Error>;
  readonly endpoint: Endpoint;
  /** From here on (as performance.now() counts) a new connection should take over: the SASL session ends soon after. */
  retireAt = Number.POSITIVE_INFINITY;
  readonly #socket: Socket;
  readonly #settings: ConnectionSettings;
  readonly #waiting: Waiting[] = [];
  readonly #frames = new ResponseFrames(responseBytesMax, (response) => this.#receive(response));
  readonly #timer: NodeJS.Timeout;
  #ranges: ReadonlyMap<number, readonly [number, number]> = new Map([[apiVersions.key, apiVersions.versions]]);
  #nextCorrelationId = 0;
  #answers = 0;
  /** The broker reads nothing before. */
  #throttledUntil = 0;
  #closeReason: Error | null = null;
  #resolveClosed: (reason: Error) => void = () => {};

  /** Connects, asks for the versions and authenticates. Rejects with ConnectionError, AuthenticationError, … */
  static async open(endpoint: Endpoint, settings: ConnectionSettings): Promise<Connection> {
    const socket = await openSocket(endpoint, settings.tls, settings.connectTimeoutMs);
    const connection = new Connection(endpoint, socket, settings);
    try {
      await connection.#negotiate();
      if (settings.sasl !== null) {
        const lifetimeMs = await authenticate(connection, settings.sasl());
        if (lifetimeMs > 0) connection.retireAt = performance.now() + 0.8 * lifetimeMs;
      }
      return connection;
    } catch (error) {
      connection.close(error as Error);
      throw error;
    }
  }

  private constructor(endpoint: Endpoint, socket: Socket, settings: ConnectionSettings) {
    this.endpoint = endpoint;
    this.#socket = socket;
    this.#settings = settings;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    socket.on('data', (bytes: Buffer) => this.#push(bytes));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const { code = 'ESOCKET', message } = error;
      this.close(new ConnectionError(code, `${this.#name()}: ${message}${adviceOn(code)}`, { cause: error }));
    });
    socket.on('close', () =>
      this.close(new ConnectionError('CLOSED', `${this.#name()} closed the connection${this.#whyClosed()}`)),
    );
    this.#timer = setInterval(() => this.#checkDeadline(), Math.max(5, Math.min(250, settings.requestTimeoutMs / 4)));
    this.#timer.unref();
  }

  get open(): boolean {
    return this.#closeReason === null;
  }
  get requestsInFlight(): number {
    return this.#waiting.length;
  }
  /** True when the broker speaks a version of `api` that we speak. */
  supports<Q, S>(api: Api<Q, S>): boolean {
    const range = this.#ranges.get(api.key);
    return range !== undefined && range[0] <= api.versions[1] && range[1] >= api.versions[0];
  }

  /** Sends a request; resolves with its answer. Rejects with ConnectionError, ProtocolError or UnsupportedError. */
  call<Q, S>(api: Api<Q, S>, request: Q): Promise<S> {
    if (this.#closeReason !== null) return Promise.reject(this.#closeReason);
    if (this.#waiting.length >= requestsInFlightMax)
      return Promise.reject(new ConnectionError('BUSY', `${this.#name()}: too many requests are in flight`));
    const range = this.#ranges.get(api.key);
    if (range === undefined || !this.supports(api))
      return Promise.reject(
        new UnsupportedError(
          `${this.#name()} does not speak ${api.name} version ${api.versions.join(' to ')}` +
            (range === undefined ? '' : ` (it speaks ${range.join(' to ')})`),
        ),
      );
    const version = Math.min(api.versions[1], range[1]);
    const correlationId = this.#nextCorrelationId;
    this.#nextCorrelationId = (correlationId + 1) & 0x7fffffff;
    const frame = encodeFrame(api, version, correlationId, this.#settings.clientId, request);
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        correlationId,
        name: api.name,
        flexible: version >= api.flexibleFrom && api.key !== apiVersions.key,
        settle: (reader) => resolve(api.decode(reader, version)),
        fail: reject,
        deadline: Math.max(performance.now(), this.#throttledUntil) + this.#settings.requestTimeoutMs,
      });
      this.#socket.cork();
      for (const piece of frame) this.#socket.write(piece);
      this.#socket.uncork();
    });
  }

  /**
   * An answer said that a quota is used up: the broker reads nothing more for so long (KIP-219). It is not silent; and who connected anew
   * meanwhile would get around the quota.
   */
  throttle(ms: number): void {
    if (ms <= 0) return;
    this.#throttledUntil = performance.now() + ms;
    for (const waiting of this.#waiting) waiting.deadline += ms;
  }

  /** Closes at once. Whoever waits gets `reason`. */
  close(reason: Error = new ConnectionError('CLOSED', `${this.#name()}: closed by us`)): void {
    if (this.#closeReason !== null) return;
    this.#closeReason = reason;
    clearInterval(this.#timer);
    this.#socket.destroy();
    for (const waiting of this.#waiting.splice(0)) waiting.fail(reason);
    this.#resolveClosed(reason);
  }

  async #negotiate(): Promise<void> {
    const answer = await this.call(apiVersions, { softwareName: 'penstock', softwareVersion: '1' });
    if (answer.errorCode !== 0)
      throw new UnsupportedError(`${this.#name()} is too old: it refused ApiVersions v3 (error ${answer.errorCode})`);
    this.#ranges = answer.ranges;
  }
  #push(bytes: Buffer): void {
    try {
      this.#frames.push(bytes);
    } catch (error) {
      const { message } = error as Error;
      const named = message.startsWith(this.#name()) ? message : `${this.#name()}: ${message}`;
      this.close(error instanceof ProtocolError ? new ProtocolError(named) : (error as Error));
    }
  }
  /** A listener with SASL tells anybody its versions and hangs up at the next request, one with TLS at the first. */
  #whyClosed(): string {
    const isFirst = this.#answers <= 1 && this.#waiting.length > 0; // without a request: it was idle for too long
    if (!isFirst || this.#settings.sasl !== null) return '';
    const tls = this.#settings.tls === null ? ' or TLS (kafkas://)' : '';
    return ` at the first request: does it want SASL (sasl_mechanism=)${tls}?`;
  }
  #receive(response: Buffer): void {
    const waiting = this.#waiting[0];
    const reader = new BufferReader(response);
    const correlationId = reader.int32();
    if (waiting === undefined || waiting.correlationId !== correlationId)
      throw new ProtocolError(`${this.#name()} answered ${correlationId}, which is not the oldest request in flight`);
    if (waiting.flexible) reader.tags();
    waiting.settle(reader);
    this.#answers++;
    this.#waiting.shift();
  }
  #checkDeadline(): void {
    const oldest = this.#waiting[0];
    if (oldest === undefined || performance.now() < oldest.deadline) return;
    const limit = `${this.#settings.requestTimeoutMs} ms`;
    this.close(
      new ConnectionError('REQUEST_TIMED_OUT', `${this.#name()} did not answer ${oldest.name} within ${limit}`),
    );
  }
  #name(): string {
    return `broker ${this.endpoint.host}:${this.endpoint.port}`;
  }
}

/** Length, request header v1 or v2 and body. The client id stays a plain string in v2 too (KIP-482). */
export function encodeFrame<Q, S>(
  api: Api<Q, S>,
  version: number,
  correlationId: number,
  clientId: string,
  request: Q,
): Buffer[] {
  const writer = new BufferWriter();
  const length = writer.reserve(4);
  writer.int16(api.key).int16(version).int32(correlationId).string(clientId);
  if (version >= api.flexibleFrom) writer.noTags();
  api.encode(writer, request, version);
  const bytes = writer.length - 4;
  const pieces = writer.finish();
  // The first piece may have moved to a larger buffer since `length` was reserved.
  (pieces[0] ?? length).writeInt32BE(bytes, 0);
  return pieces;
}
