/** Requests with an Idempotency-Key are stored once (draft-ietf-httpapi-idempotency-key-header). */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { OpenRequest, RequestName, Requests } from '../../../engine/contracts.js';
import type { Framed } from './framing.js';
import { busy, Refusal } from './refusal.js';

const keyBytesMax = 255;

/** The key, or null. As a string of structured fields ("…") or bare, as many clients send it. @throws Refusal 400 */
export function idempotencyKey(request: IncomingMessage): string | null {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return null;
  const text = typeof header === 'string' ? header.trim() : ''; // several are none
  const key = /^"(.*)"$/.exec(text)?.[1] ?? text;
  if (key === '' || key.length > keyBytesMax || !/^[\x21-\x7e ]+$/.test(key))
    throw new Refusal(400, `Idempotency-Key must be 1 to ${keyBytesMax} printable ASCII characters, given once`);
  return key;
}

/** The events of a request that was stored before, or the request to go on with. @throws Refusal 422, 429 */
export async function beginRequest(
  requests: Requests,
  name: RequestName,
  body: Buffer,
  framed: Framed,
): Promise<number | OpenRequest> {
  const digest = createHash('sha256').update(framed.framing).update(framed.format).update(body).digest();
  const begun = await requests.begin(name, digest, framed.pieces.length);
  switch (begun.state) {
    case 'open':
      return begun;
    case 'stored':
      return begun.events;
    case 'conflict':
      throw new Refusal(422, 'this Idempotency-Key was used for another body within the last 10 minutes');
    case 'full':
      throw busy('as many Idempotency-Keys are remembered of this sender as may be', 0, 'memory');
  }
}
