import type { SendPart } from './batch-item.js';
import { type Failure, failureOfError } from './trouble.js';
import { type ProduceRequest, produce, produceInTransaction } from './wire/apis/produce.js';
import type { Endpoint } from './wire/connect.js';
import { Connection, type ConnectionSettings } from './wire/connection.js';

/** Where a link gets its work from: partitions whose leader this broker is. */
export interface PartSource {
  /** The next part to send to broker `id`, or null when there is none now. */
  takePart(brokerId: number): SendPart | null;
}
export interface LinkEvents {
  readonly signal: AbortSignal;
  /** Before the next connection is tried. */
  pauseForTry(attempt: number): Promise<void>;
  /** Every batch is part of a transaction of this id. */
  readonly transactionalId?: string;
  failed(failure: Failure): void;
  connected(): void;
  answered(requestBytes: number, throttledMs: number): void;
}

const requestsInFlightMax = 5;
/** A request takes at most one batch of each partition, and no more than this. */
const requestBytesMax = 4 << 20;
const requestPartsMax = 64;
const networkException = 13;
/** A resolved promise: what follows it runs as a microtask, at less cost than by `queueMicrotask`. */
const turn = Promise.resolve();

/** The Produce connection to one broker: sends what its partitions have ready, at most five requests unanswered. */
export class BrokerLink {
  readonly id: number;
  endpoint: Endpoint;
  /** The last try to connect failed. */
  down = false;
  readonly #settings: ConnectionSettings;
  readonly #events: LinkEvents;
  #sources: readonly PartSource[] = [];
  /** Which source is asked first: the one after the last that was asked. */
  #next = 0;
  readonly #urgent: SendPart[] = [];
  #connection: Connection | null = null;
  #connecting = false;
  #inFlight = 0;
  #attempts = 0;
  #scheduled = false;
  #closed = false;

  constructor(id: number, endpoint: Endpoint, settings: ConnectionSettings, events: LinkEvents) {
    this.id = id;
    this.endpoint = endpoint;
    this.#settings = settings;
    this.#events = events;
  }

  get connected(): boolean {
    return this.#connection?.open ?? false;
  }
  attach(source: PartSource): void {
    this.#sources = [...this.#sources.filter((other) => other !== source), source];
    this.schedule();
  }
  detach(source: PartSource): void {
    this.#sources = this.#sources.filter((other) => other !== source);
  }
  /** Looks for work after the current turn, so that parts that become ready together share a request. */
  schedule(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    void turn.then(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }
  /** Sends `part` before anything else, in a request of its own. */
  sendAlone(part: SendPart): void {
    if (this.#closed) {
      part.done(networkException, 'the broker left the cluster');
      return;
    }
    this.#urgent.push(part);
    if (this.#connection === null) void this.#connect();
    else this.schedule();
  }
  /** The broker moved: later requests go to `endpoint`. */
  moveTo(endpoint: Endpoint): void {
    if (endpoint.host === this.endpoint.host && endpoint.port === this.endpoint.port) return;
    this.endpoint = endpoint;
    this.#connection?.close();
  }
  close(): void {
    this.#closed = true;
    this.#connection?.close();
    this.#failUrgent('closed');
  }

  #pump(): void {
    while (this.#inFlight < requestsInFlightMax && !this.#closed) {
      if (this.#connection === null || !this.#connection.open) return void this.#connect();
      if (this.#retiring(this.#connection)) return;
      const parts = this.#collect();
      if (parts.length === 0) return;
      this.#send(this.#connection, parts);
    }
  }
  /** A SASL session that is about to end takes no new requests; when it is idle a new connection replaces it. */
  #retiring(connection: Connection): boolean {
    if (performance.now() < connection.retireAt) return false;
    if (this.#inFlight === 0) connection.close();
    return true;
  }
  #collect(): SendPart[] {
    const urgent = this.#urgent.shift();
    if (urgent !== undefined) return [urgent];
    const parts: SendPart[] = [];
    let bytes = 0;
    const sources = this.#sources;
    const count = sources.length;
    for (let asked = 0; asked < count && parts.length < requestPartsMax && bytes < requestBytesMax; asked++) {
      const part = sources[this.#next++ % count]!.takePart(this.id);
      if (part === null) continue;
      parts.push(part);
      bytes += part.header.length + part.rest.length;
    }
    if (count > 0) this.#next %= count;
    return parts.length < 2 ? parts : parts.sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : 0));
  }
  #send(connection: Connection, parts: readonly SendPart[]): void {
    this.#inFlight++;
    const timeoutMs = Math.max(50, Math.floor(this.#settings.requestTimeoutMs * 0.8));
    connection
      .call(...this.#requestOf(timeoutMs, parts))
      .then(
        (response) => {
          connection.throttle(response.throttleMs);
          const bytes = parts.reduce((sum, part) => sum + part.rest.length, 0);
          this.#events.answered(bytes, response.throttleMs);
          for (const part of parts) {
            const answer = response.answers.find((a) => a.partition === part.partition && a.topic === part.topic);
            if (answer === undefined) part.done(networkException, 'the answer does not name the partition');
            else part.done(answer.errorCode, answer.errorMessage, answer);
          }
        },
        (error: Error) => {
          connection.close(error);
          for (const part of parts) part.done(networkException, error.message);
        },
      )
      .finally(() => {
        this.#inFlight--;
        this.schedule();
      });
  }
  #requestOf(timeoutMs: number, parts: readonly SendPart[]): [typeof produce, ProduceRequest] {
    const transactionalId = this.#events.transactionalId;
    if (transactionalId === undefined) return [produce, { timeoutMs, parts }];
    return [produceInTransaction, { timeoutMs, parts, transactionalId }];
  }
  async #connect(): Promise<void> {
    if (this.#connecting || this.#closed) return;
    if (this.#sources.length === 0 && this.#urgent.length === 0) return;
    this.#connecting = true;
    try {
      const connection = await Connection.open(this.endpoint, this.#settings);
      if (this.#closed) return connection.close();
      this.#connection = connection;
      this.#attempts = 0;
      this.down = false;
      this.#events.connected();
      void connection.closed.then(() => {
        if (this.#connection === connection) this.#connection = null;
        this.schedule();
      });
    } catch (error) {
      this.down = true;
      this.#failUrgent((error as Error).message);
      this.#events.failed(failureOfError(error));
      await this.#events.pauseForTry(++this.#attempts);
    } finally {
      this.#connecting = false;
      this.schedule();
    }
  }
  #failUrgent(why: string): void {
    for (const part of this.#urgent.splice(0)) part.done(networkException, why);
  }
}
