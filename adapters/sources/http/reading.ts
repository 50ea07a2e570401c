/** A request's body as it was sent, bounded. */
import type { IncomingMessage } from 'node:http';
import type { Budget } from './budget.js';
import { busy, Refusal } from './refusal.js';

/** What a request holds of the budget; given back once, whatever happens. */
export class Share {
  #held = 0;
  constructor(readonly budget: Budget) {}

  /** @throws Refusal 429 when the budget is used up */
  take(bytes: number): void {
    if (!this.budget.take(bytes)) throw busy('the memory for request bodies is used up', 0, 'memory');
    this.#held += bytes;
  }
  release(): void {
    this.budget.give(this.#held);
    this.#held = 0;
  }
}

/** The peer went away: there is nobody to answer. */
export class PeerGone extends Error {
  override readonly name = 'PeerGone';
}

/** Before a byte of the body is asked for. @throws Refusal 413 */
export function checkAnnounced(request: IncomingMessage, bytesMax: number): void {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLarge(bytesMax);
}

/** @throws Refusal 413, 429; PeerGone */
export async function readBody(request: IncomingMessage, bytesMax: number, share: Share): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  await new Promise<void>((resolve, reject) => {
    const done = (finish: () => void) => {
      request.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
      request.pause();
      finish();
    };
    const onData = (part: Buffer) => {
      bytes += part.length;
      try {
        if (bytes > bytesMax) throw tooLarge(bytesMax);
        share.take(part.length);
        parts.push(part);
      } catch (refusal) {
        done(() => reject(refusal));
      }
    };
    const onEnd = () => done(resolve);
    const onGone = () => done(() => reject(new PeerGone()));
    request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts, bytes);
}

/**
 * Reads and forgets what a refused client still sends, for a while: a connection closed with unread bytes is reset, and
 * the client would lose the answer.
 */
export function discardBody(request: IncomingMessage, bytesMax: number, timeoutMs: number): Promise<void> {
  if (request.readableEnded || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let left = bytesMax;
    const timer = setTimeout(resolve, timeoutMs);
    request.on('data', (part: Buffer) => {
      left -= part.length;
      if (left < 0) resolve();
    });
    for (const event of ['end', 'error', 'close']) request.on(event, resolve);
    request.resume();
    request.once('close', () => clearTimeout(timer)).once('end', () => clearTimeout(timer));
  });
}

const tooLarge = (bytesMax: number) => new Refusal(413, `the body is larger than ${bytesMax} bytes`);
