/** Why a request is not taken: becomes the answer. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
    /** Events of this request that are durable all the same. */
    readonly accepted = 0,
  ) {
    super(message);
  }
}

/** No room now: the client comes back after a second. */
export const busy = (message: string, accepted = 0): Refusal =>
  new Refusal(429, message, { 'retry-after': '1' }, accepted);
export const unavailable = (message: string, accepted = 0): Refusal =>
  new Refusal(503, message, { 'retry-after': '5' }, accepted);
