/** What a request must be before its body is read. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.js';

const headersMax = 100;

/** @throws Refusal 400, 401, 403, 404, 405, 417, 431 */
export function checkRequest(request: IncomingMessage, token: string | null): void {
  checkMessage(request);
  if (pathOf(request) !== '/ingest') throw new Refusal(404, 'nothing here: events go to POST /ingest');
  if (request.method !== 'POST') throw new Refusal(405, 'events go to POST /ingest', { allow: 'POST' });
  // Browsers add it: any page that somebody on this network looks at could write events. A token no page knows.
  if (token === null && request.headers.origin !== undefined)
    throw new Refusal(403, 'events of web pages are not taken (Origin)');
  if (token !== null && !bearerIs(request.headers.authorization, token)) {
    throw new Refusal(401, 'a valid bearer token is required', { 'www-authenticate': 'Bearer' });
  }
  const { expect } = request.headers;
  if (expect !== undefined && !/^100-continue$/i.test(expect))
    throw new Refusal(417, 'only 100-continue can be expected');
}

/** Of which a message may have one; of several, some take the first and some the last. */
const single = ['host', 'content-type', 'authorization', 'idempotency-key'];

/** What the HTTP parser lets through and a proxy might read differently (RFC 9112 sections 2.3, 3.2, 6.1, 6.3). */
function checkMessage(request: IncomingMessage): void {
  const names = request.rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
  if (names.length > headersMax) throw new Refusal(431, `more than ${headersMax} headers`);
  const count = (name: string) => names.filter((other) => other === name).length;
  for (const name of single) if (count(name) > 1) throw new Refusal(400, `more than one ${name}`);
  if (request.httpVersionMajor !== 1) throw new Refusal(400, `HTTP/${request.httpVersion} is not spoken here`);
  if (request.httpVersion === '1.1' && count('host') === 0) throw new Refusal(400, 'no Host');
  const transfer = request.headers['transfer-encoding'];
  if (transfer === undefined) {
    if (count('content-length') > 1) throw new Refusal(400, 'more than one Content-Length');
    return;
  }
  if (count('content-length') > 0) throw new Refusal(400, 'both Content-Length and Transfer-Encoding');
  if (request.httpVersion !== '1.1') throw new Refusal(400, `Transfer-Encoding in HTTP/${request.httpVersion}`);
  if (transfer.trim().toLowerCase() !== 'chunked') throw new Refusal(400, 'Transfer-Encoding is not chunked');
}

/** As it stands: what a proxy lets through by its path must not become another here. Absolute forms are of any host (RFC 9112 section 3.2.2). */
const pathOf = ({ url = '' }: IncomingMessage) => url.replace(/^https?:\/\/[^/?#]*/i, '').split('?', 1)[0];

function bearerIs(header: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
  if (given === undefined) return false;
  // Digests have one length, so the comparison tells nothing of the token, not even how long it is.
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
