/** A request's body as it was sent, bounded. */
import type { IncomingMessage } from 'node:http';
import type { FairShare } from '../../../engine/fair-share.js';
import { busy, Refusal } from './refusal.js';

/** What a request holds of the budget; given back once, whatever happens. */
export class Share {
  #held = 0;
  /** `sender`: whose the request is. */
  constructor(
    readonly budget: FairShare,
    readonly sender: string,
  ) {}

  /** @throws Refusal 429 when the budget is used up */
  take(bytes: number): void {
    if (!this.budget.take(bytes, this.sender)) throw busy('the memory for request bodies is used up', 0, 'memory');
    this.#held += bytes;
  }
  release(): void {
    this.budget.give(this.#held, this.sender);
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

/** @throws Refusal 400, 413, 429; PeerGone */
export async function readBody(request: IncomingMessage, bytesMax: number, share: Share): Promise<Buffer> {
  const body = new GrowingBody(Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY), bytesMax, share);
  await new Promise<void>((resolve, reject) => {
    const done = (finish: () => void) => {
      request.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
      request.pause();
      finish();
    };
    const onData = (part: Buffer) => {
      try {
        body.add(part);
      } catch (refusal) {
        done(() => reject(refusal));
      }
    };
    const onEnd = () => done(resolve);
    const onGone = () => done(() => reject(new PeerGone()));
    request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
  return body.bytes;
}

/**
 * One piece of memory that grows with what has come. Not a list of parts: each costs a hundred bytes and more beside its own, and the
 * sender chooses how small they are (chunks of a byte, RFC 9112 section 7.1).
 */
class GrowingBody {
  #room: Buffer = Buffer.alloc(0);
  #size = 0;
  #parts = 0;

  /** `announced`: what the sender said it has, Infinity: it did not. Believed only as far as it has come. */
  constructor(
    readonly announced: number,
    readonly bytesMax: number,
    readonly share: Share,
  ) {}

  get bytes(): Buffer {
    return this.#room.subarray(0, this.#size);
  }

  /** @throws Refusal 400, 413, 429 */
  add(part: Buffer): void {
    const size = this.#size + part.length;
    if (++this.#parts > partsMin && size < this.#parts * partBytesMin)
      throw new Refusal(400, `the body comes in chunks of less than ${partBytesMin} bytes: send larger ones`);
    if (size > this.bytesMax) throw tooLarge(this.bytesMax);
    if (size > this.#room.length) this.#grow(part, size);
    else part.copy(this.#room, this.#size);
    this.#size = size;
  }

  #grow(part: Buffer, size: number): void {
    const most = Math.min(this.announced, this.bytesMax);
    const length = size >= most ? size : Math.min(most, Math.max(2 * size, roomBytesMin));
    this.share.take(length - this.#room.length);
    if (part.length === length)
      this.#room = part; // all of it in one part, as of most small bodies
    else {
      const room = Buffer.allocUnsafe(length);
      this.#room.copy(room, 0, 0, this.#size);
      part.copy(room, this.#size);
      this.#room = room;
    }
  }
}

const roomBytesMin = 4096;
/** A part costs microseconds, however small: megabytes of chunks of a byte would keep everybody else waiting for seconds. */
const partBytesMin = 16;
/** So many may be smaller. */
const partsMin = 4096;

/** What a part that is thrown away counts for beside its bytes: chunks of a byte end it soon. */
const discardedPartBytes = 256;

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
      left -= part.length + discardedPartBytes;
      if (left < 0) resolve();
    });
    for (const event of ['end', 'error', 'close']) request.on(event, resolve);
    request.resume();
    request.once('close', () => clearTimeout(timer)).once('end', () => clearTimeout(timer));
  });
}

const tooLarge = (bytesMax: number) => new Refusal(413, `the body is larger than ${bytesMax} bytes`);
