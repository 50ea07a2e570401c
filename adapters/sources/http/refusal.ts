/** Why a request is not taken: becomes the answer, and the reason it is counted by. */

/** Reasons as native/src/io/io_stats.h names them. */
export type RefusalReason =
  | 'malformed'
  | 'aborted'
  | 'schema'
  | 'unauthorized'
  | 'origin'
  | 'not_found'
  | 'timeout'
  | 'too_large'
  | 'unsupported'
  | 'conflict'
  | 'rate'
  | 'memory'
  | 'busy'
  | 'pipelined'
  | 'unavailable'
  | 'error';

const reasons: Readonly<Record<number, RefusalReason>> = {
  400: 'malformed',
  401: 'unauthorized',
  403: 'origin',
  404: 'not_found',
  405: 'not_found',
  408: 'timeout',
  413: 'too_large',
  415: 'unsupported',
  417: 'unsupported',
  422: 'conflict',
  429: 'busy',
  431: 'too_large',
  500: 'error',
  503: 'unavailable',
};

export const reasonOf = (status: number): RefusalReason => reasons[status] ?? 'error';

export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
    /** Events of this request that are durable all the same. */
    readonly accepted = 0,
    readonly reason: RefusalReason = reasonOf(status),
  ) {
    super(message);
  }
}

/** No room now: the client comes back after a second. */
export const busy = (message: string, accepted = 0, reason: RefusalReason = 'busy'): Refusal =>
  new Refusal(429, message, { 'retry-after': '1' }, accepted, reason);
/** The sender was faster than it may be. */
export const tooFast = (waitMs: number): Refusal =>
  new Refusal(429, 'beyond the rate of one sender', { 'retry-after': String(Math.ceil(waitMs / 1000)) }, 0, 'rate');
export const unavailable = (message: string, accepted = 0): Refusal =>
  new Refusal(503, message, { 'retry-after': '5' }, accepted);
