import type { Logger } from 'pino';
import type { Breaker } from '../../../engine/contracts.js';
import { DeliveryError } from '../../../engine/errors.js';
import { type ErrorClass, errorCode } from './error-codes.js';
import { AuthenticationError, ConnectionError, ProtocolError, UnsupportedError } from './wire/wire-errors.js';

/** What went wrong, in the three ways we need it. */
export interface Failure {
  readonly class: ErrorClass;
  /** Stable: Kafka's name, or the system's. */
  readonly code: string;
  readonly text: string;
}

/** A broker's error code. `object`: to which topic, partition or broker it happened. */
export function failureOfCode(code: number, object: string, brokerText: string | null): Failure {
  const known = errorCode(code);
  const said = brokerText === null || brokerText === '' ? '' : ` (the broker says: ${brokerText.slice(0, 300)})`;
  return { class: known.class, code: known.name, text: `${object}: ${known.name}: ${known.text}${said}` };
}

/** An error of our side of the wire. */
export function failureOfError(error: unknown): Failure {
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof AuthenticationError)
    return {
      class: 'wait',
      code: 'SASL_AUTHENTICATION_FAILED',
      text: `${text}: correct the user, the password or the mechanism`,
    };
  if (error instanceof UnsupportedError)
    return { class: 'wait', code: 'UNSUPPORTED_VERSION', text: `${text}: Kafka 2.8 or later is needed` };
  if (error instanceof ConnectionError) return { class: 'refresh', code: error.code, text };
  if (error instanceof ProtocolError)
    return {
      class: 'refresh',
      code: 'PROTOCOL_ERROR',
      text: `${text}: is this a Kafka port, with the right security setting?`,
    };
  return { class: 'refresh', code: 'UNEXPECTED', text };
}

export function deliveryError(failure: Failure): DeliveryError {
  const verdict = failure.class === 'never' ? 'never' : failure.class === 'wait' ? 'wait' : 'retry';
  return new DeliveryError(verdict, failure.code, failure.text);
}

/** Passing faults younger than this do not make the sink unready: a leader election takes seconds. */
const graceMs = 10_000;

/** The trouble of the moment: shown by health, logged once per kind until delivery works again. */
export class Trouble {
  readonly #log: Logger;
  #current: { failure: Failure; since: number } | null = null;
  #times = 0;
  /** Codes logged since the trouble began. */
  readonly #logged = new Set<string>();

  constructor(
    log: Logger,
    private readonly breaker?: Breaker,
  ) {
    this.#log = log;
  }
  note(failure: Failure): void {
    this.#times++;
    this.breaker?.failed();
    if (!this.#logged.has(failure.code)) this.#log.warn({ code: failure.code }, failure.text);
    this.#logged.add(failure.code);
    this.#current = { failure, since: this.#current?.since ?? performance.now() };
  }
  /** Something was delivered, or, with nothing to deliver, brokers and topics are there. */
  clear(): void {
    this.breaker?.succeeded();
    if (this.#current === null) return;
    this.#log.info({ code: this.#current.failure.code, times: this.#times }, 'Kafka takes batches again');
    this.#current = null;
    this.#times = 0;
    this.#logged.clear();
  }
  get detail(): string | null {
    return this.#current === null ? null : this.#current.failure.text;
  }
  get serious(): boolean {
    if (this.#current === null) return false;
    return this.#current.failure.class === 'wait' || performance.now() - this.#current.since > graceMs;
  }
}
